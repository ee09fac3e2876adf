import { describe, expect, it } from '@jest/globals';
import { runSettings, type ScanOptions } from '../../../functions/cli/scan-options.ts';
import { hasAccountLogs } from '../../../functions/domain/judge/account-logs.ts';
import type { AccountRecord } from '../../../functions/domain/judge/ledger.ts';
import type { InspectItem } from '../../../functions/domain/model/inspection.ts';
import type { AccountObservation } from '../../../functions/domain/model/observation.ts';
import { type PlannedAccount, type RunSettings, runKeys, type ScanPlan } from '../../../functions/domain/model/plan.ts';
import { newRunId } from '../../../functions/domain/model/run-id.ts';
import { inspectItems } from '../../../functions/domain/run/inspect-plan.ts';
import { orRefuse } from '../../../functions/domain/run/parsed.ts';
import { parseInspectItem, parsePlan } from '../../../functions/domain/run/run-files.ts';
import { createHandlers } from '../../../functions/handlers/handlers.ts';
import { readPlanPayload } from '../../../functions/handlers/payload.ts';
import { findingId } from '../../../functions/report/html/page/finding-id.ts';
import { withSigns, withWords } from '../../../functions/report/html/place-words.ts';
import { createSimulation } from '../../../functions/simulator/simulation.ts';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';
import { portsFor, type ScannedWorld, SETTINGS, scanWorld } from '../../scan-world.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { BUCKET, described, MEMBER, NOW, OWNER, refused, TRAIL, trailFacts } from './sample-facts.ts';

const ORGANIZATION = 'o-abc123';
const planOf = (more: Partial<ScanPlan> = {}) =>
  ({
    organizationId: ORGANIZATION,
    startedAt: NOW,
    populationComplete: true,
    settings: { ...SETTINGS, sampleLogs: true, sampleAccounts: true },
    ...more,
  }) as ScanPlan;
const id = (n: number): string => String(n).padStart(12, '0');

/** The findings of sampled logs, as `account name → status reason`, those of the trail itself under its owner's name. */
async function sampled({ rows }: ScannedWorld): Promise<Record<string, string>> {
  const found = (await rows('findings')).filter((f) => f.control_id === 'delivered-logs-encrypted');
  return Object.fromEntries(found.map((f) => [f.account_name, `${f.resource_type} ${f.status} ${f.reason}`]));
}

const asked = { settings: { sampleLogs: true, sampleAccounts: true } };
const trail = { name: 'org', organization: true, key: 'logs', bucket: 'logs-bucket' } as const;

