import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parquetRows } from '../../functions/report/tables/parquet/parquet-reader.ts';
import { tableFile } from '../../functions/report/tables/tables.ts';
import type { Reply, WireRequest } from '../../functions/simulator/apis/wire.ts';
import { createSimulation, startSimulatedServer } from '../../functions/simulator/simulation.ts';
import { type Ended, trailseal } from './trailseal.ts';

/** Recognizable wherever it turns up. */
const SECRET = 'MARKEDmarkedSECRETsecretKEYkey/0123456789';
const TOKEN = 'MARKEDmarkedSESSIONsessionTOKENtoken+0123456789abcdef==';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trailseal-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An organization over loopback HTTP that remembers every secret it gave out or was shown. */
async function organization(spoil: (request: WireRequest, number: number) => Reply | undefined = () => undefined) {
  const simulation = createSimulation({ accounts: 6, regions: 2, seed: 4, preset: 'showcase' });
  const secrets = new Set<string>([SECRET, TOKEN]);
  let calls = 0;
  const answer = (request: WireRequest): Reply => {
    const token = request.headers['x-amz-security-token'];
    if (token !== undefined) secrets.add(token);
    const reply = spoil(request, calls++) ?? simulation.answer(request);
    const { body } = reply.kind === 'response' ? reply.response : { body: '' };
    for (const [, given = ''] of String(body).matchAll(/<(?:SecretAccessKey|SessionToken)>([^<]+)</g))
      secrets.add(given);
    return reply;
  };
  const server = await startSimulatedServer({ simulation: { ...simulation, answer } });
  return { server, secrets, simulation };
}

const scan = (environment: Record<string, string>, ...more: string[]): Promise<Ended> =>
  trailseal(['scan', '--debug', '--out', join(folder, 'report'), '--fail-on', 'none', ...more], {
    env: {
      ...environment,
      ...{ AWS_SECRET_ACCESS_KEY: SECRET, TRAILSEAL_HOME: join(folder, 'home'), AWS_MAX_ATTEMPTS: '2' },
    },
  });

/** Every file under the folder, as its reader would read it: unpacked, and tables as rows. */
async function contents(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const key = path.slice(join(folder, 'report').length + 1);
    const file = tableFile(key);
    let text = path.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
    if (file) {
      const rows: unknown[] = [];
      for await (const row of parquetRows({ table: file.table, bytes, source: key })) rows.push(row);
      text += JSON.stringify(rows);
    }
    // The page carries its tables packed.
    if (path.endsWith('.html'))
      for (const [packed] of text.matchAll(/[A-Za-z0-9+/=]{200,}/g)) text += inflated(Buffer.from(packed, 'base64'));
    found.set(key, text);
  }
  return found;
}

const inflated = (bytes: Buffer): string => {
  try {
    return inflateRawSync(bytes).toString();
  } catch {
    return '';
  }
};

async function expectNoSecrets(ended: Ended, secrets: ReadonlySet<string>): Promise<Map<string, string>> {
  const all = new Map([...(await contents()), ['stdout', ended.out], ['stderr', ended.err]]);
  const leaks = [...all].flatMap(([name, text]) =>
    [...secrets].filter((secret) => text.includes(secret)).map((secret) => `${name}: ${secret.slice(0, 24)}…`),
  );
  expect(leaks).toEqual([]);
  return all;
}

/** The headers of the request, as a careless proxy or service puts them into its answers. */
const echo = ({ headers }: WireRequest): string =>
  `Authorization: ${headers.authorization} X-Amz-Security-Token: ${headers['x-amz-security-token']} (${headers['x-amz-security-token']}) ${SECRET}`;

const answer = (status: number, body: string, type = 'application/x-amz-json-1.1'): Reply => ({
  kind: 'response',
  response: { status, headers: { 'content-type': type, 'x-amzn-requestid': 'r' }, body },
});

describe('credentials', () => {
  test('of a scan are in none of its files, nor in what it says; the files are for their owner alone', async () => {
    const { server, secrets } = await organization();
    const ended = await scan(server.environment).finally(() => server.close());
    expect([ended.code, ended.signal]).toEqual([0, null]);
    // The role was assumed in five members: their keys and tokens are among what is looked for.
    expect(secrets.size).toBeGreaterThan(8);
    const all = await expectNoSecrets(ended, secrets);
    const report = [...all.keys()].filter((name) => /^(runs|tables|evidence|reports)\//.test(name));
    expect(report.length).toBeGreaterThan(20);
    // The search reads what it searches: account ids are everywhere.
    for (const kind of ['.parquet', '.gz', '.html', 'report.json'])
      expect(report.some((name) => name.endsWith(kind) && /\d{12}/.test(all.get(name) ?? ''))).toBe(true);
    for (const entry of await readdir(join(folder, 'report'), { recursive: true, withFileTypes: true })) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect([entry.name, (mode & 0o777).toString(8)]).toEqual([entry.name, entry.isDirectory() ? '700' : '600']);
    }
  }, 120_000);

  test('are left out where refusals, faulty answers and ended tokens quote them', async () => {
    const faulty: Record<number, (request: WireRequest) => Reply> = {
      0: (r) => answer(400, JSON.stringify({ __type: 'AccessDeniedException', message: echo(r) })),
      1: (r) => answer(200, `{"trailList": ${echo(r)}`),
      2: (r) => answer(400, JSON.stringify({ __type: 'ExpiredTokenException', message: echo(r) })),
      3: (r) => answer(500, echo(r), 'text/plain'),
      4: (r) => answer(400, JSON.stringify({ __type: echo(r), message: echo(r) })),
    };
    let hits = 0;
    const { server, secrets } = await organization((request, number) => {
      // Sessions of members alone: the scan itself must get under way.
      if (request.headers['x-amz-security-token'] === undefined || number % 2 === 0) return undefined;
      return faulty[hits++ % 5]?.(request);
    });
    const ended = await scan(server.environment).finally(() => server.close());
    expect(ended.code).toBe(0);
    expect(hits).toBeGreaterThan(10);
    const all = await expectNoSecrets(ended, secrets);
    // What was refused is there, without them.
    expect([...all.values()].some((text) => text.includes('[removed]'))).toBe(true);
  }, 120_000);

  test.each([
    [
      'a refusal',
      (r: WireRequest) =>
        answer(
          403,
          `<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>${echo(r)}</Message></Error></ErrorResponse>`,
          'text/xml',
        ),
    ],
    ['no XML at all', (r: WireRequest) => answer(200, echo(r), 'text/xml')],
  ])(
    'are not in the error of a scan that %s ends, with the stack and its cause',
    async (_, spoil) => {
      const { server, secrets } = await organization(spoil);
      const ended = await scan({ ...server.environment, AWS_SESSION_TOKEN: TOKEN }).finally(() => server.close());
      expect(ended.code).toBe(1);
      expect(ended.err).toMatch(/^trailseal: .+\n[\s\S]*\n {4}at /m);
      await expectNoSecrets(ended, secrets);
    },
    120_000,
  );
});
