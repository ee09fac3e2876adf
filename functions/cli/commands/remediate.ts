import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { usageError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import { sanitize } from '../../domain/model/sanitize.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { causeOf, type Problem, type RemediationOptions, trailsOf } from '../../domain/remediation/decide/problem.ts';
import {
  REMEDIATION_FORMATS,
  type Remediation,
  type RemediationFormat,
  remediations,
} from '../../domain/remediation/remediate.ts';
import { orNull } from '../../domain/run/parsed.ts';
import { parsePlan } from '../../domain/run/run-files.ts';
import { RUN_SETTINGS } from '../../domain/settings/run-settings.ts';
import { runProblems } from '../../report/run/problems.ts';
import { selectRun } from '../../report/tables/tables.ts';
import type { Terminal } from '../terminal.ts';
import { openResults, type ResultOptions } from './report.ts';

export interface RemediateOptions extends ResultOptions {
  format: string;
  trail?: string;
  cause?: string;
  write?: string;
  keyRegion?: string;
  useKey?: string;
  alias?: string;
  readers?: string[];
  accessLogBucket?: string;
}

/** `trailseal remediate`: prints the fixes, or writes them to files. TrailSeal itself changes no account. */
export async function remediateCommand(options: RemediateOptions, terminal: Terminal): Promise<number> {
  const format = REMEDIATION_FORMATS.find((f) => f === options.format);
  if (!format)
    throw usageError(`--format takes ${REMEDIATION_FORMATS.join(', ')}, not "${options.format.slice(0, 40)}".`);
  const store = await openResults(options);
  const run = await selectRun(store, options.run);
  const problems = chosen(await runProblems(store, run), options);
  if (problems.length === 0) {
    terminal.out.write(`Run ${run.row.run_id} has nothing to repair.\n`);
    return 0;
  }
  let unrepaired = 0;
  const notRepaired = (causes: readonly string[], why: string, where = ''): void => {
    unrepaired += 1;
    terminal.err.write(`Not repaired${where}${causes.length > 0 ? ` (${causes.join(', ')})` : ''}: ${sanitize(why)}\n`);
  };
  const auditRoleName = await auditRole(store, run.row.run_id);
  for (const fix of remediations({ problems, format, options: { ...fixOptions(options), auditRoleName } })) {
    if (!fix.ok) {
      notRepaired(fix.rootCauseIds, fix.refusal);
      continue;
    }
    if (options.write) await writeFix(join(options.write, fix.name), fix, terminal);
    else printFix(fix, format, terminal);
    for (const { rootCauseId, why } of fix.left)
      notRepaired(rootCauseId === null ? [] : [rootCauseId], why, ` in ${fix.name}`);
  }
  return unrepaired > 0 ? 2 : 0;
}

function chosen(problems: Problem[], { trail, cause }: RemediateOptions): Problem[] {
  const matching = problems.filter((p) => (!trail || trailsOf(p).includes(trail)) && (!cause || causeOf(p) === cause));
  if (matching.length > 0 || (!trail && !cause)) return matching;
  const what = trail ? `trail ${trail.slice(0, 120)}` : `root cause ${cause?.slice(0, 40)}`;
  throw usageError(`There is nothing to repair for ${what} in this run: see \`trailseal query --named root-causes\`.`);
}

/** The role that the run assumed, which is to be let in; as the default has it where the run's plan has expired. */
async function auditRole(store: ReportStore, runId: string): Promise<string> {
  const bytes = await store.read(runKeys(runId).plan);
  const plan = bytes && orNull(parsePlan(bytes));
  return plan?.settings.roleName ?? RUN_SETTINGS.roleName.byDefault;
}

const fixOptions = (options: RemediateOptions): RemediationOptions => ({
  ...(options.keyRegion && { keyRegion: options.keyRegion }),
  ...(options.useKey && { useKeyArn: options.useKey }),
  ...(options.accessLogBucket && { accessLogBucket: options.accessLogBucket }),
  ...(options.alias && { alias: options.alias }),
  ...(options.readers && { readerAccountIds: options.readers }),
});

type Fix = Extract<Remediation, { ok: true }>;

function printFix(fix: Fix, format: RemediationFormat, { out, style }: Terminal): void {
  const mark = format === 'cloudformation-json' || format === 'console' ? '//' : '#';
  for (const file of fix.files) {
    out.write(
      `${style('bold', `${mark} ${fix.name}/${file.name}: ${sanitize(file.purpose)}`)}\n${file.content}${file.content.endsWith('\n') ? '' : '\n'}\n`,
    );
  }
}

/** Each fix in a folder of its own, named for account and trail. */
async function writeFix(folder: string, fix: Fix, terminal: Terminal): Promise<void> {
  for (const file of fix.files) {
    const path = join(folder, file.name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content, { mode: 0o600 });
    if (file.name.endsWith('.sh')) await chmod(path, 0o700);
    terminal.out.write(`${path}  ${sanitize(file.purpose)}\n`);
  }
}
