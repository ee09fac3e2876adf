import * as z from 'zod';
import { LIMITS } from '../limits/limits.ts';
import { amount } from '../limits/markdown.ts';
import { TrailSealError } from '../model/errors.ts';
import type { InspectItem, Inspection } from '../model/inspection.ts';
import type { AccountObservation, FailureRecord } from '../model/observation.ts';
import { ACCOUNT_STATES } from '../model/organization.ts';
import type { PlannedAccount, ScanItem, ScanPlan } from '../model/plan.ts';
import { ALL_BLOCKED, NOTHING_BLOCKED } from '../model/public-access.ts';
import { FAILURE_KINDS } from '../model/reading.ts';

/**
 * Parsers of everything a run reads back from its report root. A file may have been cut short, edited or
 * written by another version: what does not fit is refused with the file's name, never half believed.
 */
const failure = z.object({
  kind: z.enum(FAILURE_KINDS),
  operation: z.string(),
  code: z.string(),
  message: z.string(),
});
const reading = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), value }), z.object({ ok: z.literal(false), failure })]);
const text = z.string();
const maybe = z.string().nullable();
const accountId = z.string().regex(/^\d{12}$/);
const count = z.number().int().nonnegative();

const trail = z.object({
  trailArn: text,
  name: text,
  homeRegion: text,
  isMultiRegion: z.boolean(),
  isOrganization: z.boolean(),
  globalServiceEvents: z.boolean(),
  logFileValidation: z.boolean(),
  kmsKeyId: maybe,
  bucket: maybe,
  s3KeyPrefix: maybe,
  logGroupArn: maybe,
});
const status = z.object({
  isLogging: z.boolean(),
  latestDeliveryAt: maybe,
  latestDigestAt: maybe,
  latestDeliveryError: maybe,
  latestDigestError: maybe,
  startedLoggingAt: maybe,
  stoppedLoggingAt: maybe,
});
const texts = z.array(text);
const selectors = z.object({
  basic: z.array(
    z.object({ readWriteType: text, includeManagementEvents: z.boolean(), excludeManagementEventSources: texts }),
  ),
  advanced: z.array(
    z.object({
      name: maybe,
      fields: z.array(
        z.object({
          field: text,
          equals: texts,
          notEquals: texts,
          startsWith: texts,
          notStartsWith: texts,
          endsWith: texts,
          notEndsWith: texts,
        }),
      ),
    }),
  ),
});

const cost = { region: text, apiCalls: count, durationMs: z.number(), observedAt: text };
const observation: z.ZodType<AccountObservation> = z.object({
  version: z.literal(1),
  runId: text,
  accountId,
  observedAt: text,
  principalArn: maybe,
  refused: failure.nullable(),
  regions: z.array(
    z.union([
      z.object({ ...cost, state: z.literal('SCANNED'), trailArns: texts, lakeFailure: failure.nullable() }),
      z.object({ ...cost, state: z.literal('REGION_DISABLED') }),
      z.object({ ...cost, state: z.enum(['REGION_DENIED', 'ACCESS_DENIED', 'THROTTLED', 'ERROR']), failure }),
    ]),
  ),
  trails: z.array(trail),
  statuses: z.array(z.object({ trailArn: text, region: text, reading: reading(status) })),
  selectors: z.array(z.object({ trailArn: text, region: text, reading: reading(selectors) })),
  eventDataStores: z.array(z.object({ arn: text, name: text, status: maybe, region: text })),
  apiCalls: count,
  durationMs: z.number(),
  evidence: z.object({ key: text, sha256: text, bytes: count }).nullable(),
});

const key = z.object({
  keyArn: text,
  description: reading(
    z.object({
      keyArn: text,
      accountId: text,
      state: text,
      manager: text,
      origin: text,
      spec: text,
      usage: text,
      multiRegion: z.boolean(),
      deletionDate: maybe,
    }),
  ),
  rotation: reading(z.object({ enabled: z.boolean(), periodDays: z.number().nullable() })).nullable(),
  policy: reading(text).nullable(),
});
const publicAccessBlock = z.object({
  blockPublicAcls: z.boolean(),
  ignorePublicAcls: z.boolean(),
  blockPublicPolicy: z.boolean(),
  restrictPublicBuckets: z.boolean(),
});
/** Files of earlier versions say only whether all four were on. */
const allOrNot = z
  .object({ allBlocked: z.boolean() })
  .transform(({ allBlocked }) => (allBlocked ? ALL_BLOCKED : NOTHING_BLOCKED));
