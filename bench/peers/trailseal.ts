import { join } from 'node:path';
import { BUILD } from '../compile.ts';
import type { Answer } from './answer.ts';
import type { Job, Told } from './peer.ts';
import { runTool } from './tool.ts';

/** TrailSeal as a user runs it, report included; its own answers read through its own queries. */
export async function runTrailSeal(job: Job): Promise<Told> {
  const root = join(job.folder, 'report');
  const trailseal = (args: string[]) =>
    runTool({
      command: process.execPath,
      args: [join(BUILD, 'functions', 'cli', 'main.js'), ...args],
      env: { ...job.environment, HOME: job.folder },
      cwd: job.folder,
      timeoutMs: job.timeoutMs,
    });
  const scan = await trailseal(['scan', '--no-lake', '--out', root, '--quiet', '--fail-on', 'none']);
  if (scan.code !== 0) throw new Error(`trailseal scan ended with ${scan.code}: ${scan.log.slice(-2_000)}`);
  return { answers: [], log: scan.log };
}

/** Read apart from the run, as those of the other tools are: out of what it left. */
export async function trailSealAnswers(job: Job): Promise<Answer[]> {
  const ask = async <Row>(sql: string): Promise<Row[]> => {
    const { code, log } = await runTool({
      command: process.execPath,
      args: [
        join(BUILD, 'functions', 'cli', 'main.js'),
        'query',
        '--report',
        join(job.folder, 'report'),
        '--format',
        'json',
        sql,
      ],
      env: { ...job.environment, HOME: job.folder },
      cwd: job.folder,
      timeoutMs: job.timeoutMs,
    });
    if (code !== 0) throw new Error(`trailseal query ended with ${code}: ${log.slice(-2_000)}`);
    return JSON.parse(log) as Row[];
  };
  const findings = await ask<FindingRow>(
    `select account_id, region, control_id, status, resource_arn from latest_findings
     where control_id in ('trail-kms-encrypted', 'trail-key-usable')`,
  );
  const targets = await ask<TargetRow>('select account_id, region, state, verdict from latest_coverage');
  return [...findings.flatMap(aboutTrail), ...targets.flatMap(aboutTarget)];
}

interface FindingRow {
  account_id: string;
  region: string;
  control_id: 'trail-kms-encrypted' | 'trail-key-usable';
  status: string;
  resource_arn: string;
}

interface TargetRow {
  account_id: string;
  region: string;
  state: string;
  verdict: string;
}

const aboutTrail = ({ account_id, region, control_id, status, resource_arn }: FindingRow): Answer[] => {
  const answer = { accountId: account_id, region, trailArn: resource_arn };
  if (control_id === 'trail-key-usable') return status === 'FAIL' ? [{ ...answer, says: 'key-unusable' }] : [];
  if (status === 'PASS') return [{ ...answer, says: 'encrypted' }];
  return status === 'FAIL' ? [{ ...answer, says: 'unencrypted' }] : [];
};

const aboutTarget = ({ account_id, region, state, verdict }: TargetRow): Answer[] => {
  const answer = { accountId: account_id, region, trailArn: null };
  if (state === 'REGION_DISABLED') return [{ ...answer, says: 'region-disabled' }];
  if (state === 'SCANNED') return verdict === 'NO_TRAIL' ? [{ ...answer, says: 'no-trail' }] : [];
  return state === 'ACCOUNT_INACTIVE' || state === 'EXCLUDED' ? [] : [{ ...answer, says: 'could-not-look' }];
};
