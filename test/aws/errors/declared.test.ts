import { describe, expect, test } from '@jest/globals';
import { failureOf } from '../../../functions/aws/calls/failure.ts';
import { type CallFailure, type FailureKind, mayPass } from '../../../functions/domain/model/reading.ts';
import { createHandlers } from '../../../functions/handlers/handlers.ts';
import { ApiError, errorResponse } from '../../../functions/simulator/apis/wire.ts';
import type { InterceptedCall } from '../../../functions/simulator/simulation-spec.ts';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';
import { inDepth } from '../../depth.ts';
import { portsFor, scanWorld } from '../../scan-world.ts';
import { CALLED, type CalledOperation } from './declared.ts';

/**
 * What every exception is taken for that the service models declare for an operation we call. A new SDK that declares one
 * more fails here until somebody has thought about it.
 */
const DECLARED: Record<string, FailureKind> = {
  AWSOrganizationsNotInUseException: 'NOT_FOUND',
  AccessDeniedException: 'DENIED',
  CloudTrailARNInvalidException: 'ERROR',
  ConcurrentModificationException: 'ERROR',
  DependencyTimeoutException: 'ERROR',
  EventDataStoreARNInvalidException: 'ERROR',
  EventDataStoreNotFoundException: 'NOT_FOUND',
  ExpiredTokenException: 'CREDENTIALS',
  InvalidArnException: 'ERROR',
  InvalidInputException: 'ERROR',
  InvalidMaxResultsException: 'ERROR',
  InvalidNextTokenException: 'ERROR',
  InvalidParameterException: 'ERROR',
  InvalidTrailNameException: 'ERROR',
  KMSInternalException: 'ERROR',
  KMSInvalidStateException: 'ERROR',
  MalformedPolicyDocumentException: 'ERROR',
  NoManagementAccountSLRExistsException: 'ERROR',
  // Its readers take it for "never set" before it is one.
  NoSuchPublicAccessBlockConfiguration: 'NOT_FOUND',
  NoSuchBucket: 'NOT_FOUND',
  NotFound: 'NOT_FOUND',
  NotFoundException: 'NOT_FOUND',
  OperationNotPermittedException: 'NOT_PERMITTED',
  PackedPolicyTooLargeException: 'ERROR',
  ParentNotFoundException: 'ERROR',
  RegionDisabledException: 'DENIED',
  ServiceException: 'ERROR',
  ServiceUnavailableException: 'ERROR',
  TooManyRequestsException: 'THROTTLED',
  TrailNotFoundException: 'NOT_FOUND',
  UnsupportedOperationException: 'UNAVAILABLE',
};

/**
 * What any operation may answer beside (CloudTrail API Reference, "Common Errors", and S3's own words for the same).
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html
 */
const COMMON: Record<string, FailureKind> = {
  AccessDenied: 'DENIED',
  AccessDeniedException: 'DENIED',
  ExpiredToken: 'CREDENTIALS',
  IncompleteSignature: 'CREDENTIALS',
  InternalFailure: 'ERROR',
  InvalidClientTokenId: 'CREDENTIALS',
  MalformedHttpRequestException: 'ERROR',
  NotAuthorized: 'DENIED',
  OptInRequired: 'NOT_PERMITTED',
  RequestAbortedException: 'ERROR',
  RequestExpired: 'CREDENTIALS',
  RequestTimeoutException: 'ERROR',
  ServiceUnavailable: 'ERROR',
  SlowDown: 'THROTTLED',
  SubscriptionRequiredException: 'NOT_PERMITTED',
  ThrottlingException: 'THROTTLED',
  UnknownOperationException: 'ERROR',
  UnrecognizedClientException: 'CREDENTIALS',
  ValidationError: 'ERROR',
};

/** The statuses that AWS documents; 400 for all others. */
const STATUS: Record<string, number> = {
  AccessDenied: 403,
  AccessDeniedException: 403,
  DependencyTimeoutException: 503,
  ExpiredToken: 400,
  InternalFailure: 500,
  InvalidClientTokenId: 403,
  KMSInternalException: 500,
  NoSuchBucket: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NotFound: 404,
  OptInRequired: 403,
  RegionDisabledException: 403,
  ServiceException: 500,
  ServiceUnavailable: 503,
  ServiceUnavailableException: 503,
  SlowDown: 503,
};

