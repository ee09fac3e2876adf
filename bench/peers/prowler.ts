import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import pLimit from 'p-limit';
import type { Answer } from './answer.ts';
import { type Job, type Peer, roleArn, type Told, together, toldOf } from './peer.ts';
import { programOf, pythonVersion, runTool } from './tool.ts';

const CHECK = 'cloudtrail_kms_encryption_enabled';

export const prowler: Peer = {
  name: 'Prowler',
  install: '`pip install prowler` into a virtual environment; TRAILSEAL_BENCH_PROWLER names its `bin/prowler`',
  find: () => {
    const program = programOf('TRAILSEAL_BENCH_PROWLER', 'prowler');
    if (program === null) return null;
    return {
      version: pythonVersion(program, 'prowler'),
      mode: 'a process per account (`--role`), as many at once as there are cores',
      run: (job) => run(program, job),
    };
  },
};

async function run(program: string, job: Job): Promise<Told> {
  const limit = pLimit(job.cores);
  const told = await Promise.all(
    job.accountIds.map((accountId) =>
      limit(async (): Promise<Told> => {
        const out = join(job.folder, 'out');
        const { log } = await runTool({
          command: program,
          args: [
            'aws',
            ...['--role', roleArn(job, accountId)],
            ...['--checks', CHECK],
            ...['--output-modes', 'csv', '--output-directory', out, '--output-filename', accountId],
            ...['--no-banner', '--no-color', '--ignore-exit-code-3'],
          ],
          // Prowler leaves two regions out unless it is told which: here all tools look everywhere.
          env: { ...job.environment, HOME: job.folder, PROWLER_AWS_DISALLOWED_REGIONS: 'none' },
          cwd: job.folder,
          timeoutMs: job.timeoutMs,
        });
        const file = join(out, `${accountId}.csv`);
        const answers = existsSync(file) ? prowlerAnswers(readFileSync(file, 'utf8')) : [];
        return toldOf(accountId, answers, log);
      }),
    ),
  );
  return together(told);
}

/** What Prowler's CSV says of trails. */
export const prowlerAnswers = (csv: string): Answer[] => {
  const rows = parse(csv, { columns: true, delimiter: ';' }) as Record<string, string>[];
  return rows
    .filter((row) => row.CHECK_ID === CHECK)
    .map(({ ACCOUNT_UID = '', REGION = '', RESOURCE_UID = '', STATUS }) => ({
      accountId: ACCOUNT_UID,
      region: REGION,
      trailArn: RESOURCE_UID,
      says: STATUS === 'PASS' ? 'encrypted' : STATUS === 'FAIL' ? 'unencrypted' : 'could-not-look',
    }));
};
