import type { TrailStatus } from '../model/account-access.ts';
import type { FailureKind, Reading } from '../model/reading.ts';
import type { CoverageVerdict, TrailVerdict } from '../model/vocabulary.ts';
import { isUsable, type KeyFacts, type KeyStateReason, type KeyUnknown, keyStateReason } from './key-facts.ts';
import { deliveryError } from './trail-facts.ts';

/**
 * Every verdict is decided in this file (CONTRACT section 4). First match wins; what could not be
 * determined is UNVERIFIED, never a pass.
 */
export interface Judged<V extends string, Reason extends string> {
  verdict: V;
  /** A stable code that says which rule decided; a control of the trail or the target has it, with its cause. */
  reason: Reason;
}

/** Why a status is not known. */
export type StatusUnknown = `STATUS_${FailureKind}` | 'STATUS_NOT_READ';
/** Why not more is known of a trail, or of one member's copy of it. */
type TrailUnknown =
  | KeyUnknown
  | 'KEY_OWNER_UNKNOWN'
  | StatusUnknown
  | 'SILENT'
  | `MEMBER_${StatusUnknown | 'SILENT'}`
  | 'SELECTORS_NOT_READ';
type Broken = KeyStateReason | 'KEY_NOT_IN_BUCKET_REGION' | 'DELIVERY_ERROR' | 'MEMBER_DELIVERY_ERROR';

/** A trail's verdict, each with the reasons that lead to it. */
export type JudgedVerdict =
  | Judged<'UNSEALED', 'NO_KEY'>
  | Judged<'BROKEN', Broken>
  | Judged<'STOPPED', 'NOT_LOGGING'>
  | Judged<'FOREIGN_KEY', 'AWS_MANAGED_KEY' | 'KEY_OUTSIDE_ORGANIZATION'>
  | Judged<'UNVERIFIED', TrailUnknown>
  | Judged<'SEALED', 'ENCRYPTED_AND_DELIVERING'>;
/** What is wrong with a trail, or not known of it. */
export type TrailFault = Exclude<JudgedVerdict, { verdict: 'SEALED' }>['reason'];

/** Hours without a log or a digest after which a trail that logs counts as silent. */
export const SILENT_AFTER_HOURS = 26;

/** The trail's own verdict. */
export function trailVerdict(request: {
  kmsKeyId: string | null;
  key: KeyFacts | null;
  /** The bucket's region, or null where unknown. */
  bucketRegion: string | null;
  status: Reading<TrailStatus> | null;
  /** When the status was read, ISO 8601 UTC. */
  observedAt: string;
}): JudgedVerdict {
  const { key, status } = request;
  if (!request.kmsKeyId) return { verdict: 'UNSEALED', reason: 'NO_KEY' };
  if (key?.state && !isUsable(key.state)) return { verdict: 'BROKEN', reason: keyStateReason(key.state) };
  if (key?.arn && request.bucketRegion && key.arn.region !== request.bucketRegion) {
    return { verdict: 'BROKEN', reason: 'KEY_NOT_IN_BUCKET_REGION' };
  }
  if (status?.ok && !status.value.isLogging) return { verdict: 'STOPPED', reason: 'NOT_LOGGING' };
  if (status?.ok && deliveryError(status.value)) return { verdict: 'BROKEN', reason: 'DELIVERY_ERROR' };
  if (key?.manager && key.manager !== 'CUSTOMER') return { verdict: 'FOREIGN_KEY', reason: 'AWS_MANAGED_KEY' };
  if (key?.ownAccount === false) return { verdict: 'FOREIGN_KEY', reason: 'KEY_OUTSIDE_ORGANIZATION' };
  if (!key?.state) return { verdict: 'UNVERIFIED', reason: key?.unknownBecause ?? 'KEY_NOT_INSPECTED' };
  if (key.ownAccount === null) return { verdict: 'UNVERIFIED', reason: 'KEY_OWNER_UNKNOWN' };
  if (!status?.ok) return { verdict: 'UNVERIFIED', reason: statusUnknown(status) };
  if (isSilent(status.value, request.observedAt)) return { verdict: 'UNVERIFIED', reason: 'SILENT' };
  return { verdict: 'SEALED', reason: 'ENCRYPTED_AND_DELIVERING' };
}

/** Whether it was within the last 26 hours. */
export const recent = (at: string | null, observedAt: string): boolean =>
  at !== null && Date.parse(at) >= Date.parse(observedAt) - SILENT_AFTER_HOURS * 3_600_000;

/**
 * Neither a log nor a digest for 26 hours although logging began earlier. Where the start of logging is
 * unknown and nothing was ever delivered, silence cannot be excluded, so it counts.
 */
export function isSilent(status: TrailStatus, observedAt: string): boolean {
  return !(
    recent(status.latestDeliveryAt, observedAt) ||
    recent(status.latestDigestAt, observedAt) ||
    recent(status.startedLoggingAt, observedAt)
  );
}

