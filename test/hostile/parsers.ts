import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseS3Root } from '../../functions/aws/stores/s3-store.ts';
import { openRoot } from '../../functions/cli/report-root.ts';
import { failOn, list, runSettings, type ScanOptions } from '../../functions/cli/scan-options.ts';
import { summary } from '../../functions/cli/summary.ts';
import { findFramework } from '../../functions/domain/frameworks/find.ts';
import { bucketEvents } from '../../functions/domain/judge/data-events.ts';
import { managementEvents } from '../../functions/domain/judge/event-selectors.ts';
import { parseArn, parseKeyArn, trailOwner } from '../../functions/domain/model/arn.ts';
import { TrailSealError } from '../../functions/domain/model/errors.ts';
import { runKeys, type ScanPlan } from '../../functions/domain/model/plan.ts';
import { runDate } from '../../functions/domain/model/run-id.ts';
import { segmentsOfKey } from '../../functions/domain/model/store.ts';
import { tlsOnly } from '../../functions/domain/policy/bucket-policy.ts';
import { keyPolicyAssessment } from '../../functions/domain/policy/key-policy-assessment.ts';
import { mergedPolicy } from '../../functions/domain/remediation/policies/policy-statements.ts';
import { lines } from '../../functions/domain/run/json-lines.ts';
import { orRefuse, type Parsed } from '../../functions/domain/run/parsed.ts';
import * as runFiles from '../../functions/domain/run/run-files.ts';
import { openRun } from '../../functions/domain/run/run-folder.ts';
import { settingDeclarations } from '../../functions/domain/settings/run-settings.ts';
import { parseWaivers } from '../../functions/domain/waivers/waiver.ts';
import { HANDLER_NAMES, readEnvironment } from '../../functions/handlers/lambda/environment.ts';
import * as payloads from '../../functions/handlers/payload.ts';
import { arrayItems } from '../../functions/local/state-machine/array-items.ts';
import { parseManifest, parseSignature } from '../../functions/report/evidence/manifest.ts';
import { parsePackManifest } from '../../functions/report/evidence/pack-manifest.ts';
import { periodOf } from '../../functions/report/evidence/period.ts';
import { accountsListed } from '../../functions/report/evidence/population.ts';
import { readPublicKey, verifyPack } from '../../functions/report/evidence/verify.ts';
import { runEvents } from '../../functions/report/notify/run-events.ts';
import { runMessage } from '../../functions/report/notify/run-message.ts';
import { namedQuery } from '../../functions/report/queries/queries.ts';
import { parseRunReport } from '../../functions/report/run/run-report-file.ts';
import { parquetRows } from '../../functions/report/tables/parquet/parquet-reader.ts';
import { tableFile } from '../../functions/report/tables/tables.ts';
import { parseSimulationSpec, type SimulationSpec } from '../../functions/simulator/simulation.ts';
import { validateSimulationSpec } from '../../functions/simulator/simulation-spec.ts';
import { parseSettings } from '../../infra/settings/settings.ts';
import { SETTINGS_IN_FULL } from '../infra/settings-in-full.ts';
import { packTo, signingPair } from '../report/evidence/scanned-root.ts';
import { NO_NEWS } from '../report/sample-report.ts';
import { type ScannedWorld, scanWorld } from '../scan-world.ts';
import { memoryStore } from '../statemachine/memory-store.ts';
import { almost, corrupted, damaged, hostileJson, hostileText } from './inputs.ts';

/** A parser of outside input, what it is tried with, and how much of it relative to the others. */
export interface Parser {
  name: string;
  input: fc.Arbitrary<unknown>;
  /**
   * Reads one input. What it returns for people (a reason, a summary) must hold no control characters but line breaks.
   * @throws TrailSealError and its kin, nothing else
   */
  read(input: never): unknown;
  /** Share of the inputs that a quick parser gets; default 1. */
  share?: number;
}

const parser = <I>(name: string, input: fc.Arbitrary<I>, read: (input: I) => unknown, share = 1): Parser => ({
  name,
  input,
  read: read as Parser['read'],
  share,
});

