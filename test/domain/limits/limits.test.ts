import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAccountSessions } from '../../../functions/aws/account/account-session.ts';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { queryCommand } from '../../../functions/cli/commands/query.ts';
import { runSettings, type ScanOptions } from '../../../functions/cli/scan-options.ts';
import { LIMITS, type LimitName } from '../../../functions/domain/limits/limits.ts';
import { TrailSealError } from '../../../functions/domain/model/errors.ts';
import { emptyItem, type InspectItem } from '../../../functions/domain/model/inspection.ts';
import type { OrganizationReader } from '../../../functions/domain/model/organization-reader.ts';
import type { ScanPlan } from '../../../functions/domain/model/plan.ts';
import { answered, type CallFailure, failed } from '../../../functions/domain/model/reading.ts';
import { parsePolicy } from '../../../functions/domain/policy/document.ts';
import { inspectOwner } from '../../../functions/domain/run/inspect-owner.ts';
import { lines } from '../../../functions/domain/run/json-lines.ts';
import { planRun } from '../../../functions/domain/run/plan-run.ts';
import { parseObservation } from '../../../functions/domain/run/run-files.ts';
import { parseWaivers } from '../../../functions/domain/waivers/waiver.ts';
import { readPlanPayload } from '../../../functions/handlers/payload.ts';
import { timestampAuthority } from '../../../functions/local/timestamp-authority.ts';
import { pages } from '../../../functions/reads/paging.ts';
import { periodOf } from '../../../functions/report/evidence/period.ts';
import { verifyPack } from '../../../functions/report/evidence/verify.ts';
import { queryError, wire } from '../../aws/wire.ts';
import { isDeep } from '../../depth.ts';
import { signingPair } from '../../report/evidence/scanned-root.ts';
import { claiming, zipped } from '../../report/evidence/zip-surgery.ts';
import { SETTINGS } from '../../scan-world.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';

