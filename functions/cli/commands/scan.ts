import { readFile } from 'node:fs/promises';
import { TrailSealError, usageError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import { newRunId } from '../../domain/model/run-id.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { quoted } from '../../domain/remediation/formats/shell.ts';
import { openRun } from '../../domain/run/run-folder.ts';
import { createHandlers } from '../../handlers/handlers.ts';
import { runStateMachine } from '../../local/state-machine/run.ts';
import { AT_FIRST } from '../../local/state-machine/side-by-side.ts';
import { codeIdentity } from '../../report/evidence/code-hash.ts';
import { argumentsToKeep } from '../../report/evidence/provenance.ts';
import { namedQuery } from '../../report/queries/queries.ts';
import type { RunReport } from '../../report/run/run-report.ts';
import { readRunReport } from '../../report/run/run-report-file.ts';
import { type Connection, connect } from '../connection.ts';
import { print } from '../print-result.ts';
import { programName } from '../program-name.ts';
import { openRoot } from '../report-root.ts';
import { checkBecause, narrowBecause } from '../scan/because.ts';
import { dryRun } from '../scan/dry-run.ts';
import { checkRunId, tellEndedRun } from '../scan/ended-run.ts';
import { checkResumed } from '../scan/resumed-plan.ts';
import { failOn, runSettings, type ScanOptions } from '../scan-options.ts';
import { scanProgress } from '../scan-progress.ts';
import { scanSigner } from '../signing.ts';
import { lineWidth, type Terminal, wrapped } from '../terminal.ts';
import { VERSION } from '../version.ts';

/** `trailseal scan`: runs the state machine on this machine and prints what came of it. @returns the exit code */
export async function scanCommand(options: ScanOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const counting = failOn(options.failOn);
  checkRunId(options.resume);
  if (options.dryRun && options.resume !== undefined)
    throw usageError('--dry-run is for a new scan, and --resume for one that has begun: give one of them.');
  checkBecause(options);
  const waivers = options.waivers === undefined ? null : await waiversText(options.waivers);
  const connection = await connect({ ...options, signal });
  try {
    if (options.dryRun) {
      const settings = runSettings(options, connection.region);
      return await dryRun({ connection, settings, options }, terminal);
    }
    const store = await openRoot(options.out, () => connection.access, { kmsKey: options.sseKmsKey });
    if (waivers !== null && options.resume !== undefined) await checkWaiversOf(options.resume, waivers, store);
    // Mistakes in the file are named with it when the run is planned, before anything is asked of the organization.
    const settings = { ...runSettings(options, connection.region), waiversKey: options.waivers ?? null };
    if (options.resume !== undefined) await checkResumed({ store, runId: options.resume, options });
    const signer = await scanSigner({ arn: options.signingKey, access: connection.access, terminal });
    const executionName = newRunId(connection.now());
    const runId = options.resume ?? executionName;
    if (options.because !== undefined && !(await narrowBecause(options.because, store, executionName, terminal)))
      return 0;
    const progress = scanProgress(terminal.err, {
      quiet: options.quiet === true || options.json === true,
      traffic: connection.access.traffic,
      targetsOfAccount: async () => (await openRun(store, runId)).plan.regions.length,
    });
    const result = await runStateMachine({
      input: inputOf(options, executionName),
      handlers: createHandlers({
        ...portsOf(connection, store),
        settings,
        waivers: async () => waivers,
        signer: async () => signer,
      }),
      store,
      executionName,
      concurrency: settings.concurrency,
      concurrencyAtFirst: AT_FIRST,
      signal,
      onEvent: (event) => progress.event(event),
    });
    progress.end();
    if (result.status === 'ABORTED') {
      const planned = await store.read(runKeys(runId).plan);
      terminal.err.write(
        planned
          ? `Stopped. What was scanned is kept; this finishes the rest:\n  ${resumeLine(options, runId)}\n`
          : 'Stopped before anything was scanned: there is nothing to resume.\n',
      );
      return 130;
    }
    if (result.status === 'FAILED') throw failure(result);
    if (result.status === 'TIMED_OUT')
      throw new TrailSealError(
        'TIMED_OUT',
        `The run took too long and was stopped; this finishes it: ${resumeLine(options, runId)}`,
      );
    const report = await readRunReport(store, runId);
    const ended = { report, root: store.root, resume: resumeLine(options, runId), counting };
    const code = tellEndedRun(ended, options, terminal);
    if (!options.json && !options.quiet && options.simulate !== undefined) await tour(store, runId, options, terminal);
    return code;
  } finally {
    connection.close();
  }
}

const inputOf = ({ resume, because }: ScanOptions, executionName: string): Record<string, string> => ({
  ...(resume !== undefined && { resume }),
  ...(because !== undefined && { because: executionName }),
});

const portsOf = (connection: Connection, store: ReportStore) => ({
  provenance: () => ({
    arguments: argumentsToKeep(process.argv.slice(2)),
    code: codeIdentity(),
    simulated: connection.simulation !== null,
  }),
  store,
  organization: connection.organization,
  sessions: connection.sessions,
  extras: async (report: RunReport, writing: ReportStore) => {
    // Loaded when it is needed: the chart library would slow down every other command.
    const { writeRunPage } = await import('../../report/current/run-page.ts');
    await writeRunPage({ report, writing, root: store });
  },
  notify: async () => {},
  now: connection.now,
  version: VERSION,
});

/** After a simulated run: one named query, and the one line that scans a real organization. */
async function tour(store: ReportStore, runId: string, options: ScanOptions, terminal: Terminal): Promise<void> {
  const { style } = terminal;
  const { openTables } = await import('../../local/duckdb.ts');
  const tables = await openTables({ store, runId });
  try {
    terminal.out.write(
      `\n${style('bold', '$')} ${programName()} query --named control-scorecard --report ${quoted(options.out)}\n`,
    );
    await print(await tables.query(namedQuery('control-scorecard').sql), 'table', terminal);
  } finally {
    await tables.close();
  }
  terminal.out.write(
    `\n${wrapped('This was a simulated organization: its faults are there on purpose. Yours, with the AWS credentials of this shell:', { indent: 0, width: lineWidth(terminal) })}\n  ${style('bold', 'npx --no-install trailseal doctor && npx --no-install trailseal scan')}\n`,
  );
}

async function waiversText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw usageError(`The waivers file ${file.slice(0, 200)} cannot be read.`, { cause });
  }
}

/** A resumed run keeps the waivers that it was planned with. */
async function checkWaiversOf(runId: string, text: string, store: ReportStore): Promise<void> {
  const kept = await store.read(runKeys(runId).waivers);
  if (kept && new TextDecoder().decode(kept) === text) return;
  throw usageError(
    `Run ${runId} was planned with other waivers, or none, and is finished with those: leave --waivers out, or start a new run.`,
  );
}

/** A handler's own error says more than its name in the workflow. */
function failure(result: { error: string; cause: string; thrown: unknown }): Error {
  if (result.thrown instanceof Error) return result.thrown;
  return new TrailSealError('RUN_FAILED', `The run failed: ${result.error} ${result.cause}`.slice(0, 500));
}

function resumeLine(options: ScanOptions, runId: string): string {
  const words = [`${programName()} scan`, `--resume ${runId}`, `--out ${quoted(options.out)}`];
  if (options.sseKmsKey) words.push(`--sse-kms-key ${quoted(options.sseKmsKey)}`);
  if (options.profile) words.push(`--profile ${quoted(options.profile)}`);
  if (options.simulate !== undefined)
    words.push(options.simulate === true ? '--simulate' : `--simulate ${quoted(options.simulate)}`);
  return words.join(' ');
}