/** Words by which a refusal of a service control policy is known. */
const SCP = 'is not authorized to perform this with an explicit deny in a service control policy';

interface Row {
  called: CalledOperation;
  code: string;
  kind: FailureKind;
  message: string;
}

const messageOf = (code: string) => `the words of ${code}`;
/** One of each kind of what any operation may answer, and all that is declared for this one. */
const REPRESENTATIVES = [
  'AccessDenied',
  'InvalidClientTokenId',
  'InternalFailure',
  'OptInRequired',
  'ThrottlingException',
];
const rowsOf = (called: CalledOperation): Row[] => [
  ...[...REPRESENTATIVES, ...called.declared].map((code) => ({
    ...{ called, code, message: messageOf(code) },
    // An answer to HEAD has no body, and so no code.
    kind:
      called.operation === 'HeadObject' && STATUS[code] === 403
        ? 'DENIED'
        : ((DECLARED[code] ?? COMMON[code]) as FailureKind),
  })),
  { called, code: 'AccessDeniedException', kind: 'DENIED_BY_SCP', message: SCP },
];

test('every exception that a service model declares for an operation we call is known, and no other', () => {
  expect(CALLED.length).toBeGreaterThan(25);
  const declared = new Set(CALLED.flatMap((called) => called.declared));
  expect([...declared].filter((code) => !(code in DECLARED))).toEqual([]);
  expect(Object.keys(DECLARED).filter((code) => !declared.has(code))).toEqual([]);
  // The model's own list is read, not an empty one.
  expect(CALLED.find(({ operation }) => operation === 'ListEventDataStores')?.declared).toContain(
    'UnsupportedOperationException',
  );
});

test.each([...Object.entries(DECLARED), ...Object.entries(COMMON)])('%s is %s', (code, kind) => {
  const error = Object.assign(new Error(messageOf(code)), {
    name: code,
    $fault: 'client',
    $metadata: { httpStatusCode: STATUS[code] ?? 400 },
  });
  expect(failureOf('X', error)).toEqual({ kind, operation: 'X', code, message: messageOf(code) });
});

/**
 * What an operation's failure must come to:
 * - `ROW`: the account, or this region of it, is a row with AWS's words; it is looked at again on resuming
 * - `NOTHING_THERE`: an answer like any other
 * - `FINDING`: a finding is UNVERIFIED, with its reason; what may pass is asked again on resuming
 * - `NOT_JUDGED`: no control rests on it alone; what may pass is asked again on resuming
 * - `NOT_ASKED`: another call has said it already
 */
type Effect = 'ROW' | 'NOTHING_THERE' | 'FINDING' | 'NOT_JUDGED' | 'NOT_ASKED';

const effectOf = ({ called: { operation }, code, kind }: Row): Effect => {
  if (['AssumeRole', 'DescribeRegions', 'DescribeTrails'].includes(operation)) return 'ROW';
  if (operation === 'ListEventDataStores' && ['UNAVAILABLE', 'NOT_PERMITTED'].includes(kind)) return 'NOTHING_THERE';
  // An account that never had one blocks nothing: a fact.
  if (code === 'NoSuchPublicAccessBlockConfiguration') return 'NOTHING_THERE';
  // ListBuckets names a bucket's region, but where a partition's does not.
  if (operation === 'GetBucketLocation') return 'NOT_ASKED';
  return ['GetObjectLockConfiguration', 'GetBucketLifecycleConfiguration'].includes(operation)
    ? 'NOT_JUDGED'
    : 'FINDING';
};

const STATES: Record<FailureKind, string> = {
  DENIED: 'ACCESS_DENIED',
  DENIED_BY_SCP: 'ACCESS_DENIED',
  NOT_PERMITTED: 'ACCESS_DENIED',
  CREDENTIALS: 'ACCESS_DENIED',
  THROTTLED: 'THROTTLED',
  NOT_FOUND: 'ERROR',
  UNAVAILABLE: 'ERROR',
  ERROR: 'ERROR',
};

/** Every row is an account of its own, with a trail, a key, a bucket, a log group and a store of its own. */
const rows = CALLED.filter(
  ({ service, operation }) => service !== 'organizations' && operation !== 'GetCallerIdentity',
).flatMap(rowsOf);
const idOf = (index: number) => String(200_000_000_000 + index);
const everyRow = <T>(make: (owner: string, index: number) => T): T[] =>
  rows.map((_, index) => make(idOf(index), index));
