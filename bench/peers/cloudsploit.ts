import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import type { Answer } from './answer.ts';
import { type Job, type Peer, roleArn, type Told, together, toldOf } from './peer.ts';
import { programOf, runTool } from './tool.ts';

const PLUGIN = 'cloudtrailEncryption';
const HOOK = fileURLToPath(new URL('cloudsploit-endpoint.cjs', import.meta.url));

export const cloudSploit: Peer = {
  name: 'CloudSploit',
  install:
    'clone github.com/aquasecurity/cloudsploit and `npm install` in it; TRAILSEAL_BENCH_CLOUDSPLOIT names its `index.js`',
  find: () => {
    const program = programOf('TRAILSEAL_BENCH_CLOUDSPLOIT', 'cloudsploit-scan');
    if (program === null) return null;
    const { version } = JSON.parse(readFileSync(join(dirname(program), 'package.json'), 'utf8')) as { version: string };
    return {
      version,
      mode: 'a process per account, through a profile with its role; four at once for each core, since it mostly waits',
      run: (job) => run(program, job),
    };
  },
};

async function run(program: string, job: Job): Promise<Told> {
  const limit = pLimit(4 * job.cores);
  const told = await Promise.all(
    job.accountIds.map((accountId) =>
      limit(async (): Promise<Told> => {
        const folder = join(job.folder, accountId);
        mkdirSync(folder);
        const config = join(folder, 'config');
        writeFileSync(config, awsConfig(job, accountId));
        const results = join(folder, 'results.json');
        const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...environment } = job.environment;
        const { log } = await runTool({
          command: process.execPath,
          args: ['--require', HOOK, program, '--plugin', PLUGIN, '--console', 'none', '--json', results],
          env: {
            ...environment,
            HOME: job.folder,
            AWS_SDK_LOAD_CONFIG: '1',
            AWS_CONFIG_FILE: config,
            AWS_PROFILE: 'scanned',
            CLOUDSPLOIT_FOLDER: dirname(program),
          },
          cwd: folder,
          timeoutMs: job.timeoutMs,
        });
        const answers = existsSync(results) ? cloudSploitAnswers(readFileSync(results, 'utf8'), accountId) : [];
        return toldOf(accountId, answers, log);
      }),
    ),
  );
  return together(told);
}

const awsConfig = (job: Job, accountId: string): string => `[profile scanned]
role_arn = ${roleArn(job, accountId)}
source_profile = scanner
region = ${job.environment.AWS_REGION}
[profile scanner]
aws_access_key_id = ${job.credentials.accessKeyId}
aws_secret_access_key = ${job.credentials.secretAccessKey}
`;

/** What CloudSploit's JSON says of one account; it leaves an empty file where it could not look at anything. */
export const cloudSploitAnswers = (json: string, accountId: string): Answer[] => {
  if (json === '') return [];
  const rows = JSON.parse(json) as { resource: string; region: string; status: string; message: string }[];
  return rows.map(({ resource, region, status, message }) => {
    const trailArn = resource.startsWith('arn:') ? resource : null;
    const says =
      status === 'OK'
        ? 'encrypted'
        : status === 'FAIL'
          ? message === 'CloudTrail is not enabled'
            ? 'no-trail'
            : 'unencrypted'
          : 'could-not-look';
    return { accountId, region, trailArn, says };
  });
};
