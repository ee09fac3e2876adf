import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { ACCOUNT_ID } from '../../domain/model/arn.ts';
import { TrailSealError, usageError } from '../../domain/model/errors.ts';
import { isRunId, runDate } from '../../domain/model/run-id.ts';
import { sanitize } from '../../domain/model/sanitize.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { isUnmet } from '../../domain/model/vocabulary.ts';
import { publishedWords, publishRun } from '../../handlers/publish-run.ts';
import { type AsffPublisher, asffJson } from '../../report/exports/asff.ts';
import { junitXml } from '../../report/exports/junit.ts';
import { runMarkdown } from '../../report/exports/markdown.ts';
import { ocsfLines } from '../../report/exports/ocsf.ts';
import { oscalJson } from '../../report/exports/oscal.ts';
import { sarifJson } from '../../report/exports/sarif.ts';
import type { Since } from '../../report/exports/since.ts';
import { readRunReport } from '../../report/run/run-report-file.ts';
import type { FindingRow, TrailRow } from '../../report/tables/columns.ts';
import { type FinishedRun, readTable, selectRun } from '../../report/tables/tables.ts';
import { connect, openAccess } from '../connection.ts';
import type { Terminal } from '../terminal.ts';
import { openResults, type ResultOptions } from './report.ts';

export const EXPORT_FORMATS = ['ocsf', 'asff', 'oscal', 'sarif', 'junit', 'markdown'] as const;
/** Formats that always hold what is not met, and no more. */
const WITHOUT_TARGETS: readonly string[] = ['oscal', 'sarif', 'markdown'];
type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportOptions extends ResultOptions {
  format: string;
  file?: string;
  allTargets?: boolean;
  publish?: boolean;
  account?: string;
  region?: string;
}

/** `trailseal export`: a run's findings in a standard format, streamed; with `--publish` into Security Hub. */
export async function exportCommand(options: ExportOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const format = EXPORT_FORMATS.find((f) => f === options.format);
  if (!format) {
    throw usageError(`--format takes ${EXPORT_FORMATS.join(', ')}, not "${options.format.slice(0, 40)}".`);
  }
  if (options.publish && format !== 'asff') {
    throw usageError('--publish sends to Security Hub, which takes --format asff.');
  }
  if (options.allTargets && WITHOUT_TARGETS.includes(format)) {
    throw usageError(`--all-targets is not for ${format}: targets that pass stay in the coverage table.`);
  }
  const store = await openResults(options);
  const run = await selectRun(store, options.run);
  if (options.publish) return publish({ store, run, options, terminal, signal });
  await write(await chunksOf(format, store, run, options), options.file, terminal);
  return 0;
}

type Source = { store: ReportStore; run: FinishedRun };

const findingsOf = ({ store, run }: Source): AsyncGenerator<FindingRow> =>
  readTable({ store, table: 'findings', runId: run.row.run_id, runDate: run.runDate });

/** A run with the run before it, for what is fixed or gone since. */
async function since(source: Source, options: ExportOptions): Promise<Since> {
  const { store, run } = source;
  const { previous_run_id: runId } = run.row;
  const whole = {
    run: run.row,
    findings: findingsOf(source),
    options: { allTargets: options.allTargets ?? false },
  };
  if (runId === null || !isRunId(runId)) return whole;
  const earlier = { store, table: 'findings', runId, runDate: runDate(runId) } as const;
  const before = new Map<string, boolean>();
  try {
    for await (const row of readTable({ ...earlier, columns: ['finding_id', 'status', 'resource_type'] as const })) {
      if (isUnmet(row.status) || row.resource_type !== 'target') before.set(row.finding_id, isUnmet(row.status));
    }
  } catch (error) {
    if (error instanceof TrailSealError && error.code === 'TABLE') return whole;
    throw error;
  }
  const at = { store, runId: run.row.run_id, runDate: run.runDate };
  return {
    ...whole,
    before,
    earlier: () => readTable(earlier),
    coverage: () => readTable({ ...at, table: 'coverage', columns: ['account_id', 'region', 'state'] }),
  };
}

