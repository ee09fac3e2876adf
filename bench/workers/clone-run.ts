import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runKeys } from '../../functions/domain/plan.ts';
import { serve } from './serve.ts';

/**
 * Grows the working files of a real run to a size at which scanning again would take hours: every member account that
 * nobody else names is repeated under new ids, its own trails, keys and buckets with it. Writes the run's folder as the
 * scan would have left it, and beside it `observations.ndjson` with the same observations, one a line.
 */
export interface CloneInput {
  from: string;
  runId: string;
  accounts: number;
  out: string;
}

export interface CloneOutput {
  accounts: number;
  regions: number;
  runDate: string;
  observations: number;
  inspections: number;
}

const made = new Set<string>();

await serve(async ({ from, runId, accounts, out }: CloneInput): Promise<CloneOutput> => {
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
    if (observation) await observe(id, renamed(observation, model, id));
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
    for (const inspection of byOwner.get(model) ?? []) await inspect(renamed(inspection, model, id));
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