/**
 * Whether the digests of a trail with log file validation arrive. CloudTrail delivers one every hour, also when there was
 * no API activity. `NONE`: never one, although logging began more than 26 hours ago; validation may be on since today.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
 */
export function digestsOf(status: TrailStatus, observedAt: string): 'ARRIVE' | 'FAIL' | 'OVERDUE' | 'NONE' {
  if (status.latestDigestError) return 'FAIL';
  // A trail that is stopped, or that started again today, has none to deliver yet.
  if (!status.isLogging || recent(status.startedLoggingAt, observedAt) || recent(status.latestDigestAt, observedAt))
    return 'ARRIVE';
  return status.latestDigestAt === null ? 'NONE' : 'OVERDUE';
}

/** Whether anything arrives, whatever it is encrypted with. */
export type JudgedDelivery =
  | Judged<'ARRIVES', 'DELIVERING' | 'MEMBER_DELIVERING'>
  | Judged<'FAILS', Broken>
  | Judged<'UNKNOWN', TrailUnknown>;

/**
 * Whether what a trail takes arrives: a trail without a key delivers or fails like any other, so its verdict does not
 * say. A trail that is stopped takes nothing and is not asked about.
 */
export function trailDelivery(request: {
  verdict: JudgedVerdict;
  status: Reading<TrailStatus> | null;
  observedAt: string;
}): JudgedDelivery {
  const { verdict, status } = request;
  if (verdict.verdict === 'BROKEN') return { verdict: 'FAILS', reason: verdict.reason };
  if (verdict.verdict === 'UNVERIFIED') return { verdict: 'UNKNOWN', reason: verdict.reason };
  return statusDelivery(status, request.observedAt);
}

/** The same for one member of an organization trail, by the status of its own copy. */
export function memberDelivery(
  trail: JudgedDelivery,
  member: Reading<TrailStatus> | null,
  observedAt: string,
): JudgedDelivery {
  if (trail.verdict === 'FAILS') return trail;
  const own = statusDelivery(member, observedAt);
  if (own.verdict === 'FAILS') return { verdict: 'FAILS', reason: `MEMBER_${own.reason}` };
  if (trail.verdict === 'UNKNOWN') return trail;
  return own.verdict === 'ARRIVES'
    ? { verdict: 'ARRIVES', reason: `MEMBER_${own.reason}` }
    : { verdict: 'UNKNOWN', reason: `MEMBER_${own.reason}` };
}

function statusDelivery(
  status: Reading<TrailStatus> | null,
  observedAt: string,
): Judged<'ARRIVES', 'DELIVERING'> | Judged<'FAILS', 'DELIVERY_ERROR'> | Judged<'UNKNOWN', StatusUnknown | 'SILENT'> {
  if (!status?.ok) return { verdict: 'UNKNOWN', reason: statusUnknown(status) };
  if (deliveryError(status.value)) return { verdict: 'FAILS', reason: 'DELIVERY_ERROR' };
  if (isSilent(status.value, observedAt)) return { verdict: 'UNKNOWN', reason: 'SILENT' };
  return { verdict: 'ARRIVES', reason: 'DELIVERING' };
}

const statusUnknown = (status: Extract<Reading<TrailStatus>, { ok: false }> | null): StatusUnknown =>
  status ? `STATUS_${status.failure.kind}` : 'STATUS_NOT_READ';

/** What an organization trail's own status in one member makes of the trail, for that member alone. */
export function memberVerdict(
  trail: JudgedVerdict,
  member: Reading<TrailStatus> | null,
  observedAt: string,
): JudgedVerdict {
  if (trail.verdict === 'UNSEALED' || trail.verdict === 'BROKEN') return trail;
  if (member?.ok) {
    if (deliveryError(member.value)) return { verdict: 'BROKEN', reason: 'MEMBER_DELIVERY_ERROR' };
    if (trail.verdict === 'SEALED' && isSilent(member.value, observedAt)) {
      return { verdict: 'UNVERIFIED', reason: 'MEMBER_SILENT' };
    }
    return trail;
  }
  return trail.verdict === 'SEALED' ? { verdict: 'UNVERIFIED', reason: `MEMBER_${statusUnknown(member)}` } : trail;
}

/** Over the trails that record a target, first match wins. null where none records. */
export function recordedVerdict(recording: readonly TrailVerdict[]): CoverageVerdict | null {
  const any = (verdict: TrailVerdict) => recording.includes(verdict);
  if (any('UNSEALED')) return 'UNENCRYPTED';
  if (any('FOREIGN_KEY')) return 'FOREIGN_KEY';
  if (any('UNVERIFIED')) return 'UNVERIFIED';
  if (any('SEALED')) return 'ENCRYPTED';
  if (any('BROKEN')) return 'BROKEN';
  return null;
}