const value = (json: string): unknown => JSON.parse(json);
const PLAIN = { out: process.stdout, err: process.stderr, style: (_: string, text: string) => text } as const;
const COMPILED = { concurrency: '8', failOn: 'none', lake: true, out: 'x', roleName: 'TrailSealAudit' } as const;
const TRAIL = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/t';
const KEY = 'arn:aws:kms:us-east-1:111111111111:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f';
const POLICY = {
  Version: '2012-10-17',
  Id: 'k',
  Statement: [
    {
      Sid: 'CloudTrail',
      Effect: 'Allow',
      Principal: { Service: ['cloudtrail.amazonaws.com'], AWS: '*' },
      Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
      Resource: '*',
      Condition: { StringLike: { 'aws:SourceArn': [TRAIL] }, Bool: { 'aws:SecureTransport': false } },
    },
    {
      Effect: 'Deny',
      NotPrincipal: { AWS: ['arn:aws:iam::111111111111:root'] },
      NotAction: 's3:*',
      NotResource: ['*'],
    },
  ],
};
const WAIVERS = `waivers:
  - id: legacy
    control: trail-key-rotation
    accounts: ["012345678901", "1*"]
    ous: Root/Sandbox
    regions: eu-west-1
    resources: ["arn:aws:cloudtrail:*"]
    reason: being closed
    ticket: SEC-1
    approver: Ann
    approved_on: 2026-11-01
    expires_on: 2027-01-31
`;
const SELECTORS = {
  basic: [
    {
      ...{ readWriteType: 'All', includeManagementEvents: true, excludeManagementEventSources: ['kms.amazonaws.com'] },
      dataResources: [{ type: 'AWS::S3::Object', values: ['arn:aws:s3'] }],
    },
  ],
  advanced: [
    {
      name: 'n',
      fields: [
        {
          ...{ field: 'eventCategory', equals: ['Management'], notEquals: [], startsWith: [], notStartsWith: [] },
          ...{ endsWith: [], notEndsWith: [] },
        },
      ],
    },
  ],
};
const ENVIRONMENT: Record<string, string> = {
  ...Object.fromEntries(
    settingDeclarations.flatMap(({ variable, byDefault }) => (variable ? [[variable, String(byDefault ?? '')]] : [])),
  ),
  ...{ REPORT_BUCKET: 'bucket', REPORT_BUCKET_OWNER: '111111111111', REPORT_PREFIX: 'a/b', ROLE_NAME: 'Role' },
  ...{ EXTERNAL_ID: '', HOME_REGION: 'eu-west-1', SCANNER_VERSION: '1.2.3', CONCURRENCY: '10', TRUSTED_ACCOUNTS: '' },
  ...{ LOG_ARCHIVE_ACCOUNTS: '', EXCLUDE_ACCOUNTS: '111111111111', EXCLUDE_REGIONS: '', ONLY_OUS: '', LAKE: 'true' },
  ...{ ONLY_ACCOUNT_TAGS: 'owner=me', RESULT_BUCKET: '' },
  ...{ SAMPLE_LOGS: 'false', SAMPLE_ACCOUNTS: 'false', WAIVERS_KEY: '', SIGNING_KEY_ARN: '', UNREACHABLE_HOURS: '48' },
  ...{ TOPIC_ARN: 'arn:aws:sns:eu-west-1:111111111111:t', EVENT_BUS: 'default' },
};
const PUBLIC_KEY =
  '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n';

/** What a real run leaves, to be corrupted: its files by key, and a signed pack of it. */
export interface Samples {
  world: ScannedWorld;
  pack: Uint8Array;
  folder: string;
  key: ReturnType<typeof signingPair>['publicKey'];
  close(): Promise<void>;
}

