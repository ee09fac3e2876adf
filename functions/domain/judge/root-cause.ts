import { hash } from 'node:crypto';
import type { Control } from '../controls/control.ts';
import { CAUSE_KINDS, type RootCauseKind } from '../controls/reasons/cause-kinds.ts';
import { causeOn, type Reason, type Subject } from '../controls/reasons/reason.ts';
import { regionRecorded } from '../controls/target/region-recorded.ts';
import { trailDelivering } from '../controls/trail/trail-delivering.ts';
import { trailKeyOwned } from '../controls/trail/trail-key-owned.ts';
import { trailKeyUsable } from '../controls/trail/trail-key-usable.ts';
import { trailKmsEncrypted } from '../controls/trail/trail-kms-encrypted.ts';
import { trailOwner } from '../model/arn.ts';
import type { CallFailure } from '../model/reading.ts';
import { isUnreached, type Severity } from '../model/vocabulary.ts';
import type { CoverageDecision } from './coverage.ts';
import type { BucketFacts, LogGroupFacts, ResolvedTrail, StoreFacts, UsedKey } from './resources.ts';
import type { JudgedDelivery, TrailFault } from './verdict.ts';

/** What one fix repairs, however many findings, accounts and regions it shows in. */
export interface RootCause {
  id: string;
  kind: RootCauseKind;
  severity: Severity;
  /** One sentence for people. */
  title: string;
  /** What to do, once. */
  fix: string;
  /** The resource to change, where it is one. */
  resource: string | null;
}

/**
 * The cause of what a control says of a subject; null where the reason passes or does not apply. Reasons that hold too
 * (`also`) add what is wrong and what repairs it; the cause is that of the first.
 */
export function rootCause(
  control: Pick<Control, 'id' | 'reasons'>,
  reason: string,
  on: Subject,
  also: readonly string[] = [],
): RootCause | null {
  const declared = control.reasons[reason];
  if (!declared || !('cause' in declared)) return null;
  const { kind, severity, title, fix, of, tag } = causeOn(declared.cause, on);
  const others = also.flatMap((code) => {
    const other = control.reasons[code];
    return other && 'cause' in other ? [{ words: other.words, fix: causeOn(other.cause, on).fix }] : [];
  });
  const key = of === 'key' ? on.key : null;
  const name = [tag ?? tagOf(kind, control.id, reason), key?.keyId ?? on.name]
    .filter((part) => part !== null)
    .join('|');
  return {
    id: `rc-${hash('sha256', `${kind}|${name}`, 'hex').slice(0, 12)}`,
    kind,
    severity,
    title:
      title?.(on) ?? `${[declared.words, ...others.map(({ words }) => inSentence(words))].join('; ')}: ${on.words}`,
    fix: [...new Set([fix, ...others.map((other) => other.fix)])].join(' '),
    resource: key?.keyId ?? on.resource,
  };
}

const inSentence = (words: string): string => `${words.charAt(0).toLowerCase()}${words.slice(1)}`;

function tagOf(kind: RootCauseKind, controlId: string, reason: string): string | null {
  if (kind === 'CONTROL_NOT_MET') return `${controlId}|${reason}`;
  return 'perReason' in CAUSE_KINDS[kind] ? reason : null;
}

/**
 * Trails alike share a cause: an organization trail is itself, one; local trails are alike when name and bucket
 * are the same (the owner's id within the name of its own bucket does not tell them apart).
 */
function alike(trail: ResolvedTrail): { name: string; words: string } {
  const { trail: described, owner } = trail.facts;
  if (described.isOrganization) return { name: described.trailArn, words: `organization trail ${described.name}` };
  // One bucket for alike trails of several accounts keeps its name, whose account's id it may hold.
  const isShared =
    trail.bucket?.trails.some((arn) => trailOwner(arn) !== owner && arn.endsWith(`:trail/${described.name}`)) ?? false;
  const bucket = isShared ? (described.bucket ?? '') : (described.bucket ?? '').replaceAll(owner, '{account}');
  return {
    name: `${described.name}|${bucket}`,
    words: `trails named ${described.name} with bucket ${bucket || 'none'}`,
  };
}

export function aboutTrail(trail: ResolvedTrail): Subject {
  const { isOrganization, trailArn } = trail.facts.trail;
  return { ...alike(trail), resource: isOrganization ? trailArn : null, key: trail.key };
}

export const aboutKey = ({ facts }: UsedKey): Subject => ({
  words: `key ${facts.keyId}`,
  name: facts.keyId,
  resource: facts.keyId,
  key: facts,
});

export const aboutBucket = ({ bucket }: BucketFacts, arn: string): Subject => ({
  words: bucket,
  name: bucket,
  resource: arn,
  key: null,
});

export const aboutLogGroup = ({ logGroupArn }: LogGroupFacts): Subject => ({
  words: `log group ${logGroupArn}`,
  name: logGroupArn,
  resource: logGroupArn,
  key: null,
});

export const aboutStore = ({ listed: { arn, name }, key }: StoreFacts): Subject => ({
  words: `event data store ${name}`,
  name: arn,
  resource: arn,
  key,
});

/** Lists of event data stores that failed alike. */
export const aboutListing = (failure: CallFailure): Subject => ({
  words: failure.code,
  name: failure.code,
  resource: null,
  key: null,
  failure,
});

/** What another control than `region-recorded` finds of targets has one cause for all of them. */
export const ABOUT_TARGETS: Subject = { words: 'accounts and Regions', name: 'targets', resource: null, key: null };

/** Targets alike share a cause: those that ended alike, or that the same is absent from. */
function aboutTarget({ entry, reason, verdict }: CoverageDecision): Subject {
  const code = entry.errorCode ?? entry.reason ?? entry.state;
  const at = { words: code, resource: null, key: null, state: entry.state };
  if (isUnreached(entry.state)) return { ...at, name: `${entry.state}|${entry.reason}|${code}` };
  return { ...at, name: entry.state === 'REGION_DENIED' ? 'region deny' : (reason ?? verdict) };
}

/** A verdict's reasons are those of the controls that ask for the same: each here has its cause. */
const OF_VERDICTS: Readonly<Record<TrailFault, Reason>> = {
  ...regionRecorded.reasons,
  ...trailDelivering.reasons,
  ...trailKeyOwned.reasons,
  ...trailKeyUsable.reasons,
  ...trailKmsEncrypted.reasons,
};

/** What a reason of coverage declares: of a target itself, or of the trails that record it. */
export const verdictReason = (reason: string): Reason | undefined =>
  (OF_VERDICTS as Readonly<Record<string, Reason>>)[reason];

/** The cause that a verdict of a trail, or of one member's copy of it, is filed under. */
export const trailCause = (trail: ResolvedTrail, reason: TrailFault | JudgedDelivery['reason']): RootCause | null =>
  rootCause({ id: 'trail', reasons: OF_VERDICTS }, reason, aboutTrail(trail));

/** The cause behind a target's verdict, or null where nothing is wrong with it, or it was left out. */
export function targetCause(
  target: CoverageDecision,
  trailOf: (arn: string) => ResolvedTrail | undefined,
): RootCause | null {
  if (target.recording.length === 0)
    return target.reason && rootCause(regionRecorded, target.reason, aboutTarget(target));
  const decisive = target.recording.find(({ effective }) => effective.reason === target.reason);
  const trail = decisive && trailOf(decisive.trail.trailArn);
  if (!trail || decisive.effective.verdict === 'SEALED') return null;
  return trailCause(trail, decisive.effective.reason);
}
