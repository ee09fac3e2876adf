import {
  deployedWorkflow,
  type ExecutionEnd,
  executionArn,
  followExecution,
  startExecution,
} from '../../aws/deployed-workflow.ts';
import { TrailSealError, usageError } from '../../domain/model/errors.ts';
import { newRunId } from '../../domain/model/run-id.ts';
import { quoted } from '../../domain/remediation/formats/shell.ts';
import {
  executionInputOf,
  flagOf,
  type SettingInput,
  settingDeclarations,
} from '../../domain/settings/run-settings.ts';
import { readRunReport } from '../../report/run/run-report-file.ts';
import { openAccess } from '../connection.ts';
import { programName } from '../program-name.ts';
import { openRoot } from '../report-root.ts';
import { narrowBecause, refuseBeside } from '../scan/because.ts';
import { checkRunId, tellEndedRun } from '../scan/ended-run.ts';
import { DEFAULT_STACK, failOn, runSettings, type ScanOptions } from '../scan-options.ts';
import { scanProgress } from '../scan-progress.ts';
import type { Terminal } from '../terminal.ts';

/** The options of `trailseal run` as commander hands them over. */
export type RunOptions = Omit<ScanOptions, 'out' | 'simulate' | 'waivers' | 'dryRun' | 'signingKey' | 'sseKmsKey'> & {
  stack: string;
  region?: string;
  /** Name of an execution that was started before. */
  follow?: string;
};

/**
 * `trailseal run`: starts the deployed workflow, follows it and prints what came of it. Ctrl-C ends the following alone.
 * @returns the exit code that `scan` would end with
 */
export async function runCommand(options: RunOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const counting = failOn(options.failOn);
  const input = executionInput(options);
  const access = await openAccess({ profile: options.profile, homeRegion: options.region, signal });
  try {
    const { stateMachineArn, reportRoot } = await deployedWorkflow(access, options.stack);
    const store = await openRoot(reportRoot, () => access);
    const name = options.follow ?? newRunId(Date.now());
    if (options.because !== undefined && !(await narrowBecause(options.because, store, name, terminal))) return 0;
    const arn = options.follow
      ? executionArn(stateMachineArn, name)
      : await startExecution({
          ...{ access, stateMachineArn, name },
          input: options.because === undefined ? input : { because: name },
        });
    const follow = `${programName()} run --follow ${name}${place(options)}`;
    const isQuiet = options.quiet === true || options.json === true;
    if (!isQuiet) terminal.err.write(`${options.follow ? 'Following' : 'Started'} ${arn}\n`);
    const progress = scanProgress(terminal.err, { quiet: isQuiet });
    const end = await followExecution({
      ...{ access, executionArn: arn, signal },
      onEvent: (event) => progress.event(event),
    }).catch((error: unknown) => {
      if (signal.aborted) return null;
      const why = error instanceof Error ? error.message : String(error);
      throw new TrailSealError('RUN', [`The run can no longer be followed: ${why}`, `It goes on: ${follow}`], {
        cause: error,
      });
    });
    progress.end();
    if (end === null) {
      terminal.err.write(`The run goes on in AWS; this follows it again:\n  ${follow}\n`);
      return 130;
    }
    if (end.status !== 'SUCCEEDED') throw failure(end, arn);
    // A schedule names its executions otherwise than their runs.
    const { run_id: runId } = end.output as { run_id?: string };
    const report = await readRunReport(store, runId ?? name);
    const resume = `${programName()} run --resume ${report.run.run_id}${place(options)}`;
    return tellEndedRun({ report, root: store.root, resume, counting }, options, terminal);
  } finally {
    access.close();
  }
}

/** @throws TrailSealError USAGE */
function executionInput(options: RunOptions): SettingInput & { resume?: string } {
  const { resume, follow, because, given = [] } = options;
  checkRunId(resume);
  if (follow !== undefined && !/^[\w.-]{1,80}$/.test(follow))
    throw usageError(`"${follow.slice(0, 90)}" (--follow) is not the name of an execution.`);
  const settings = runSettings({ ...options, out: '' }, '');
  const asked = settingDeclarations.filter(({ option }) => option !== undefined && given.includes(option));
  const flags = asked.map((declared) => flagOf(declared));
  const narrowing = [...(resume === undefined ? [] : ['--resume']), ...flags];
  const others = [...(follow === undefined ? [] : ['--follow']), ...narrowing];
  if (because !== undefined) refuseBeside(others);
  if (follow !== undefined && narrowing.length > 0)
    throw usageError(`--follow is for a run that has begun: leave ${narrowing.join(', ')} out.`);
  if (resume !== undefined && flags.length > 0)
    throw usageError(`Run ${resume} is finished as it was planned: leave ${flags.join(', ')} out, or start a new run.`);
  if (resume !== undefined) return { resume };
  return executionInputOf(
    settings,
    asked.map(({ name }) => name),
  );
}

/** Where the deployment is, as it is typed again. */
const place = ({ stack, region, profile }: RunOptions): string =>
  [
    ...(stack === DEFAULT_STACK ? [] : [` --stack ${quoted(stack)}`]),
    ...(region === undefined ? [] : [` --region ${quoted(region)}`]),
    ...(profile === undefined ? [] : [` --profile ${quoted(profile)}`]),
  ].join('');

function failure({ status, error, cause }: Exclude<ExecutionEnd, { status: 'SUCCEEDED' }>, arn: string): Error {
  const words = { FAILED: 'failed', TIMED_OUT: 'took too long and was stopped', ABORTED: 'was stopped' }[status];
  const why = [error, messageOf(cause)].filter((text) => text !== '').join(': ');
  return new TrailSealError('RUN_FAILED', [
    `The run ${words}${why === '' ? '' : `: ${why.slice(0, 1_000)}`}`,
    `When the cause is gone, this goes on from where it stopped: aws stepfunctions redrive-execution --execution-arn ${arn}`,
  ]);
}

/** A function's error is JSON, in which the sentence is. */
function messageOf(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}