const ACCOUNT = '111111111111';
const id = (n: number) => String(n).padStart(12, '0');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trailseal-limits-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const planned = (organization: Partial<OrganizationReader>) =>
  planRun(
    memoryStore(),
    {
      caller: async () => ({ accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/u`, partition: 'aws' }),
      organization: async () => answered({ organizationId: 'o-1', managementAccountId: ACCOUNT }),
      regions: async () => ['us-east-1'],
      accounts: async function* () {},
      ...organization,
    },
    { settings: SETTINGS, executionArn: 'LOCAL', executionName: 'x', scannerVersion: '1', now: () => 0 },
  );

const options = (more: Partial<ScanOptions>): ScanOptions => ({
  ...{ out: 'x', roleName: 'R', concurrency: '8', failOn: 'none', lake: true },
  ...more,
});
const waiver = (more: string, id = 'a') => `  - id: ${id}
    control: trail-key-rotation
    reason: r
    ticket: t
    approver: me
    approved_on: 2026-11-01
${more}`;
const waivers = (text: string) => () => parseWaivers(`waivers:\n${text}`, { today: '2026-11-20' });
const ENDS = '    expires_on: 2027-01-01\n';
const ANYWHERE = `    accounts: "*"\n${ENDS}`;

/** A pack's files, signed by nobody. `claimed` is the size that the zip gives its manifest, where it is not the true one. */
const pack = async (
  name: string,
  files: { path: string; bytes: Buffer }[],
  { listed = [], claimed }: { listed?: object[]; claimed?: number } = {},
) => {
  const manifest = {
    ...{ version: 1, kind: 'trailseal-evidence-pack', name: 'p', tool_version: '1', period: null, subset: null },
    ...{ status: 'COMPLETE', simulated: true, runs: [], problems: [], files: listed },
    framework: { id: 'f', name: 'F', version: '1' },
  };
  const all = [{ path: 'p/MANIFEST.json', bytes: Buffer.from(JSON.stringify(manifest)) }, ...files];
  const file = await zipped(join(folder, `${name}.zip`), all);
  if (claimed !== undefined) await claiming(file, 'p/MANIFEST.json', claimed);
  return verifyPack({ file, keys: [signingPair().publicKey] });
};

/** Limits that take seconds to reach. */
const MANY = new Set(['pages', 'accounts']);

/** What happens one past each limit. */
const PAST: Record<LimitName, () => unknown> = {
  accounts: () =>
    expect(
      planned({
        accounts: async function* () {
          for (let n = 0; n <= LIMITS.accounts.most; n++)
            yield {
              ...{ accountId: id(n), accountName: '', accountState: 'ACTIVE' },
              joinedAt: null,
              ouPath: '',
              ouIds: '',
            };
        },
      }),
    ).rejects.toMatchObject({ code: 'LIMIT', message: expect.stringContaining('more than 50,000 accounts') }),
  regions: () =>
    expect(
      planned({
        regions: async () => ['us-east-1', ...Array.from({ length: LIMITS.regions.most }, (_, n) => `r-${n}`)],
      }),
    ).rejects.toMatchObject({ code: 'LIMIT', message: expect.stringContaining('more than 100 regions') }),
  filter: () => {
    const accounts = Array.from({ length: LIMITS.filter.most + 1 }, (_, n) => id(n));
    expect(() => runSettings(options({ accounts }), 'us-east-1')).toThrow('--accounts takes 10,000 entries at most');
    const payload = { input: { accounts }, execution_arn: 'a', execution_name: 'n' };
    expect(() => readPlanPayload(payload)).toThrow(TrailSealError);
    expect(readPlanPayload({ ...payload, input: { accounts: accounts.slice(1) } }).input.accounts).toHaveLength(10_000);
  },
  concurrency: () =>
    expect(() => runSettings(options({ concurrency: '1001' }), 'us-east-1')).toThrow('from 1 to 1000, not "1001"'),
  trailsInRegion: async () => {
    const trail = { Name: 't', TrailARN: `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/t`, HomeRegion: 'us-east-1' };
    const { handler } = wire(({ operation }) =>
      operation === 'DescribeTrails'
        ? { body: { trailList: Array.from({ length: LIMITS.trailsInRegion.most + 1 }, () => trail) } }
        : queryError('AccessDenied', 'no'),
    );
    const access = createAwsAccess({
      ...{ region: 'us-east-1', requestHandler: handler },
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' },
    });
    const caller = { accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/u`, partition: 'aws' };
    const sessions = createAccountSessions({ access, caller, roleName: 'R', externalId: null });
    const opened = await sessions.open({ accountId: ACCOUNT, runId: 'RUN' });
    if (!opened.ok) throw new Error(opened.failure.message);
    expect(await opened.value.trails('us-east-1')).toMatchObject({
      ok: false,
      failure: { kind: 'ERROR', code: 'TooManyTrails', message: expect.stringContaining('1001 trails') },
    });
  },
  pages: async () => {
    const all = async () => {
      for await (const _ of pages(
        'ListAccounts',
        async (_t, page) => page,
        (page) => `after ${page}`,
      ));
    };
    await expect(all()).rejects.toMatchObject({
      failure: { code: 'MalformedAnswer', message: 'there are more than 100,000 pages' },
    });
  },
  policy: () =>
    expect(parsePolicy(' '.repeat(LIMITS.policy.most + 1))).toMatchObject({
      ok: false,
      reason: 'TOO_LARGE',
      detail: expect.stringContaining('32769 bytes'),
    }),
  bucketSearch: async () => {
    const buckets = [{ bucket: 'b', logFolders: ['AWSLogs/*/CloudTrail'], candidates: [] }];
    const { asked, inspection } = await searched({ buckets }, { from: 0 });
    expect(asked).toBeGreaterThan(LIMITS.bucketSearch.most / 2);
    expect(asked).toBeLessThanOrEqual(LIMITS.bucketSearch.most + 1);
    expect(inspection.buckets[0]).toMatchObject({ accountId: null });
  },
  sampleSearch: async () => {
    const { asked, inspection } = await searched(
      {
        samples: [{ trailArn: 'arn', accountId: id(7), bucket: 'b', prefixes: ['AWSLogs/'] }],
        sampledBuckets: [{ bucket: 'b', candidates: [id(1)] }],
      },
      { from: 2 },
    );
    expect(asked).toBeGreaterThan(LIMITS.sampleSearch.most / 2);
    expect(asked).toBeLessThanOrEqual(LIMITS.sampleSearch.most);
    expect(inspection.buckets).toEqual([]);
    expect(inspection.samples).toMatchObject([
      { accountId: id(7), reading: { ok: false, failure: { message: expect.stringContaining('logArchiveAccounts') } } },
    ]);
  },
  waiversFile: () => expect(waivers(`#${'x'.repeat(LIMITS.waiversFile.most)}`)).toThrow('larger than 1 MB'),
  waivers: () => expect(waivers('  - a\n'.repeat(LIMITS.waivers.most + 1))).toThrow('more than 10,000 waivers'),
  waiverPatterns: () =>
    expect(waivers(waiver(`    accounts: [${Array(LIMITS.waiverPatterns.most + 1).fill('"1"')}]\n${ENDS}`))).toThrow(
      'waivers.yaml:8: accounts: has more than 5,000 patterns',
    ),
  waiverDays: () => {
    expect(waivers(waiver('    accounts: "*"\n    expires_on: 2027-11-02\n'))).toThrow('may be at most 365 days');
    expect(waivers(waiver(ANYWHERE))()).toHaveLength(1);
  },
  runFile: () =>
    expect(parseObservation(new Uint8Array(LIMITS.runFile.most + 1))).toEqual({ ok: false, why: 'larger than 64 MB' }),
  line: async () => {
    const file = async function* () {
      for (let read = 0; read <= LIMITS.line.most; read += 1_000_000) yield new Uint8Array(1_000_000).fill(65);
    };
    const all = async () => {
      for await (const _ of lines(file(), 'accounts.ndjson'));
    };
    await expect(all()).rejects.toThrow('accounts.ndjson has a line of more than 16,000,000 characters.');
  },
  query: () =>
    expect(
      queryCommand(
        `SELECT '${'x'.repeat(LIMITS.query.most)}'`,
        { report: [folder], database: 'd' },
        { out: process.stdout, err: process.stderr, style: (_, text) => text },
        new AbortController().signal,
      ),
    ).rejects.toThrow('A query has 100,000 characters at most.'),
  packDays: () => expect(() => periodOf('2010-01-01', '2026-11-20', '2026-11-20')).toThrow('ten years at most'),
  packEntries: async () => {
    const file = join(folder, 'entries.zip');
    await writeFile(file, zipThatClaims(LIMITS.packEntries.most + 1));
    const { problems } = await verifyPack({ file, keys: [signingPair().publicKey] });
    expect(problems).toEqual([
      { kind: 'UNREADABLE', path: null, message: 'It is no sound zip: it has 2000001 entries, more than 2000000.' },
    ]);
  },
  packPath: async () => {
    const { problems } = await pack('path', [
      { path: `p/${'x'.repeat(LIMITS.packPath.most)}`, bytes: Buffer.from('') },
    ]);
    expect(problems).toContainEqual(expect.objectContaining({ kind: 'UNSAFE', message: 'It has too long a name.' }));
  },
  packManifest: async () => {
    const { most } = LIMITS.packManifest;
    const larger = await pack('larger', [], { claimed: most + 1 });
    expect(larger.sound).toBe(false);
    const message = `The manifest cannot be read. It is longer than the ${most} bytes it may be.`;
    expect(larger.problems).toEqual([{ kind: 'UNREADABLE', path: 'p/MANIFEST.json', message }]);
    // One of that size is opened: this one is then not as long as it claims.
    const [problem] = (await pack('claims', [], { claimed: most })).problems;
    expect(problem?.message).toMatch(/^The manifest cannot be read\. It cannot be unpacked \(/);
  },
  packSignature: async () => {
    const bytes = Buffer.alloc(LIMITS.packSignature.most + 1, 32);
    const { problems } = await pack('signature', [{ path: 'p/MANIFEST.sig.json', bytes }]);
    expect(problems).toContainEqual(expect.objectContaining({ kind: 'ALTERED', path: 'p/MANIFEST.sig.json' }));
  },
  packTimestamp: async () => {
    let asked = 0;
    const body = {
      async *[Symbol.asyncIterator]() {
        yield Buffer.alloc(LIMITS.packTimestamp.most + 1);
      },
    };
    const sender = {
      handle: async () => {
        asked += 1;
        return { response: { statusCode: 200, body } };
      },
    };
    await expect(timestampAuthority({ url: 'http://tsa.test/', sender }).stamp(Buffer.from('x'))).rejects.toThrow(
      'its answer is too long',
    );
    expect(asked).toBe(3);
  },
  packUnsigned: async () => {
    const listed = [{ path: 'a', sha256: '0'.repeat(64), bytes: LIMITS.packUnsigned.most + 1 }];
    const { problems } = await pack('unsigned', [{ path: 'p/a', bytes: Buffer.from('a') }], { listed });
    expect(problems).toContainEqual(
      expect.objectContaining({ kind: 'UNREADABLE', message: expect.stringContaining('no more is unpacked') }),
    );
  },
  message: () => {
    const { message } = new TrailSealError('X', `${'\u{1f512}'.repeat(20_000)}\u001b`);
    expect(message.length).toBeLessThanOrEqual(LIMITS.message.most);
    expect(message.endsWith('…')).toBe(true);
  },
};

/** How many accounts are asked, each of which refuses, for what an item names; and what comes of it. */
async function searched(more: Partial<InspectItem>, others: { from: number }) {
  let asked = 0;
  const failure: CallFailure = { kind: 'NOT_FOUND', operation: 'ListBuckets', code: 'NoSuchBucket', message: 'none' };
  const { inspection } = await inspectOwner({
    item: { ...emptyItem(ACCOUNT), itemId: `${ACCOUNT}-x`, ...more },
    plan: { runId: 'RUN', settings: SETTINGS, partition: 'aws' } as unknown as ScanPlan,
    sessions: {
      open: async () => {
        asked += 1;
        return failed(failure);
      },
    },
    now: () => 0,
    otherAccounts: async function* () {
      for (let n = others.from; n < 3_000; n++) yield id(n);
    },
  });
  return { asked, inspection };
}

/** The end of a zip64 file that claims so many entries. */
function zipThatClaims(entries: number): Buffer {
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeBigUInt64LE(BigInt(entries), 24);
  end64.writeBigUInt64LE(BigInt(entries), 32);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.fill(0xff, 8, 20);
  return Buffer.concat([end64, locator, end]);
}

describe('past every limit one clear sentence', () => {
  test.each(Object.entries(PAST).filter(([name]) => isDeep || !MANY.has(name)))('%s', async (_, past) => {
    await past();
  });
});