/** The account is asked only where a bucket blocks nothing by itself. */
const isOfAccount = (index: number) => rows[index]?.called.operation === 'GetAccountPublicAccessBlock';
const world: WorldSpec = {
  // Another region answers, so that one may be REGION_DENIED.
  regions: ['us-east-1', 'eu-west-1'],
  accounts: [{ name: 'management' }, ...everyRow((id) => ({ id, name: `account-${id}` }))],
  trails: everyRow((owner, index) => ({
    ...{ name: 'own', owner, key: `key-${index}`, bucket: `bucket-${index}`, logGroup: 'trail' },
  })),
  keys: everyRow((owner, index) => ({ name: `key-${index}`, owner })),
  buckets: everyRow((owner, index) => ({ name: `bucket-${index}`, owner, publicBlocked: !isOfAccount(index) })),
  logGroups: everyRow((owner) => ({ name: 'trail', owner })),
  eventDataStores: everyRow((owner, index) => ({ name: 'store', owner, key: `key-${index}` })),
};

describe('a scan in which every operation is answered with every exception', () => {
  inDepth('has a row or a finding that says so, and asks again where another answer may come', async () => {
    const intercept = ({ operation, accountId, region, input, request }: InterceptedCall) => {
      const [, entered] = /::(\d{12}):/.exec(String(input.RoleArn)) ?? [];
      const { called, code, message } = rows[Number(entered ?? accountId) - 200_000_000_000] ?? {};
      if (!called || called.operation !== operation || region !== 'us-east-1') return undefined;
      const error = new ApiError(STATUS[code ?? ''] ?? 400, code ?? '', message ?? '');
      return errorResponse({ protocol: called.protocol, error, requestId: 'r', method: request.method });
    };
    const scanned = await scanWorld({ world }, { settings: { sampleLogs: true }, hooks: { intercept } });
    const { simulation, store, runId } = scanned;
    const coverage = (await scanned.rows('coverage')).filter(({ region }) => region === 'us-east-1');
    const unverified = (await scanned.rows('findings')).filter(({ status }) => status === 'UNVERIFIED');
    const handlers = createHandlers(portsFor(simulation, store));
    const { signal } = new AbortController();
    await handlers.plan({ input: { resume: runId }, execution_arn: 'LOCAL', execution_name: 'again' }, { signal });
    await handlers.gather({ run_id: runId }, { signal });
    const again = `${store.text(`runs/${runId}/scan-items.json`)}${store.text(`runs/${runId}/inspect-items.json`)}`;

    expect(
      everyRow((id, index) => {
        const { what, called, code } = named(rows[index] as Row);
        const row = coverage.find(({ account_id }) => account_id === id);
        return {
          what,
          state: row?.state,
          says: row?.error_code === code ? row.error_message : null,
          unverified: unverified.some(({ account_id, reason }) => account_id === id && reason !== null),
          // The search for a bucket goes on in other accounts, and what they answer may pass.
          again: called.operation === 'ListBuckets' ? null : again.includes(`"${id}"`),
        };
      }),
    ).toEqual(
      everyRow((_, index) => {
        const row = rows[index] as Row;
        const { what, called, kind, code, message } = named(row);
        const effect = effectOf(row);
        const isDeniedRegion = kind === 'DENIED_BY_SCP' && called.operation === 'DescribeTrails';
        const isOpen = effect === 'ROW' ? !isDeniedRegion : mayPass({ kind, code } as CallFailure);
        return {
          what,
          state: effect !== 'ROW' ? 'SCANNED' : isDeniedRegion ? 'REGION_DENIED' : STATES[kind],
          says: effect === 'ROW' ? message : null,
          unverified:
            effect === 'NOT_JUDGED'
              ? expect.any(Boolean)
              : effect === 'FINDING' || (effect === 'ROW' && !isDeniedRegion),
          again:
            called.operation === 'ListBuckets' ? null : isOpen && effect !== 'NOTHING_THERE' && effect !== 'NOT_ASKED',
        };
      }),
    );
  });
});

const named = (row: Row) => ({
  ...row,
  what: `${row.called.operation}: ${row.code}${row.message === SCP ? ' (SCP)' : ''}`,
});