export async function samples(): Promise<Samples> {
  const world = await scanWorld({ accounts: 6, regions: 2, seed: 3, preset: 'showcase' });
  const folder = await mkdtemp(join(tmpdir(), 'trailseal-hostile-'));
  const { signer, publicKey } = signingPair();
  const file = join(folder, 'pack.zip');
  await packTo(file, { store: world.store, runId: world.runId, signer });
  const { readFile } = await import('node:fs/promises');
  return {
    world,
    folder,
    key: publicKey,
    pack: await readFile(file),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Every parser of outside input, each with inputs that it should take, almost take, or not take at all. */
export function parsers({ world, pack, folder, key }: Samples): Parser[] {
  const { store, runId } = world;
  const keys = runKeys(runId);
  const under = (prefix: string): string => {
    const found = [...store.files.keys()].filter((k) => k.startsWith(prefix)).sort();
    // The longest holds the most kinds of members.
    return found.map((k) => store.text(k)).reduce((a, b) => (b.length > a.length ? b : a), '');
  };
  const bytes = (text: string) => new TextEncoder().encode(text);
  /** A file of JSON: almost right, corrupted as text, or anything. */
  const file = (name: string, sample: string, read: (text: string) => unknown, share = 1): Parser =>
    parser(name, fc.oneof(almost(JSON.parse(sample)), corrupted(sample), hostileJson(), hostileText()), read, share);
  const json = (name: string, sample: unknown, read: (input: unknown) => unknown, share = 1): Parser =>
    parser(name, fc.oneof(almost(sample).map(value), hostileJson().map(value)), read, share);
  const refused = (text: string, parse: (text: string) => Parsed<unknown>, name: string) => orRefuse(parse(text), name);
  const runFile = (name: string, sample: string, parse: (text: string) => Parsed<unknown>) =>
    file(name, sample, (text) => void refused(text, parse, `runs/x/${name}.json`));
  const failure = JSON.stringify({
    ...{ version: 1, runId, map: 'scan', itemId: '111111111111', error: 'E', cause: 'c', at: '2026-11-20T12:00:00Z' },
  });
  const scanItem = { accountId: '111111111111', accountState: 'ACTIVE', regions: ['us-east-1'] };
  const inspectItem = (JSON.parse(store.text(keys.inspectItems)) as unknown[])[0];
  const plannedAccount = store.text(keys.accounts).split('\n')[0] ?? '';
  const report = store.text(keys.report('report.json'));
  /** A root with one file of the run replaced: what reads it must still say something sensible. */
  const withFile = (path: string, text: string) => {
    const copy = memoryStore();
    for (const [name, body] of store.files) copy.files.set(name, body);
    copy.files.set(path, bytes(text));
    return copy;
  };

  return [
    // Settings: the deployment's, the environment of the functions, the command line.
    json('settings', SETTINGS_IN_FULL, (input) => void parseSettings(input)),
    parser(
      'environment',
      fc.tuple(fc.constantFrom(...HANDLER_NAMES), fc.constantFrom(...Object.keys(ENVIRONMENT)), hostileText()),
      ([handler, name, text]) => void readEnvironment(handler, { ...ENVIRONMENT, [name]: text }),
    ),
    parser(
      'scan options',
      fc.tuple(
        fc.constantFrom(
          'roleName',
          'externalId',
          'concurrency',
          'accounts',
          'excludeAccounts',
          'trustedAccounts',
          'ou',
        ),
        hostileText(),
      ),
      ([option, text]) => {
        const given = /ccounts|ou$/.test(option) ? list(text, undefined) : text;
        runSettings({ ...COMPILED, [option]: given } as ScanOptions, 'us-east-1');
      },
    ),
    parser('--fail-on', hostileText(), (text) => void failOn(text)),
    parser(
      '--simulate',
      fc.oneof(hostileText(), corrupted('accounts=200,regions=17,seed=7,throttle=0.1,hostile')),
      (text) => {
        parseSimulationSpec(text);
      },
    ),
    json(
      'simulation',
      { preset: 'grown', accounts: 5, throttle: 0.1, hostile: true, now: '2026-11-02T10:00:00Z' },
      (input) => validateSimulationSpec(Object(input) as SimulationSpec),
    ),
    parser('report root', fc.oneof(hostileText(), corrupted('s3://bucket/some/prefix')), async (text) => {
      parseS3Root(text);
      await openRoot(text, () => {
        throw new TrailSealError('TEST', 'no connection is made here');
      });
    }),
    parser('period', fc.tuple(hostileText(), hostileText()), ([from, to]) => void periodOf(from, to, '2026-11-20')),
    parser('names of queries and frameworks', hostileText(), (text) => {
      findFramework(text);
      namedQuery(text);
    }),
    parser('waivers', fc.oneof(corrupted(WAIVERS), hostileText(), hostileJson()), (text) => {
      parseWaivers(text, { today: '2026-11-20' });
    }),

    // What a run reads back from its root.
    runFile('observation', under(keys.observations), runFiles.parseObservation),
    runFile('inspection', under(keys.inspections), runFiles.parseInspection),
    runFile('failure', failure, runFiles.parseFailureRecord),
    runFile('plan', store.text(keys.plan), runFiles.parsePlan),
    runFile('inspect-plan', store.text(keys.inspectPlan), runFiles.parseItemIds),
    runFile('accounts', plannedAccount, runFiles.parsePlannedAccount),
    parser('lines', fc.array(hostileText(), { maxLength: 4 }), async (texts) => {
      for await (const line of lines(chunks(texts.join('\n')), 'accounts.ndjson')) void line;
    }),
    json('scan item', scanItem, (input) => void orRefuse(runFiles.parseScanItem(input), 'item')),
    json('inspect item', inspectItem, (input) => void orRefuse(runFiles.parseInspectItem(input), 'item')),
    parser('keys of files', hostileText(), (text) => {
      tableFile(text);
      segmentsOfKey(text);
    }),
    file(
      'map results',
      JSON.stringify([{ Input: JSON.stringify({ item: scanItem }), Error: 'E', Cause: 'c' }]),
      async (text) => {
        const run = await openRun(
          withFile(`${keys.executions.replace('executions/', 'map/scan/')}FAILED_0.json`, text),
          runId,
        );
        await run.failures('scan');
      },
      0.2,
    ),
    file(
      'raw answers of the listing',
      '{"operation":"ListAccounts","outcome":{"output":{"Accounts":[{"Id":"1"}]}}}',
      (text) => accountsListed(withFile(`${keys.evidence}population-x.ndjson`, text), runId).then(() => undefined),
      0.5,
    ),
    file('report.json', report, (text) => {
      const parsed = parseRunReport(bytes(text), 'report.json');
      const { subject, body } = runMessage(parsed, { root: 's3://b', overdue: [], trails: NO_NEWS });
      runEvents(parsed, { root: 's3://b', overdue: [], trails: NO_NEWS });
      return `${summary(parsed, PLAIN as never)}${subject}\n${body}`;
    }),
    parser(
      'tables',
      damaged(store.files.get(keys.table('coverage', runDate(runId))) ?? new Uint8Array(1)),
      async (body) => {
        for await (const row of parquetRows({ table: 'coverage', bytes: body, source: 'coverage' })) void row;
      },
      0.3,
    ),

    // Evidence that comes from elsewhere.
    file('manifest of a run', store.text(keys.manifest), (text) => void parseManifest(bytes(text))),
    file('manifest of a pack', JSON.stringify(packManifest()), (text) => void parsePackManifest(bytes(text))),
    file('signature', JSON.stringify({ version: 1, key: 'k', algorithm: 'Ed25519', signature: 'QUJD' }), (text) => {
      parseSignature(bytes(text));
    }),
    parser('public key', fc.oneof(corrupted(PUBLIC_KEY), hostileText()), (text) => void readPublicKey(text)),
    parser(
      'evidence pack',
      damaged(pack),
      async (body) => {
        const path = join(folder, `${Math.random().toString(36).slice(2)}.zip`);
        await writeFile(path, body);
        const { sound, problems } = await verifyPack({ file: path, keys: [key] });
        await rm(path);
        if (sound && Buffer.compare(body, pack) !== 0) assertSame(body, pack);
        void problems;
      },
      0.1,
    ),

    // The workflow's payloads and items.
    json('input of an execution', planPayload(), (input) => void payloads.readPlanPayload(input)),
    json(
      'input of Report',
      { run_id: runId, map_failures: { scan: { Error: 'E', Cause: 'C' }, inspect: null } },
      (input) => {
        payloads.readReportPayload(input);
      },
    ),
    json(
      'input of Record',
      { run_id: runId, map: 'scan', item: scanItem, error: { Error: 'E', Cause: 'C' } },
      (input) => {
        payloads.readRecordPayload(input);
      },
    ),
    json('input of a child', { run_id: runId, item: scanItem }, (input) => {
      payloads.readItemPayload(input);
      payloads.readRunPayload(input);
    }),
    file("a map's items", JSON.stringify([scanItem, scanItem]), async (text) => {
      try {
        for await (const item of arrayItems(chunks(text))) void item;
      } catch (error) {
        // The engine turns it into States.ItemReaderFailed.
        if (!(error instanceof SyntaxError || (error as Error).name === 'TypeError')) throw error;
      }
    }),

    // Policies and selectors of other people's accounts.
    file('key policy', JSON.stringify(POLICY), (text) => {
      const trails = [{ trailArn: TRAIL, ownerAccountId: '111111111111' }];
      keyPolicyAssessment({ policyText: text, keyArn: KEY, partition: 'aws', trails, organizationId: 'o-1234567890' });
      mergedPolicy({ current: text, statements: [] });
    }),
    file('bucket policy', JSON.stringify(POLICY), (text) => {
      tlsOnly({ policyText: text, bucket: 'b', partition: 'aws' });
    }),
    parser('event selectors', selectors(), (input) => {
      managementEvents(input);
      bucketEvents(input, { bucket: 'b', partition: 'aws' });
    }),
    parser('ARNs', fc.oneof(hostileText(), corrupted(KEY), corrupted(TRAIL)), (text) => {
      parseArn(text);
      parseKeyArn(text);
      trailOwner(text);
    }),
  ];

  function planPayload() {
    const input = { accounts: ['111111111111'], ou: ['Root/A'], regions: ['us-east-1'], lake: true, concurrency: 5 };
    return { input, execution_arn: 'arn:aws:states:x', execution_name: 'name' };
  }
  function packManifest() {
    const plan = JSON.parse(store.text(keys.plan)) as ScanPlan;
    return {
      ...{ version: 1, kind: 'trailseal-evidence-pack', name: 'pack', tool_version: '1', problems: [] },
      framework: { id: 'f', name: 'F', version: '1' },
      period: { from: '2026-01-01', to: '2026-02-01' },
      subset: { accounts: ['111111111111'], ous: [], accounts_shown: 1, accounts_in_runs: 2 },
      ...{ status: 'COMPLETE', simulated: true },
      runs: [{ run_id: runId, run_date: plan.runDate, status: 'COMPLETE', scope: null, manifest_sha256: null }],
      files: [{ path: 'a', sha256: '0'.repeat(64), bytes: 1 }],
    };
  }
}

/** Selectors as the reader of GetEventSelectors hands them on: right in shape, with any text. */
const selectors = () => {
  const texts = fc.array(hostileText(), { maxLength: 2 });
  const field = fc.record({
    field: fc.oneof(fc.constantFrom('eventCategory', 'readOnly', 'eventSource'), hostileText()),
    ...{
      equals: texts,
      notEquals: texts,
      startsWith: texts,
      notStartsWith: texts,
      endsWith: texts,
      notEndsWith: texts,
    },
  });
  return fc.record({
    basic: fc.array(
      fc.record({
        readWriteType: hostileText(),
        includeManagementEvents: fc.boolean(),
        excludeManagementEventSources: texts,
        dataResources: fc.option(
          fc.array(fc.record({ type: hostileText(), values: fc.array(hostileText()) }), { maxLength: 3 }),
        ),
      }),
      { maxLength: 2 },
    ),
    advanced: fc.array(
      fc.record({ name: fc.constant(SELECTORS.advanced[0]?.name ?? null), fields: fc.array(field, { maxLength: 3 }) }),
      {
        maxLength: 2,
      },
    ),
  });
};

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  const body = new TextEncoder().encode(text);
  for (let at = 0; at < body.length; at += 65_536) yield body.subarray(at, at + 65_536);
}

/** A pack with changed bytes may be sound only where none of its files changed: the zip's own padding and dates. */
function assertSame(body: Uint8Array, pack: Uint8Array): void {
  if (Math.abs(body.length - pack.length) > 64)
    throw new Error(`a pack of ${body.length} bytes passes for one of ${pack.length}`);
}