describe('the logs of each account', () => {
  const world: WorldSpec = {
    accounts: [
      { name: 'management' },
      { name: 'log-archive' },
      { name: 'app' },
      { name: 'plain' },
      { name: 'other-key' },
      { name: 'locked', role: false },
      { name: 'quiet' },
      { name: 'joined', joinedHoursAgo: 0.05 },
      { name: 'uncovered', organizationTrails: false },
      { name: 'closed', state: 'CLOSED' },
    ],
    trails: [
      {
        ...trail,
        prefix: 'central/trails',
        memberDeliveredWith: { plain: null, 'other-key': 'second' },
        memberErrors: { quiet: 'AccessDenied' },
      },
      { name: 'local', owner: 'app', key: 'own' },
    ],
    keys: [{ name: 'logs' }, { name: 'second' }, { name: 'own', owner: 'app' }],
    buckets: [{ name: 'logs-bucket', owner: 'log-archive' }],
  };

  it('are judged as the trail is, whichever role can be assumed, and only where an organization trail covers them', async () => {
    const scanned = await scanWorld({ world }, asked);
    const { app, ...others } = await sampled(scanned);
    expect(others).toEqual({
      management: 'trail PASS KMS_WITH_KEY',
      'log-archive': 'trail-logs PASS KMS_WITH_KEY',
      plain: 'trail-logs FAIL NOT_KMS',
      'other-key': 'trail-logs FAIL OTHER_KEY',
      locked: 'trail-logs PASS KMS_WITH_KEY',
      quiet: 'trail-logs UNVERIFIED NO_RECENT_OBJECT',
      joined: 'trail-logs UNVERIFIED NO_RECENT_OBJECT',
    });
    expect(app).toMatch(/ PASS KMS_WITH_KEY$/);
    const rows = (await scanned.rows('findings')).filter((f) => f.control_id === 'delivered-logs-encrypted');
    // The local trail of `app` has a finding of its own beside that of the account's logs of the organization trail.
    expect(rows).toHaveLength(9);
    expect(new Set(rows.map((f) => f.finding_id)).size).toBe(9);
    expect(scanned.report.root_causes.filter((c) => c.kind === 'DELIVERED_OTHERWISE')).toMatchObject([
      { findings: 2, title: 'Logs delivered by organization trail org do not carry its key' },
    ]);
    expect(scanned.report.root_causes.map((c) => c.kind)).not.toContain('TRAIL_WITHOUT_KEY');
    const plain = rows.find((f) => f.account_name === 'plain');
    const key = /^central\/trails\/AWSLogs\/o-\w+\/(\d{12})\/CloudTrail\/us-east-1\/2026\/11\/20\/\S+\.json\.gz/;
    expect(key.exec(plain?.observed ?? '')?.[1]).toBe(plain?.account_id);
    expect(plain?.observed).toMatch(/ \(2026-11-20T\S+Z\): AES256$/);
    expect(plain?.evidence_refs.map((ref) => ref.split('/')[2])).toEqual(['HeadObject', 'ListObjectsV2']);
    expect([plain?.region, plain?.resource_arn]).toEqual([
      'us-east-1',
      expect.stringMatching(new RegExp(`^arn:aws:cloudtrail:us-east-1:\\d{12}:trail/org/${plain?.account_id}$`)),
    ]);
    const archive = rows.find((f) => f.account_name === 'log-archive');
    for (const ref of plain?.evidence_refs ?? []) expect(ref).toContain(`${archive?.account_id}/us-east-1/`);
  });

  it('have ids that the page of report.html finds again', async () => {
    const { rows } = await scanWorld({ world }, asked);
    const all = await rows('findings');
    for (const { finding_id, control_id, resource_arn, account_id: account, region } of all) {
      const place = { account, region, arn: null };
      expect(findingId(control_id, withWords(withSigns(resource_arn, place), place))).toBe(finding_id);
    }
    expect(new Set(all.map((f) => f.finding_id)).size).toBe(all.length);
  });

  it('are not looked at unless asked for', async () => {
    const found = await sampled(await scanWorld({ world }, { settings: { sampleLogs: true } }));
    expect(Object.keys(found).sort()).toEqual(['app', 'management']);
  });

  it('share the cause of their trail, however many they are', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `team-${n}`);
    const { rows } = await scanWorld(
      {
        world: {
          accounts: [{ name: 'management' }, ...names.map((name) => ({ name }))],
          trails: [{ ...trail, key: null }],
        },
      },
      asked,
    );
    const found = (await rows('findings')).filter((f) => f.control_id === 'delivered-logs-encrypted');
    expect(found.map((f) => `${f.status} ${f.reason}`)).toEqual(Array(51).fill('FAIL NOT_KMS'));
    expect(new Set(found.map((f) => f.root_cause_id)).size).toBe(1);
  });

  it('are told apart by trail where two write into one folder', async () => {
    const { rows } = await scanWorld(
      {
        world: {
          accounts: [{ name: 'management' }, { name: 'member' }],
          trails: [trail, { ...trail, name: 'second' }],
        },
      },
      asked,
    );
    const found = (await rows('findings')).filter((f) => f.resource_type === 'trail-logs');
    expect(found).toHaveLength(2);
    expect(new Set(found.map((f) => f.finding_id)).size).toBe(2);
  });

  /** 60 members, and the bucket in one of them, which no name tells from the others. */
  const elsewhere = (owner: string): { world: WorldSpec } => ({
    world: {
      accounts: [
        { id: id(1), name: 'management' },
        ...Array.from({ length: 60 }, (_, n) => ({ id: id(n + 2), name: `team-${n}` })),
      ],
      trails: [trail],
      keys: [{ name: 'logs' }],
      buckets: [{ name: 'logs-bucket', owner }],
    },
  });

  it('are found in a bucket that nobody expected, whose settings are still read once', async () => {
    const { simulation, rows } = await scanWorld(elsewhere(id(9)), asked);
    const found = (await rows('findings')).filter((f) => f.resource_type === 'trail-logs');
    expect(found.map((f) => `${f.status} ${f.reason}`)).toEqual(Array(60).fill('PASS KMS_WITH_KEY'));
    expect(simulation.calls().byOperation).toMatchObject({
      // The oldest log file of the bucket is looked for, too: by year, month and day.
      ...{ ListObjectsV2: 65, HeadObject: 62, GetBucketPolicy: 1, GetBucketVersioning: 1 },
    });
  });

  it('are not verified where the search for the bucket ended, unless its account is named', async () => {
    const far = await scanWorld(elsewhere(id(60)), asked);
    const unread = (await far.rows('findings')).filter((f) => f.resource_type === 'trail-logs');
    expect(unread).toHaveLength(60);
    for (const f of unread)
      expect([f.status, f.reason, f.detail, f.evidence_refs]).toEqual([
        ...['UNVERIFIED', 'SAMPLE_NOT_FOUND'],
        expect.stringContaining('logArchiveAccounts'),
        [],
      ]);
    // 61 for the bucket's own item, 40 for each of two items of samples.
    expect(far.simulation.calls().byOperation.ListBuckets).toBeLessThanOrEqual(61 + 2 * 40);
    const named = await scanWorld(elsewhere(id(60)), {
      settings: { ...asked.settings, logArchiveAccounts: [id(60)] },
    });
    const read = (await named.rows('findings')).filter((f) => f.resource_type === 'trail-logs');
    expect(read.map((f) => f.status)).toEqual(Array(60).fill('PASS'));
  });

  it('are missed where the child that was to look at them died, and looked at when the run is resumed', async () => {
    const scanned = await scanWorld({ world }, asked);
    const { store, simulation, runId } = scanned;
    for (const [file, bytes] of store.files)
      if (file.includes('/inspections/') && /"samples":\[\{[^[]*"accountId":"/.test(String(bytes)))
        store.files.delete(file);
    const handlers = createHandlers(portsFor(simulation, store));
    await handlers.report({ run_id: runId }, { signal: new AbortController().signal });
    const lost = (await scanned.rows('findings')).filter((f) => f.resource_type === 'trail-logs');
    expect(lost.map((f) => `${f.status} ${f.reason}`)).toEqual(Array(7).fill('UNVERIFIED NOT_SAMPLED'));
    const resumed = await scanWorld({ world }, { simulation, store, resume: runId });
    expect(await sampled(resumed)).toMatchObject({
      plain: 'trail-logs FAIL NOT_KMS',
      locked: 'trail-logs PASS KMS_WITH_KEY',
    });
  });
});

describe('asking for them', () => {
  const command: ScanOptions = { out: 'x', roleName: 'R', concurrency: '8', failOn: 'none', lake: true };
  it.each<[Partial<ScanOptions>, [boolean, boolean]]>([
    [{}, [false, false]],
    [{ sampleLogs: true }, [true, false]],
    [{ sampleAccounts: true }, [true, true]],
  ])('on the command line: %j', (options, expected) => {
    const { sampleLogs, sampleAccounts } = runSettings({ ...command, ...options }, 'us-east-1');
    expect([sampleLogs, sampleAccounts]).toEqual(expected);
  });

  const both = { sampleLogs: true, sampleAccounts: true };
  it.each<[Partial<RunSettings>, object, [boolean, boolean]]>([
    [{}, {}, [false, false]],
    [{}, { sample_accounts: true }, [true, true]],
    [both, {}, [true, true]],
    [both, { sample_accounts: false }, [true, false]],
    [both, { sample_logs: false }, [false, false]],
    [{ sampleLogs: true }, { sample_accounts: true }, [true, true]],
  ])('of the deployed scanner: %j with the input %j', async (settings, input, expected) => {
    const simulation = createSimulation({ now: NOW, world: { accounts: [{ name: 'management' }] } });
    const store = memoryStore();
    const { plan } = createHandlers(portsFor(simulation, store, settings));
    const payload = { input, execution_arn: 'arn', execution_name: newRunId(simulation.now()) };
    const { run_id: runId } = (await plan(payload, { signal: new AbortController().signal })) as { run_id: string };
    const { sampleLogs, sampleAccounts } = orRefuse(parsePlan(store.text(runKeys(runId).plan)), 'plan').settings;
    expect([sampleLogs, sampleAccounts]).toEqual(expected);
  });

  it('while asking for no samples is refused', () => {
    const input = { sample_accounts: true, sample_logs: false };
    expect(() => readPlanPayload({ input, execution_arn: 'arn', execution_name: 'n' })).toThrow(
      'The execution input is wrong: input.sample_accounts samples logs',
    );
  });

  it('is not in the plans and items of earlier versions, which are still read', () => {
    const [item] = inspectItems({
      ...{ trails: [trailFacts()], eventDataStores: [], plan: planOf() },
      directory: { isLive: () => true, likelyLogArchives: [] },
    });
    const { sampledBuckets: _, ...earlier } = structuredClone(item) as InspectItem;
    for (const sample of earlier.samples) Reflect.deleteProperty(sample, 'accountId');
    expect(earlier.samples).toHaveLength(1);
    expect(orRefuse(parseInspectItem(earlier), 'item')).toEqual(item);
  });
});

describe('the plan of the samples', () => {
  const items = (accounts: number) =>
    inspectItems({
      trails: [trailFacts({ trail: described({ s3KeyPrefix: 'p' }) })],
      eventDataStores: [],
      directory: { isLive: () => true, likelyLogArchives: [MEMBER] },
      plan: planOf(),
      accountLogs: new Map([[TRAIL, Array.from({ length: accounts }, (_, n) => id(n))]]),
    });

  it('has 40 of one bucket to an item, apart from the bucket, whose own item stays as it was', () => {
    const [own, ...samples] = items(90);
    expect(own).toEqual(items(0)[0]);
    expect([own?.buckets.length, own?.samples.length, own?.sampledBuckets]).toEqual([1, 1, []]);
    expect(samples.map((item) => item.samples.length)).toEqual([40, 40, 10]);
    for (const item of samples)
      expect(item).toMatchObject({
        ...{ owner: OWNER, keys: [], buckets: [], trails: [] },
        sampledBuckets: [{ bucket: BUCKET, candidates: [MEMBER] }],
      });
    expect(new Set(samples.map((item) => item.itemId)).size).toBe(3);
    expect(samples[2]?.samples.at(-1)).toEqual({
      trailArn: TRAIL,
      accountId: id(89),
      bucket: BUCKET,
      prefixes: ['20', '19'].map((day) => `p/AWSLogs/${ORGANIZATION}/${id(89)}/CloudTrail/us-east-1/2026/11/${day}/`),
    });
  });
});

describe('whether an account has logs of a trail', () => {
  const account = (more: Partial<PlannedAccount> = {}): PlannedAccount => ({
    ...{ accountId: MEMBER, accountName: 'm', accountState: 'ACTIVE', joinedAt: null, ouPath: '', ouIds: '' },
    excluded: null,
    ...more,
  });
  const cost = { apiCalls: 1, durationMs: 1, observedAt: NOW };
  const scannedIn = (region: string) => ({
    ...cost,
    region,
    state: 'SCANNED' as const,
    trailArns: [],
    lakeFailure: null,
  });
  const observed = (more: Partial<AccountObservation>): AccountRecord => ({
    kind: 'observed',
    observation: {
      refused: null,
      regions: [scannedIn('us-east-1')],
      trails: [described()],
      ...more,
    } as AccountObservation,
  });
  const denied = { ...cost, region: 'us-east-1', state: 'REGION_DENIED', failure: failureOf() } as const;
  const has = (request: {
    account?: PlannedAccount;
    record?: AccountRecord;
    trail?: Parameters<typeof described>[0];
    plan?: ScanPlan;
  }) =>
    hasAccountLogs(trailFacts({ trail: described(request.trail) }), {
      plan: request.plan ?? planOf(),
      account: request.account ?? account(),
      record: request.record ?? observed({}),
    });

  it.each<[string, Parameters<typeof has>[0], boolean]>([
    ['one that shows the trail', {}, true],
    ['none where it was not asked for', { plan: planOf({ settings: SETTINGS }) }, false],
    ['none where the organization has no known id', { plan: planOf({ organizationId: null }) }, false],
    ['none of a local trail', { trail: { isOrganization: false } }, false],
    ['none of a trail without a bucket', { trail: { bucket: null } }, false],
    ['none but the trail’s own of its owner', { account: account({ accountId: OWNER }) }, false],
    ['none of an account left out', { account: account({ excluded: 'EXCLUDED_ACCOUNT' }) }, false],
    ['none of an account that is closed', { account: account({ accountState: 'CLOSED' }) }, false],
    ['one that is about to close', { account: account({ accountState: 'PENDING_CLOSURE' }) }, true],
    ['one that nobody looked at', { record: { kind: 'none', cause: null } }, true],
    ['one that refused', { record: observed({ refused: failureOf(), regions: [], trails: [] }) }, true],
    ['none that answers and does not show the trail', { record: observed({ trails: [] }) }, false],
    [
      'none that shows no trail of all Regions anywhere it answered',
      { record: observed({ regions: [denied, scannedIn('eu-west-1')], trails: [] }) },
      false,
    ],
    [
      'one that did not answer where a trail of one Region would show',
      { record: observed({ regions: [denied, scannedIn('eu-west-1')], trails: [] }), trail: { isMultiRegion: false } },
      true,
    ],
    ['one that answered nowhere', { record: observed({ regions: [denied], trails: [] }) }, true],
    [
      'none with the home Region switched off',
      { record: observed({ regions: [{ ...cost, region: 'us-east-1', state: 'REGION_DISABLED' }] }) },
      false,
    ],
  ])('%s', (_, request, expected) => expect(has(request)).toBe(expected));
});

function failureOf() {
  const reading = refused();
  if (reading.ok) throw new Error('refused is a failure');
  return reading.failure;
}
