import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { WrittenFile } from '../../functions/domain/model/observation.ts';
import { runKeys } from '../../functions/domain/model/plan.ts';
import { serve } from './serve.ts';

/**
 * Grows the working files of a real run to a size at which scanning again would take hours: every member account that
 * nobody else names is repeated under new ids, its own trails, keys and buckets with it. Writes the run's folder as the
 * scan would have left it, and beside it `observations.ndjson` with the same observations, one a line; with `evidence`
 * the raw answers of every account too.
 */
export interface CloneInput {
  from: string;
  runId: string;
  accounts: number;
  out: string;
  evidence?: boolean;
}

export interface CloneOutput {
  accounts: number;
  regions: number;
  runDate: string;
  observations: number;
  inspections: number;
}

const made = new Set<string>();
/** Raw answers of the model, unpacked. */
const answers = new Map<string, string>();

await serve(async ({ from, runId, accounts, out, evidence = false }: CloneInput): Promise<CloneOutput> => {
  const keys = runKeys(runId);
  const text = (key: string) => readFile(join(from, key), 'utf8');
  const folder = async (key: string) => {
    const names = await readdir(join(from, key)).catch(() => []);
    return Promise.all(names.sort().map((name) => text(`${key}${name}`)));
  };
  const plan = JSON.parse(await text(keys.plan));
  const planned = (await text(keys.accounts)).trim().split('\n');
  const observations = new Map((await folder(keys.observations)).map((t) => [JSON.parse(t).accountId as string, t]));
  const inspections = await folder(keys.inspections);
  const items = JSON.parse(await text(keys.inspectItems)) as { owner: string; itemId: string }[];

  const idOf = (line: string): string => JSON.parse(line).accountId;
  const own = new Set(planned.map(idOf));
  const named = new Set<string>([plan.callerAccountId, plan.managementAccountId]);
  for (const [id, observation] of observations) {
    for (const other of observation.match(/\b\d{12}\b/g) ?? []) if (other !== id) named.add(other);
  }
  const models = planned.filter((line) => !named.has(idOf(line)));
  if (models.length === 0) throw new Error('the run has no account that can be repeated');

  const copies: { id: string; model: string; line: string }[] = [];
  for (let serial = 0; own.size + copies.length < accounts; serial++) {
    const line = models[serial % models.length] ?? '';
    const id = String(200_000_000_000 + serial * 7_919_777);
    if (own.has(id)) continue;
    copies.push({ id, model: idOf(line), line: line.replaceAll(idOf(line), id) });
  }

  const repeated = (text: string, model: string, id: string): Promise<string> =>
    evidence ? withEvidence(text, { from, out, model, id }) : Promise.resolve(renamed(text, model, id));
  if (evidence) {
    for (const name of await readdir(join(from, keys.evidence), { withFileTypes: true })) {
      if (!name.isFile() || name.name.startsWith('manifest.')) continue;
      const to = await place(join(out, keys.evidence, name.name));
      await writeFile(to, await readFile(join(from, keys.evidence, name.name)));
    }
  }

  const ndjson = createWriteStream(await place(join(out, 'observations.ndjson')));
  let written = 0;
  const observe = async (id: string, observation: string): Promise<void> => {
    await writeFile(await place(join(out, keys.observation(id))), observation);
    written += 1;
    if (!ndjson.write(`${observation}\n`)) await new Promise<void>((resolve) => ndjson.once('drain', () => resolve()));
  };
  for (const [id, observation] of observations) await observe(id, observation);
  for (const { id, model } of copies) {
    const observation = observations.get(model);
    if (observation) await observe(id, await repeated(observation, model, id));
  }
  await new Promise<void>((resolve) => ndjson.end(() => resolve()));

  const allItems = [...items];
  let inspected = 0;
  const inspect = async (inspection: string): Promise<void> => {
    await writeFile(await place(join(out, keys.inspection(JSON.parse(inspection).itemId))), inspection);
    inspected += 1;
  };
  const byOwner = new Map<string, string[]>();
  for (const inspection of inspections) {
    const { owner } = JSON.parse(inspection) as { owner: string };
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), inspection]);
    await inspect(inspection);
  }
  const itemsOf = new Map<string, string[]>();
  for (const item of items) itemsOf.set(item.owner, [...(itemsOf.get(item.owner) ?? []), JSON.stringify(item)]);
  for (const { id, model } of copies) {
    for (const inspection of byOwner.get(model) ?? []) await inspect(await repeated(inspection, model, id));
    for (const item of itemsOf.get(model) ?? []) allItems.push(JSON.parse(renamed(item, model, id)));
  }

  const lines = [...planned, ...copies.map(({ line }) => line)].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  await writeFile(await place(join(out, keys.plan)), JSON.stringify({ ...plan, accounts: lines.length }));
  await writeFile(join(out, keys.accounts), `${lines.join('\n')}\n`);
  await writeFile(join(out, keys.inspectItems), JSON.stringify(allItems));
  // The report believes the inspections that this names, and no others.
  await writeFile(join(out, keys.inspectPlan), JSON.stringify(allItems.map(({ itemId }) => itemId)));
  return {
    accounts: lines.length,
    regions: plan.regions.length,
    runDate: plan.runDate,
    observations: written,
    inspections: inspected,
  };
});

/** The text of a model as its copy's: keys of its own too, for random ids are what compresses worst. */
function renamed(text: string, model: string, id: string): string {
  const keys = new RegExp(`:${model}:key/(mrk-)?([0-9a-f-]{32,36})`, 'g');
  return text
    .replaceAll(
      keys,
      (_, multiRegion: string | undefined, key: string) => `:${model}:key/${multiRegion ?? ''}${keyIdOf(key, id)}`,
    )
    .replaceAll(model, id);
}

/** An observation or inspection as its copy's, the raw answers that it rests on written beside it. */
async function withEvidence(
  text: string,
  { from, out, model, id }: { from: string; out: string; model: string; id: string },
): Promise<string> {
  const { evidence } = JSON.parse(text) as { evidence: WrittenFile | null };
  const copy = JSON.parse(renamed(text, model, id)) as { evidence: WrittenFile | null };
  if (!evidence) return JSON.stringify(copy);
  const known = answers.get(evidence.key) ?? gunzipSync(await readFile(join(from, evidence.key))).toString('utf8');
  answers.set(evidence.key, known);
  const bytes = gzipSync(renamed(known, model, id), { level: 5 });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const name = basename(evidence.key)
    .replace(model, id)
    .replace(/[0-9a-f]{16}(?=\.ndjson\.gz$)/, sha256.slice(0, 16));
  copy.evidence = { key: `${dirname(evidence.key)}/${name}`, sha256, bytes: bytes.length };
  await writeFile(await place(join(out, copy.evidence.key)), bytes);
  return JSON.stringify(copy);
}

function keyIdOf(key: string, account: string): string {
  const hash = createHash('sha256').update(`${key}|${account}`).digest('hex');
  let at = 0;
  return key.replaceAll(/[0-9a-f]/g, () => hash[at++] ?? '0');
}

async function place(path: string): Promise<string> {
  const parent = dirname(path);
  if (!made.has(parent)) await mkdir(parent, { recursive: true });
  made.add(parent);
  return path;
}