const inspection: z.ZodType<Inspection> = z.object({
  version: z.literal(1),
  runId: text,
  itemId: text,
  owner: text,
  observedAt: text,
  refused: failure.nullable(),
  keys: z.array(key),
  buckets: z.array(
    z.object({
      bucket: text,
      accountId: maybe,
      region: maybe,
      ownerFailure: failure.nullable(),
      publicAccessBlock: reading(z.union([publicAccessBlock, allOrNot])).nullable(),
      accountPublicAccessBlock: reading(publicAccessBlock).nullable().default(null),
      policy: reading(maybe).nullable(),
      versioning: reading(z.enum(['Enabled', 'Suspended', 'Disabled'])).nullable(),
      encryption: reading(z.object({ algorithm: maybe, kmsKeyId: maybe })).nullable(),
      objectLock: reading(z.object({ mode: maybe, days: z.number().nullable() })).nullable(),
      expiryDays: reading(z.number().nullable()).nullable(),
    }),
  ),
  logGroups: z.array(
    z.object({
      logGroupArn: text,
      reading: reading(z.object({ kmsKeyArn: maybe, retentionDays: z.number().nullable() })),
    }),
  ),
  eventDataStores: z.array(
    z.object({
      arn: text,
      reading: reading(
        z.object({
          arn: text,
          name: text,
          status: maybe,
          kmsKeyId: maybe,
          isOrganization: z.boolean(),
          isMultiRegion: z.boolean(),
          retentionDays: z.number().nullable(),
        }),
      ),
      key: key.nullable(),
    }),
  ),
  trails: z.array(z.object({ trailArn: text, selectors: reading(selectors) })),
  samples: z.array(
    z.object({
      trailArn: text,
      accountId: maybe.default(null),
      reading: reading(z.object({ key: text, lastModified: text, encryption: maybe, kmsKeyId: maybe }).nullable()),
    }),
  ),
  apiCalls: count,
  durationMs: z.number(),
  evidence: z.object({ key: text, sha256: text, bytes: count }).nullable(),
});

const failureRecord: z.ZodType<FailureRecord> = z.object({
  version: z.literal(1),
  runId: text,
  map: z.enum(['scan', 'inspect']),
  itemId: text,
  error: text,
  cause: text,
  at: text,
});

const plan: z.ZodType<ScanPlan> = z.object({
  version: z.literal(1),
  runId: text,
  runDate: text,
  startedAt: text,
  populationAt: text,
  organizationId: maybe,
  managementAccountId: maybe,
  callerAccountId: text,
  callerArn: text,
  partition: text,
  regions: texts,
  scope: z.enum(['ORGANIZATION', 'FILTERED']),
  scopeFilter: maybe,
  settings: z.object({
    roleName: text,
    externalId: maybe,
    homeRegion: text,
    onlyAccounts: texts.nullable(),
    excludeAccounts: texts,
    onlyOus: texts.nullable(),
    // Not in the plans of earlier versions; nor the tags of accounts below.
    listedAccounts: texts.nullable().default(null),
    onlyAccountTags: texts.nullable().default(null),
    onlyRegions: texts.nullable(),
    excludeRegions: texts,
    lake: z.boolean(),
    sampleLogs: z.boolean(),
    // Not in the plans of earlier versions.
    sampleAccounts: z.boolean().default(false),
    concurrency: z.number().int().positive(),
    trustedAccounts: texts,
    logArchiveAccounts: texts,
    waiversKey: maybe,
  }),
  accounts: count,
  populationComplete: z.boolean(),
  executionArn: text,
  scannerVersion: text,
});

const plannedAccount: z.ZodType<PlannedAccount> = z.object({
  accountId,
  accountName: text,
  accountState: z.enum(ACCOUNT_STATES),
  joinedAt: maybe,
  ouPath: text,
  ouIds: text,
  tags: z.record(text, text).optional(),
  excluded: maybe,
});
const scanItem: z.ZodType<ScanItem> = z.object({ accountId, accountState: z.enum(ACCOUNT_STATES), regions: texts });
const inspectItem: z.ZodType<InspectItem> = z.object({
  itemId: z.string().regex(/^[\w-]{1,64}$/),
  owner: text,
  keys: texts,
  buckets: z.array(z.object({ bucket: text, logFolders: texts, candidates: texts })),
  logGroups: texts,
  eventDataStores: texts,
  trails: z.array(z.object({ trailArn: text, homeRegion: text })),
  samples: z.array(z.object({ trailArn: text, accountId: maybe.default(null), bucket: text, prefixes: texts })),
  sampledBuckets: z.array(z.object({ bucket: text, candidates: texts })).default([]),
});

/** Parsed, or why it could not be. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; why: string };

const parser =
  <T>(schema: z.ZodType<T>) =>
  (source: unknown): Parsed<T> => {
    const parsed = schema.safeParse(source);
    if (parsed.success) return { ok: true, value: parsed.data };
    const [issue] = parsed.error.issues;
    const where = issue?.path.length ? ` at ${issue.path.join('.').slice(0, 100)}` : '';
    return { ok: false, why: `${issue?.message ?? 'does not fit'}${where}`.slice(0, 300) };
  };

export const parseScanItem = parser(scanItem);
export const parseInspectItem = parser(inspectItem);
export const parseObservation = fromJson(parser(observation));
export const parseInspection = fromJson(parser(inspection));
export const parseFailureRecord = fromJson(parser(failureRecord));
export const parsePlan = fromJson(parser(plan));
export const parseItemIds = fromJson(parser(texts));
export const parsePlannedAccount = fromJson(parser(plannedAccount));

function fromJson<T>(parse: (source: unknown) => Parsed<T>) {
  return (bytes: Uint8Array | string): Parsed<T> => {
    if (bytes.length > LIMITS.runFile.most) return { ok: false, why: `larger than ${amount(LIMITS.runFile)}` };
    try {
      return parse(
        JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true }).decode(bytes)),
      );
    } catch (error) {
      return { ok: false, why: error instanceof Error ? `not JSON (${error.message.slice(0, 120)})` : 'not JSON' };
    }
  };
}

/** The value, or a TrailSealError that names the file. */
export function orRefuse<T>(parsed: Parsed<T>, file: string): T {
  if (parsed.ok) return parsed.value;
  throw new TrailSealError(
    'CORRUPT_FILE',
    `${file} cannot be read: ${parsed.why}. Start a new scan, or restore the file.`,
  );
}
