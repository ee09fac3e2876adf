import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { openTables } from '../../functions/local/duckdb.ts';
import { allRows } from '../../functions/report/queries/query-result.ts';
import { compiledMain } from '../cli/compiled.ts';
import { describeIfTools } from '../domain/remediation/tools.ts';
import type { StaticCredentials } from './aws-query.ts';
import { describeIfMoto } from './describe-with-moto.ts';
import { type MotoOrganization, startMotoOrganization } from './organization.ts';

const REPOSITORY = new URL('../../', import.meta.url);

/** What can be repaired from outside, one account for each; two whose trails are alike and share a bucket. */
const allow = (Sid: string, Principal: unknown, Action: string | string[]) => ({
  ...{ Sid, Effect: 'Allow', Principal, Action, Resource: '*' },
});
const keyPolicy =
  (...statements: object[]) =>
  (accountId: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [allow('Manage', { AWS: `arn:aws:iam::${accountId}:root` }, 'kms:*'), ...statements],
    });
const TOWER = 'aws-controltower-BaselineCloudTrail';
/** As the landing-zone accelerator's central key. */
const SERVICES = ['cloudtrail.amazonaws.com', 'config.amazonaws.com', 'ssm.amazonaws.com'];
const USE = ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'];
const FREEZE = { ...allow('Freeze', '*', 'kms:GenerateDataKey*'), Effect: 'Deny' };
const ONLY_AES256 = {
  ...{ Sid: 'OnlyAes256', Effect: 'Deny', Principal: '*', Action: 's3:PutObject' },
  Resource: 'arn:aws:s3:::picky-logs/*',
  Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' } },
};

const startOrganization = () =>
  startMotoOrganization({
    management: { buckets: [{ name: 'central', hardened: true }] },
    accounts: [
      {
        ...{ name: 'dying', buckets: [{ name: 'dying-logs', region: 'eu-west-1', hardened: true }] },
        keys: [{ name: 'dying', state: 'PendingDeletion', region: 'eu-west-1', rotation: true }],
        trails: [{ name: 'local', bucket: 'dying-logs', key: 'dying', region: 'eu-west-1' }],
      },
      { name: 'alike-1', trails: [{ name: 'alike', bucket: 'central', validation: true }] },
      { name: 'alike-2', trails: [{ name: 'alike', bucket: 'central', validation: true }] },
      // Two faults and more at once.
      {
        ...{ name: 'twice', buckets: [{ name: 'twice-logs' }] },
        trails: [{ name: 'audit', bucket: 'twice-logs', logging: false }],
      },
      {
        ...{ name: 'shared', buckets: [{ name: 'shared-logs', hardened: true }] },
        keys: [{ name: 'central', policy: keyPolicy(allow('Services', { Service: SERVICES }, USE)) }],
        trails: [{ name: 'audit', bucket: 'shared-logs', key: 'central', validation: true }],
      },
      // What may not be repaired.
      {
        ...{ name: 'frozen', buckets: [{ name: 'frozen-logs', hardened: true }] },
        keys: [{ name: 'frozen', policy: keyPolicy(FREEZE) }],
        trails: [{ name: 'audit', bucket: 'frozen-logs', key: 'frozen', validation: true }],
      },
      {
        ...{ name: 'picky', trails: [{ name: 'audit', bucket: 'picky-logs' }] },
        buckets: [{ name: 'picky-logs', policy: JSON.stringify({ Version: '2012-10-17', Statement: [ONLY_AES256] }) }],
      },
      { name: 'tower', trails: [{ name: TOWER, bucket: 'central', validation: true, multiRegion: true }] },
    ],
  });

