import { createWriteStream, existsSync } from 'node:fs';
import { link, mkdir, rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createAwsAccess } from '../../aws/calls/clients.ts';
import { networkOfEnvironment } from '../../aws/identity/proxy.ts';
import { findFramework } from '../../domain/frameworks/find.ts';
import { ACCOUNT_ID } from '../../domain/model/arn.ts';
import { TrailSealError, usageError } from '../../domain/model/errors.ts';
import { timestampAuthority } from '../../local/timestamp-authority.ts';
import { type PackRequest, writePack } from '../../report/evidence/pack.ts';
import type { PackManifest } from '../../report/evidence/pack-manifest.ts';
import { failedIn, periodOf, runsIn } from '../../report/evidence/period.ts';
import { type PackChoice, type PreparedPack, preparePack } from '../../report/evidence/prepare-pack.ts';
import type { SubsetRequest } from '../../report/scope/subset.ts';
import { selectRun } from '../../report/tables/tables.ts';
import { openAccess } from '../connection.ts';
import { openSigner } from '../signing.ts';
import { sanitize, type Terminal } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { openResults, type ResultOptions } from './report.ts';
import { askedScope } from './scope-of-run.ts';

export interface EvidenceOptions extends ResultOptions {
  framework: string;
  out: string;
  from?: string;
  to?: string;
  accounts?: string[];
  ou?: string[];
  accountDataInScope?: boolean;
  signingKey?: string;
  timestampUrl?: string;
  scope?: string;
}

/** `trailseal evidence`: writes a pack and prints its path. */
export async function evidenceCommand(
  options: EvidenceOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const found = findFramework(options.framework);
  if (!found.found) throw usageError(found.message);
  checkOptions(options);
  if (found.taken !== null) terminal.err.write(`${found.taken}\n`);
  const { timestampUrl: url } = options;
  const sender = url === undefined ? null : networkOfEnvironment();
  const authority = url === undefined || !sender ? null : timestampAuthority({ url, sender });
  const store = await openResults(options);
  const runs = await chosenRuns(options, store);
  const subset = chosenPart(options);
  const accountDataInScope = options.accountDataInScope ?? subset.scope?.holds.includes('card-data') ?? false;
  const choice = { store, framework: found.framework, subset, accountDataInScope, signal, ...runs };
  mustBeFree(options.out);
  const prepared = await preparePack(choice);
  const file = options.out;
  if (prepared.status === 'PARTIAL')
    terminal.err.write(
      `${runs.period === null ? 'The run is PARTIAL' : 'Not every run of the period is COMPLETE'}: the pack says so on its first page and in MANIFEST.json.\n`,
    );
  const access =
    options.signingKey === undefined
      ? createAwsAccess({ region: 'us-east-1', version: VERSION })
      : await openAccess({ profile: options.profile, signal });
  try {
    const signer = await openSigner({ arn: options.signingKey, access, terminal });
    const pack = await written(file, {
      ...choice,
      prepared,
      signer,
      timestampAuthority: authority,
      made: { at: new Date().toISOString(), by: userAndMachine() },
      toolVersion: VERSION,
    });
    terminal.out.write(`${file}\n`);
    terminal.err.write(afterwards(pack, signer.keyName));
    return pack.problems.length > 0 ? 2 : 0;
  } finally {
    access.close();
    sender?.destroy?.();
  }
}

/** `maria@audit-laptop`; a user without an entry of its own by its number. */
function userAndMachine(): string {
  let user: string;
  try {
    user = userInfo().username;
  } catch {
    user = `uid ${process.getuid?.() ?? '?'}`;
  }
  return sanitize(`${user}@${hostname()}`);
}

function chosenPart({ accounts, ou, scope }: EvidenceOptions): SubsetRequest {
  if (scope === undefined) return { accounts: accounts ?? [], ous: ou ?? [] };
  return askedScope(scope);
}

function checkOptions({ accounts, ou, scope, run, from, to }: EvidenceOptions): void {
  if (scope !== undefined && (accounts !== undefined || ou !== undefined))
    throw usageError('--scope stands alone: --accounts and --ou would say something else.');
  for (const id of accounts ?? []) {
    if (!ACCOUNT_ID.test(id))
      throw usageError(`"${id.slice(0, 40)}" (--accounts) is not an account id: give 12 digits.`);
  }
  if (run !== undefined && (from !== undefined || to !== undefined))
    throw usageError('--run is for one run, --from and --to for all runs of a period: give one of them.');
  if (from === undefined && to !== undefined) throw usageError('--to needs --from: the first day of the period.');
}

async function chosenRuns(
  { run, from, to }: EvidenceOptions,
  store: PackChoice['store'],
): Promise<Pick<PackChoice, 'runs' | 'failed' | 'period' | 'next'>> {
  if (from === undefined) return { runs: [await selectRun(store, run)], failed: [], period: null, next: null };
  const period = periodOf(from, to, new Date().toISOString().slice(0, 10));
  const { runs, next } = await runsIn(store, period);
  return { runs, failed: await failedIn(store, period, runs), period, next };
}

/** @throws TrailSealError USAGE */
function mustBeFree(file: string): void {
  if (!/\.zip$/i.test(file)) throw usageError(`"${file.slice(0, 200)}" (--out) must end in .zip.`);
  if (existsSync(file)) throw usageError(`${file} exists, and evidence is not overwritten: give another --out.`);
}

/** Whole or not at all: written under a name of its own first. */
async function written(
  file: string,
  request: Omit<PackRequest, 'sink'> & { prepared: PreparedPack },
): Promise<PackManifest> {
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    await mkdir(dirname(file), { recursive: true });
    const pack = await writePack({ ...request, sink: createWriteStream(temporary, { mode: 0o600, flags: 'wx' }) });
    await link(temporary, file);
    return pack;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof TrailSealError || typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw cause;
    throw new TrailSealError('PACK', `The pack could not be written to ${file} (${code}).`, { cause });
  } finally {
    await rm(temporary, { force: true });
  }
}

function afterwards(pack: PackManifest, keyName: string): string {
  const lines = [`${pack.files.length} files, ${pack.runs.length} ${pack.runs.length === 1 ? 'run' : 'runs'}.`];
  // To be compared with the fingerprint that `verify` prints.
  lines.push(`Signed with ${sanitize(keyName)}.`);
  if (pack.timestamp_url !== null) lines.push(`With a time stamp by ${sanitize(pack.timestamp_url)}.`);
  if (pack.simulated) lines.push('It is of a simulated organization, and says so: evidence of nothing.');
  for (const problem of pack.problems.slice(0, 20)) lines.push(`Not as recorded: ${sanitize(problem)}`);
  if (pack.problems.length > 20) lines.push(`… and ${pack.problems.length - 20} more, in its MANIFEST.json.`);
  return `${lines.join('\n')}\n`;
}