async function trailsOf({ store, run }: Source): Promise<Map<string, TrailRow>> {
  const trails = new Map<string, TrailRow>();
  for await (const row of readTable({ store, table: 'trails', runId: run.row.run_id, runDate: run.runDate })) {
    trails.set(row.trail_arn, row);
  }
  return trails;
}

async function chunksOf(
  format: ExportFormat,
  store: ReportStore,
  run: FinishedRun,
  options: ExportOptions,
): Promise<AsyncGenerator<string>> {
  const source = { store, run };
  switch (format) {
    case 'ocsf':
      return ocsfLines(await since(source, options));
    case 'oscal':
      return oscalJson({ findings: () => findingsOf(source), run: run.row });
    case 'sarif':
      return sarifJson({ findings: findingsOf(source), run: run.row });
    case 'junit':
      return junitXml({
        findings: () => findingsOf(source),
        run: run.row,
        options: { allTargets: options.allTargets ?? false },
      });
    case 'markdown':
      return whole(runMarkdown(await readRunReport(store, run.row.run_id)));
    case 'asff': {
      const accountId = options.account ?? run.row.caller_arn.split(':')[4] ?? '';
      const publisher = publisherOf(
        accountId,
        options.region ?? (await openAccess({ profile: options.profile })).region,
        run,
      );
      return asffJson({ ...(await since(source, options)), publisher, trails: await trailsOf(source) });
    }
  }
}

async function* whole(text: string): AsyncGenerator<string> {
  yield text;
}

function publisherOf(accountId: string, region: string, run: FinishedRun): AsffPublisher {
  if (!ACCOUNT_ID.test(accountId)) {
    throw usageError(`--account takes the 12 digits of an account, not "${accountId.slice(0, 40)}".`);
  }
  return { accountId, region, partition: run.row.partition };
}

/** To stdout as fast as its reader reads, or to a file that appears whole or not at all. */
async function write(chunks: AsyncGenerator<string>, file: string | undefined, { out }: Terminal): Promise<void> {
  if (file === undefined) {
    for await (const chunk of chunks) if (!out.write(chunk)) await once(out, 'drain');
    return;
  }
  const partial = `${file}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await pipeline(chunks, createWriteStream(partial, { mode: 0o600, flags: 'wx' }));
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    const reason =
      error instanceof Error && !(error instanceof TrailSealError) && 'code' in error ? error.message : null;
    throw reason === null
      ? error
      : new TrailSealError('EXPORT', `${file} could not be written: ${reason}`, { cause: error });
  }
}

async function publish(
  request: Source & { options: ExportOptions; terminal: Terminal; signal: AbortSignal },
): Promise<number> {
  const { run, options, terminal, signal } = request;
  const connection = await connect({ profile: options.profile, homeRegion: options.region, signal });
  try {
    const { accountId, partition } = await connection.organization.caller();
    if (options.account !== undefined && options.account !== accountId) {
      throw usageError(`These credentials are for account ${accountId}, and --account says ${options.account}.`);
    }
    const publisher = { accountId, region: connection.region, partition };
    const outcome = await publishRun({
      ...{ access: connection.access, publisher, store: request.store, run, signal },
      allTargets: options.allTargets ?? false,
    });
    for (const { id, code, message } of outcome.failures) {
      terminal.err.write(`Not imported: ${sanitize(id)}: ${sanitize(code)} ${sanitize(message)}\n`);
    }
    const more = outcome.failed - outcome.failures.length;
    if (more > 0) terminal.err.write(`… and ${more} more.\n`);
    terminal.out.write(`${sanitize(publishedWords(publisher, outcome))}\n`);
    return outcome.failed > 0 ? 2 : 0;
  } finally {
    connection.close();
  }
}