describeIfTools(['aws', 'jq'], 'trailseal remediate', () => {
  describeIfMoto('against the AWS of moto', () => {
    let organization: MotoOrganization;
    let folder = '';
    beforeAll(async () => {
      organization = await startOrganization();
      folder = await mkdtemp(join(tmpdir(), 'trailseal-remediate-'));
    }, 60_000);
    afterAll(async () => {
      await organization?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const run = (command: string, args: string[], options: { cwd?: string; as: StaticCredentials; endpoint: string }) =>
      new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
        const { accessKeyId, secretAccessKey, sessionToken } = options.as;
        const env = {
          ...{ PATH: process.env.PATH, HOME: process.env.HOME, TRAILSEAL_HOME: join(folder, 'home') },
          ...{ AWS_ENDPOINT_URL: options.endpoint, AWS_REGION: 'us-east-1', AWS_MAX_ATTEMPTS: '2' },
          ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
          ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
          ...{ AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull },
        };
        const child = spawn(command, args, { cwd: options.cwd ?? REPOSITORY, env, stdio: ['ignore', 'pipe', 'pipe'] });
        const said = { stdout: '', stderr: '' };
        child.stdout.on('data', (chunk) => {
          said.stdout += chunk;
        });
        child.stderr.on('data', (chunk) => {
          said.stderr += chunk;
        });
        child.once('error', reject);
        child.once('close', (code) => resolve({ code, ...said }));
      });

    /** `trailseal …` in the management account, through the gateway. */
    const trailseal = async (...args: string[]) => {
      const as = await organization.credentials('management');
      const { endpoint } = organization.gateway.client;
      return run(process.execPath, [await compiledMain(), ...args], { as, endpoint });
    };

    const verdicts = async (root: string): Promise<Record<string, string>> => {
      const scanned = await trailseal('scan', '--out', root, '--quiet', '--fail-on', 'none');
      expect([scanned.code, scanned.stderr]).toEqual([0, expect.not.stringContaining('rror')]);
      const tables = await openTables({ store: createDirectoryStore(root) });
      try {
        const sql =
          'SELECT account_name, verdict FROM latest_trails JOIN (SELECT DISTINCT account_id, account_name FROM latest_coverage) USING (account_id)';
        return Object.fromEntries((await allRows(await tables.query(sql))).map((r) => [r.account_name, r.verdict]));
      } finally {
        await tables.close();
      }
    };

    test('writes scripts after which a second scan finds what they promised, and nothing else changed', async () => {
      const root = join(folder, 'root');
      expect(await verdicts(root)).toEqual({
        ...{ dying: 'BROKEN', 'alike-1': 'UNSEALED', 'alike-2': 'UNSEALED' },
        ...{ twice: 'UNSEALED', shared: 'SEALED', frozen: 'SEALED', picky: 'UNSEALED', tower: 'UNSEALED' },
      });
      const fixes = join(folder, 'fixes');
      const words = ['remediate', '--report', root, '--format', 'aws-cli', '--write', fixes];
      const written = await trailseal(...words);
      const { frozen, picky } = organization.accounts;
      // Where access logs go is the user's to say, and none is said here.
      const WHY = [/--access-log-bucket\.$/, /statement OnlyAes256/, /Freeze denies/, /belongs to Control Tower/];
      const lines = written.stderr.trimEnd().split('\n');
      expect(
        WHY.map((why) => lines.filter((line) => line.startsWith('Not repaired') && why.test(line)).length),
      ).toEqual([6, 1, 1, 1]);
      expect(lines).toHaveLength(9);
      expect(await readdir(fixes)).toEqual(
        expect.arrayContaining([`${frozen}-audit`, `${picky}-audit`, '2-accounts-alike']),
      );
      const scripts = (await readdir(fixes, { recursive: true }))
        .filter((f) => /(^|\/)([0-9]+-)?fix[^/]*\.sh$/.test(f))
        .sort();
      /** The scripts of one bundle in their order; a key that one makes is given to the next. */
      const repair = async (bundle: string) => {
        let keyArn = '';
        for (const script of scripts.filter((f) => dirname(f) === bundle)) {
          const text = await readFile(join(fixes, script), 'utf8');
          // What makes a trail where there is none is not what this is about, and moto has no Control Tower.
          if (text.includes('create-trail') || text.includes('update-landing-zone')) continue;
          const one = /this is for account (\d{12})\./.exec(text)?.[1];
          const accounts = one === undefined ? ['alike-1', 'alike-2'] : [nameOf(one)];
          for (const account of accounts) {
            const given = text.includes('--key-arn ARN') ? ['--key-arn', keyArn] : [];
            const as = await organization.credentials(account);
            const endpoint = organization.gateway.directUrl;
            const unwaited = text.includes('--no-wait') ? ['--no-wait'] : [];
            const args = [join(fixes, script), '--yes', ...unwaited, ...given];
            const { code, stderr } = await run('bash', args, { as, endpoint, cwd: join(fixes, dirname(script)) });
            expect([script, account, code === 0 ? '' : stderr]).toEqual([script, account, '']);
            keyArn = /^The key: (\S+)$/m.exec(stderr)?.[1] ?? keyArn;
          }
        }
      };
      await Promise.all([...new Set(scripts.map((f) => dirname(f)))].map(repair));
      expect(await verdicts(root)).toEqual({
        ...{ dying: 'SEALED', 'alike-1': 'SEALED', 'alike-2': 'SEALED' },
        ...{ twice: 'SEALED', shared: 'SEALED', frozen: 'SEALED', picky: 'UNSEALED', tower: 'UNSEALED' },
      });
      // Everything that was written was repaired: what is left is the trail that was not made.
      const after = await trailseal(
        'remediate',
        '--report',
        root,
        '--format',
        'aws-cli',
        '--write',
        join(folder, 'after'),
      );
      const folders = (await readdir(join(folder, 'after'))).sort();
      const { management, tower } = organization.accounts;
      expect([folders, left(after.stderr)]).toEqual([
        [`${management}-new-trail`, `${tower}-${TOWER}`].sort(),
        left(written.stderr),
      ]);
      expect(await policyOf('shared/central')).toContainEqual(allow('Services', { Service: SERVICES.slice(1) }, USE));
    }, 600_000);

    const policyOf = async (name: string): Promise<unknown[]> => {
      const credentials = await organization.credentials(name.split('/')[0] ?? '');
      const kms = new KMSClient({ endpoint: organization.gateway.directUrl, region: 'us-east-1', credentials });
      const request = new GetKeyPolicyCommand({ KeyId: organization.keys[name], PolicyName: 'default' });
      return (JSON.parse((await kms.send(request)).Policy ?? '') as { Statement: unknown[] }).Statement;
    };

    /**
     * Without the folder that repaired the rest of the trail, which the second time is none. moto's trails deliver nothing to a log group, so that the second scan finds one that nothing reaches.
     */
    const left = (stderr: string): string[] =>
      stderr
        .trimEnd()
        .split('\n')
        .filter((line) => !line.includes('Events do not reach the log group'))
        .map((line) => line.replace(/^(Not repaired) in \S+/, '$1'))
        .sort();

    const nameOf = (accountId: string): string =>
      Object.entries(organization.accounts).find(([, id]) => id === accountId)?.[0] ?? accountId;
  });
});
