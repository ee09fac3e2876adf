import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Answer } from './answer.ts';
import { type Job, type Peer, roleArn, type Told } from './peer.ts';
import { programOf, pythonVersion, runTool } from './tool.ts';

const POLICY = 'trail-without-key';

/** The filter is that of the documentation's example for `aws.cloudtrail` (action `update-trail`). */
const POLICIES = { policies: [{ name: POLICY, resource: 'aws.cloudtrail', filters: [{ KmsKeyId: 'empty' }] }] };

export const c7nOrg: Peer = {
  name: 'c7n-org',
  install: '`pip install c7n-org` into a virtual environment; TRAILSEAL_BENCH_C7N_ORG names its `bin/c7n-org`',
  find: () => {
    const program = programOf('TRAILSEAL_BENCH_C7N_ORG', 'c7n-org');
    if (program === null) return null;
    return {
      version: pythonVersion(program, 'c7n-org'),
      mode: 'one `c7n-org run` over an accounts file with roles, `--region all`, its own number of workers',
      run: (job) => run(program, job),
    };
  },
};

async function run(program: string, job: Job): Promise<Told> {
  const accounts = job.accountIds.map((accountId) => ({
    account_id: accountId,
    name: accountId,
    role: roleArn(job, accountId),
    regions: ['all'],
  }));
  const [accountsFile, policyFile, out, cache] = ['accounts.yml', 'policies.yml', 'out', 'cache'].map((name) =>
    join(job.folder, name),
  ) as [string, string, string, string];
  writeFileSync(accountsFile, stringify({ accounts }));
  writeFileSync(policyFile, stringify(POLICIES));
  mkdirSync(cache);
  const { code, log } = await runTool({
    command: program,
    args: ['run', '-c', accountsFile, '-u', policyFile, '-s', out, '--cache-path', cache, '--cache-period', '0'],
    env: { ...job.environment, HOME: job.folder, AWS_DEFAULT_REGION: job.environment.AWS_REGION },
    cwd: job.folder,
    timeoutMs: job.timeoutMs,
  });
  if (!existsSync(out)) throw new Error(`c7n-org ended with ${code}: ${log.slice(-2_000)}`);
  return { answers: c7nAnswers(out), log };
}

/** What c7n-org left: a folder per account, region and policy, in it the resources that the policy matched. */
export const c7nAnswers = (out: string): Answer[] =>
  readdirSync(out).flatMap((accountId) =>
    readdirSync(join(out, accountId)).flatMap((region) => {
      const file = join(out, accountId, region, POLICY, 'resources.json');
      if (!existsSync(file)) return [];
      const resources = JSON.parse(readFileSync(file, 'utf8')) as { TrailARN: string }[];
      return resources.map(({ TrailARN }): Answer => ({ accountId, region, trailArn: TrailARN, says: 'unencrypted' }));
    }),
  );
