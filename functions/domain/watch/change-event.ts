import * as z from 'zod';
import { ACCOUNT_ID } from '../model/arn.ts';
import { TrailSealError } from '../model/errors.ts';
import { firstIssue } from '../run/parsed.ts';

/** A change of something in AWS, as a run keeps it: who, what, when, where, and under which id CloudTrail has it. */
export const changeSchema = z.object({
  /** Id of CloudTrail's event, or of the notice of a service. */
  eventId: z.string(),
  /** `eventName` as CloudTrail logs it, or the notice's `detail-type`. */
  name: z.string(),
  /** EventBridge's `source`, such as `aws.kms`. */
  source: z.string(),
  /** ISO 8601, UTC. */
  at: z.string(),
  /** ARN of who called, the service that did, or the source of a notice. */
  actor: z.string(),
  /** Account and region that the event was logged in. */
  accountId: z.string(),
  region: z.string(),
});
export type Change = z.infer<typeof changeSchema>;

/** A change, and what its event names. */
export interface ChangeEvent extends Change {
  /** Every text in what was asked, answered and touched: ARNs, ids and names of resources. */
  names: ReadonlySet<string>;
  /** Accounts that it names as such. */
  accounts: ReadonlySet<string>;
  /** Whether it says that a trail is, or becomes, one of the organization. */
  organizationTrail: boolean;
}

/** Why an event changes nothing. */
export type Unchanged = 'FAILED' | 'READ_ONLY';

const id = z.string().min(1).max(200);
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'is not a time');
const accountId = z.string().regex(ACCOUNT_ID, 'is not an account id of 12 digits');
const anything = z.unknown().optional();

/** CloudTrail's own record. @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
const recordSchema = z.object({
  eventID: id,
  eventName: id,
  eventSource: z.string().regex(/^[a-z0-9.-]+\.amazonaws\.com$/, 'is not the address of a service'),
  eventTime: time,
  awsRegion: id,
  recipientAccountId: accountId.nullish(),
  userIdentity: z
    .object({
      arn: z.string(),
      invokedBy: z.string(),
      principalId: z.string(),
      accountId: z.string(),
      type: z.string(),
    })
    .partial()
    .nullish(),
  errorCode: z.string().nullish(),
  readOnly: z.union([z.boolean(), z.string()]).nullish(),
  requestParameters: anything,
  responseElements: anything,
  serviceEventDetails: anything,
  resources: anything,
});

/** What EventBridge wraps around a record or a notice. @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const envelopeSchema = z.object({
  id,
  'detail-type': id,
  source: id,
  /** What CloudTrail logged says itself whose it is; simulators of EventBridge drop this where a bus hands it on. */
  account: accountId.optional(),
  time,
  region: id,
  resources: anything,
  detail: z.record(z.string(), z.unknown()),
});

const isEnvelope = (input: unknown): input is object =>
  typeof input === 'object' && input !== null && 'detail-type' in input;

/**
 * An event of EventBridge (of CloudTrail, or a service's own notice), or a bare record of CloudTrail as its log files and
 * its console have it. A call that failed or only read changed nothing.
 * @throws TrailSealError EVENT where it is none of these
 */
export function parseChangeEvent(input: unknown): ChangeEvent | Unchanged {
  if (!isEnvelope(input)) return fromRecord(read(recordSchema, input), null);
  const envelope = read(envelopeSchema, input);
  if (envelope['detail-type'].endsWith(' via CloudTrail'))
    return fromRecord(read(recordSchema, envelope.detail), envelope);
  if (envelope.account === undefined) throw wrong('account is missing');
  const texts = [...textsIn(envelope.detail), ...textsIn(envelope.resources)];
  return {
    eventId: envelope.id,
    name: envelope['detail-type'],
    source: envelope.source,
    at: new Date(envelope.time).toISOString(),
    actor: envelope.source,
    accountId: envelope.account,
    region: envelope.region,
    names: new Set(texts),
    accounts: new Set(accountsIn(envelope.detail)),
    organizationTrail: false,
  };
}

function fromRecord(
  record: z.infer<typeof recordSchema>,
  envelope: z.infer<typeof envelopeSchema> | null,
): ChangeEvent | Unchanged {
  if (record.errorCode) return 'FAILED';
  if (String(record.readOnly) === 'true') return 'READ_ONLY';
  const said = [record.requestParameters, record.responseElements, record.serviceEventDetails, record.resources];
  const who = record.userIdentity;
  const account = record.recipientAccountId ?? envelope?.account ?? who?.accountId;
  if (account === undefined || !ACCOUNT_ID.test(account))
    throw wrong('recipientAccountId is not an account id of 12 digits');
  return {
    eventId: record.eventID,
    name: record.eventName,
    source: `aws.${record.eventSource.replace(/\.amazonaws\.com$/, '')}`,
    at: new Date(record.eventTime).toISOString(),
    actor: who?.arn ?? who?.invokedBy ?? who?.principalId ?? who?.type ?? record.eventSource,
    accountId: account,
    region: record.awsRegion,
    names: new Set(said.flatMap(textsIn)),
    accounts: new Set(said.flatMap(accountsIn)),
    organizationTrail: [record.requestParameters, record.responseElements].some(isOfOrganization),
  };
}

function read<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const { where, what } = firstIssue(parsed.error);
  throw wrong(where === '' ? what : `${where} ${what}`);
}

const wrong = (why: string): TrailSealError =>
  new TrailSealError('EVENT', `This is neither an event of EventBridge nor a record of CloudTrail: ${why}.`);

const isOfOrganization = (value: unknown): boolean =>
  (value as { isOrganizationTrail?: unknown } | null | undefined)?.isOrganizationTrail === true;

/** More is in no event that is watched, and nothing is gained by walking what somebody made up. */
const TEXTS = 2_000;

/** Every text of a value, however deep. */
function textsIn(value: unknown): string[] {
  const found: string[] = [];
  const open: unknown[] = [value];
  while (open.length > 0 && found.length < TEXTS) {
    const next = open.pop();
    if (typeof next === 'string') found.push(next);
    else if (typeof next === 'object' && next !== null) open.push(...Object.values(next).slice(0, TEXTS));
  }
  return found;
}

/** Accounts by the names that Organizations, Account Management and Control Tower give them in their events. */
function accountsIn(value: unknown): string[] {
  const found: string[] = [];
  const open: unknown[] = [value];
  for (let seen = 0; open.length > 0 && seen < TEXTS; seen++) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const [name, inner] of Object.entries(next)) {
      if (/^(accountId|resourceId)$/i.test(name) && typeof inner === 'string' && ACCOUNT_ID.test(inner))
        found.push(inner);
      open.push(inner);
    }
    // The parties of a handshake.
    const { type, id: party } = next as { type?: unknown; id?: unknown };
    if (type === 'ACCOUNT' && typeof party === 'string' && ACCOUNT_ID.test(party)) found.push(party);
  }
  return found;
}
