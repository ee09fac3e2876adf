import type { CallFailure, FailureKind } from '../../domain/model/reading.ts';
import { CallError } from '../../reads/call-error.ts';
import { withoutCredentials } from './credentials-in-text.ts';

const MAX_MESSAGE = 1_000;
const MAX_CODE = 128;

/** Codes without the ending Exception, which some services add and others do not. */
const THROTTLED = new Set([
  'BandwidthLimitExceeded',
  'EC2Throttled',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'Throttled',
  'Throttling',
  'TooManyRequests',
]);

const CREDENTIALS = new Set([
  'AuthFailure',
  'CredentialsProviderError',
  'ExpiredToken',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignature',
  'InvalidToken',
  'MissingAuthenticationToken',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'TokenRefreshRequired',
  'UnrecognizedClient',
]);

const DENIED = new Set([
  'AccessDenied',
  'AuthorizationError',
  'Forbidden',
  'NotAuthorized',
  'Unauthorized',
  'UnauthorizedOperation',
]);

const NOT_FOUND = new Set([
  'AWSOrganizationsNotInUse',
  'EventDataStoreNotFound',
  'NoSuchBucket',
  'NoSuchKey',
  'NotFound',
  'ResourceNotFound',
  'TrailNotFound',
]);

/**
 * The account may not use the service or the feature, whatever its policies allow: no permission and no second attempt
 * changes that. NoManagementAccountSLRExistsException is not among them: the role can be made, and then there is an answer.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListEventDataStores.html
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html
 */
const NOT_PERMITTED = new Set(['OperationNotPermitted', 'OptInRequired', 'SubscriptionRequired']);

/** Said for good: the region has no such feature. */
const UNAVAILABLE = new Set(['UnsupportedOperation']);

/** The codes that a new AssumeRole cures. */
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);

/** Refused with 400 and no body, as S3 answers a HEAD in an expired session: a renewal may cure it. */
export const mayBeExpired = (failure: CallFailure): boolean => isExpired(failure) || failure.code === 'HTTP400';

/** A body that ended early, is no JSON or XML, or is a web page. */
export const isUnreadable = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  (['SyntaxError', 'MalformedAnswer'].includes((error as Error).name) || '$responseBodyText' in error);

export const isAbort = (error: unknown): boolean => (error as { name?: unknown } | null)?.name === 'AbortError';

export const abortError = (signal?: AbortSignal): Error =>
  Object.assign(new Error('the scan was stopped', { cause: signal?.reason }), { name: 'AbortError' });

export const isExpired = (failure: CallFailure): boolean =>
  failure.kind === 'CREDENTIALS' && (EXPIRED.has(failure.code) || /token .*expired/i.test(failure.message));

/** The request was signed at a time that AWS does not accept: the clock is wrong, and no new credentials help. */
export const isClockSkew = (code: string, message: string): boolean =>
  /^Request(?:Expired|TimeTooSkewed|InTheFuture)$/.test(code) || /signature (?:expired|not yet current)/i.test(message);

/**
 * The one place where an error of the SDK, of a service or of the network becomes a kind.
 * @param held secrets that the call was signed with: whatever the error quotes, not these
 */
export const failureOf = (operation: string, error: unknown, held?: Iterable<string>): CallFailure => {
  if (error instanceof CallError) return error.failure;
  const { name, code, status, text } = partsOf(error);
  // A status counts only with a service's exception: a connection that breaks within a 404 says nothing.
  const isAnswer = typeof error === 'object' && error !== null && '$fault' in error && !isUnreadable(error);
  const kind = kindOf(name, isAnswer || status === 429 ? status : null, text);
  return { kind, operation, code: presentable(code, held).slice(0, MAX_CODE), message: presentable(text, held) };
};

export const httpStatusOf = (error: unknown): number | null => partsOf(error).status;

/** The message cut to 1,000 characters, without what would let its reader sign calls. */
export const presentable = (text: string, held?: Iterable<string>): string => {
  const safe = withoutCredentials(text, held);
  if (safe.length <= MAX_MESSAGE) return safe;
  // A cut between the halves of a surrogate pair would leave text that is not valid UTF-8.
  const cut = safe.slice(0, MAX_MESSAGE);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
};

const partsOf = (error: unknown) => {
  const e = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    code?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  const status = e.$metadata?.httpStatusCode ?? null;
  const named = typeof e.name === 'string' && e.name !== '' && e.name !== 'Error' ? e.name : undefined;
  const systemCode = typeof e.code === 'string' ? e.code : undefined;
  const name = (named ?? systemCode ?? 'Error').replace(/^Client\./, '');
  if (isUnreadable(error)) {
    // A proxy's or load balancer's page in place of an answer: the status says more than the parser.
    const code = status !== null && status >= 400 ? `HTTP${status}` : 'MalformedAnswer';
    return { name: code, code, status, text: `the answer could not be read: ${String(e.message).split('\n')[0]}` };
  }
  if (/^Unknown(?:Error)?$/.test(name) && status !== null) {
    // An answer to HEAD has no body, and so no reason.
    return { name, code: `HTTP${status}`, status, text: `answered with status ${status} and no reason` };
  }
  return {
    name,
    code: name === 'TypeError' || name === 'AggregateError' ? (systemCode ?? name) : name,
    status,
    text: typeof e.message === 'string' && e.message !== '' ? e.message : String(systemCode ?? name),
  };
};

const kindOf = (name: string, status: number | null, text: string): FailureKind => {
  const code = name.replace(/Exception$/, '');
  if (THROTTLED.has(code) || status === 429) return 'THROTTLED';
  // By its words too: some services send this under a plain AccessDenied. It says nothing about the region.
  if (CREDENTIALS.has(code) || /security token .*(?:is|has) (?:invalid|expired)/i.test(text)) return 'CREDENTIALS';
  if (DENIED.has(code)) return deniedKind(text);
  if (NOT_FOUND.has(code)) return 'NOT_FOUND';
  if (NOT_PERMITTED.has(code)) return 'NOT_PERMITTED';
  if (UNAVAILABLE.has(code)) return 'UNAVAILABLE';
  if (status === 401 || status === 403) return deniedKind(text);
  return status === 404 ? 'NOT_FOUND' : 'ERROR';
};

/**
 * The two wordings of a service control policy's refusal: its deny, and in allow-list organizations its silence
 * (IAM user guide, troubleshooting access denied errors).
 */
const SCP =
  /with an explicit deny in a service control policy|because no service control policy allows the .{1,200} action/i;

const deniedKind = (text: string): FailureKind => (SCP.test(text) ? 'DENIED_BY_SCP' : 'DENIED');
