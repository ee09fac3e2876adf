import { hash } from 'node:crypto';
import { controlsFor } from '../controls/catalogue.ts';
import type { Control, Decision, FactsOf, ResourceType } from '../controls/control.ts';
import { eventDataStoreEncrypted } from '../controls/event-data-store/event-data-store-encrypted.ts';
import { describedBy, selectorsBy, statusBy } from '../controls/evidence-of.ts';
import type { Subject } from '../controls/reasons/reason.ts';
import { regionRecorded } from '../controls/target/region-recorded.ts';
import { deliveredLogsEncrypted } from '../controls/trail/delivered-logs-encrypted.ts';
import { parseArn } from '../model/arn.ts';
import { evidenceRef, sortedRefs } from '../model/evidence.ts';
import { isOpen } from '../model/vocabulary.ts';
import { accountLogs, hasAccountLogs, type SeenAccount } from './account-logs.ts';
import type { CoverageDecision } from './coverage.ts';
import type { AccountRecord, LedgerEntry } from './ledger.ts';
import type { ResolvedTrail, Resources } from './resources.ts';
import {
  ABOUT_TARGETS,
  aboutBucket,
  aboutKey,
  aboutListing,
  aboutLogGroup,
  aboutStore,
  aboutTrail,
  type RootCause,
  rootCause,
  targetCause,
  trailCause,
} from './root-cause.ts';

/** A control's word on one resource, before names, waivers and history are joined to it. */
export interface Finding {
  findingId: string;
  control: Control;
  decision: Decision;
  /** The account that owns the resource; null where unknown. */
  accountId: string | null;
  region: string | null;
  /** As the control has it, but for what is part of such a resource. */
  resourceType: ResourceType | 'trail-logs';
  resourceArn: string;
  observedAt: string | null;
  /** null where the control is met or does not apply. */
  cause: RootCause | null;
}

/** Stable across runs: the same control on the same resource keeps its id. */
export const findingId = (controlId: string, resourceArn: string): string =>
  hash('sha256', `${controlId}|${resourceArn}`, 'hex').slice(0, 32);

type Place = Pick<Finding, 'accountId' | 'region' | 'resourceArn' | 'observedAt'>;
type Judged = Pick<Finding, 'decision' | 'cause'>;

const judged = <F>(
  control: Control & { decide(facts: F): Decision },
  facts: F,
  causeOf: (decision: Decision) => RootCause | null,
): Judged => {
  const decision = control.decide(facts);
  return { decision, cause: isOpen(decision.status) ? causeOf(decision) : null };
};

const found = (control: Control, { decision, cause }: Judged, at: Place): Finding => ({
  findingId: findingId(control.id, at.resourceArn),
  control,
  decision,
  resourceType: control.resource,
  ...at,
  cause,
});

/** The findings of everything that is judged once for the organization: trails, keys, buckets, log groups, stores. */
export function* resourceFindings(
  resources: Resources,
  options: { sampleLogs: boolean; partition: string },
): Iterable<Finding> {
  for (const trail of resources.trails) {
    const { trail: described, owner, observedAt } = trail.facts;
    const at = { accountId: owner || null, region: described.homeRegion, resourceArn: described.trailArn, observedAt };
    yield* findings('trail', trail, at, { on: aboutTrail(trail), options });
  }
  for (const key of resources.keys) {
    const { keyId, arn } = key.facts;
    const at = { accountId: arn?.accountId ?? null, region: arn?.region ?? null, resourceArn: keyId };
    yield* findings('key', key, { ...at, observedAt: key.observedAt }, { on: aboutKey(key), options });
  }
  for (const bucket of resources.buckets) {
    const resourceArn = `arn:${options.partition}:s3:::${bucket.bucket}`;
    const { accountId = null, region = null } = bucket.inspection ?? {};
    const at = { accountId, region, resourceArn, observedAt: bucket.observedAt };
    yield* findings('bucket', bucket, at, { on: aboutBucket(bucket, resourceArn), options });
  }
  for (const group of resources.logGroups) {
    const at = { ...place(group.logGroupArn), resourceArn: group.logGroupArn, observedAt: group.observedAt };
    yield* findings('log-group', group, at, { on: aboutLogGroup(group), options });
  }
  for (const store of resources.eventDataStores) {
    const at = { ...place(store.listed.arn), resourceArn: store.listed.arn, observedAt: store.observedAt };
    yield* findings('event-data-store', store, at, { on: aboutStore(store), options });
  }
}

/** What each control of its kind says of one resource. */
function* findings<R extends ResourceType>(
  kind: R,
  facts: FactsOf[R],
  at: Place,
  { on, options }: { on: Subject; options: { sampleLogs: boolean } },
): Iterable<Finding> {
  for (const control of controlsFor(kind, options))
    yield found(
      control,
      judged(control, facts, ({ reason, also }) => rootCause(control, reason, on, also)),
      at,
    );
}

/**
 * The findings of one account's own logs, one an organization trail: judged as the trail's are, and filed under the
 * same cause, which is one however many members it shows in.
 */
export function* accountLogFindings(
  seen: SeenAccount,
  organizationTrails: readonly ResolvedTrail[],
): Iterable<Finding> {
  const { accountId } = seen.account;
  for (const trail of organizationTrails) {
    if (!hasAccountLogs(trail.facts, seen)) continue;
    const { trailArn, homeRegion } = trail.facts.trail;
    const sampled = trail.accountSamples.get(accountId);
    const at = {
      accountId,
      region: homeRegion,
      resourceArn: accountLogs(trailArn, accountId),
      observedAt: sampled?.observedAt ?? null,
    };
    const facts = { ...trail, sample: sampled?.reading ?? null, oldest: null };
    const causeOf = ({ reason }: Decision) => rootCause(deliveredLogsEncrypted, reason, aboutTrail(trail));
    const word = judged(deliveredLogsEncrypted, facts, causeOf);
    yield { ...found(deliveredLogsEncrypted, word, at), resourceType: 'trail-logs' };
  }
}

/**
 * Where ListEventDataStores gave no answer nobody knows what stores there are: one finding an account, which names the
 * regions. Without it a refusal would read as an empty list.
 */
export function* unlistedStoreFindings(record: AccountRecord): Iterable<Finding> {
  if (record.kind !== 'observed') return;
  const { accountId, observedAt, regions } = record.observation;
  const unlisted = regions.flatMap((r) =>
    r.state === 'SCANNED' && r.lakeFailure ? [{ region: r.region, failure: r.lakeFailure }] : [],
  );
  const [first] = unlisted;
  if (!first) return;
  const names = unlisted.map(({ region }) => region);
  const answers = [...new Set(unlisted.map(({ failure: { code } }) => code))].map((code) => {
    const those = unlisted.filter(({ failure }) => failure.code === code);
    return `in ${those.map(({ region }) => region).join(', ')}: ListEventDataStores answered ${code}: ${those[0]?.failure.message}`;
  });
  // As a target, a list is no AWS resource and has no ARN: it is named by what it is.
  const resourceArn = `${accountId}/event-data-stores`;
  const reason = 'STORES_NOT_LISTED';
  const decision: Decision = {
    status: 'UNVERIFIED',
    reason,
    observed: null,
    detail: `Whether there are event data stores is not known ${answers.join('; ')}`,
    evidence: names.map((region) => evidenceRef({ accountId, region, operation: 'ListEventDataStores' })),
  };
  const cause = rootCause(eventDataStoreEncrypted, reason, aboutListing(first.failure));
  yield found(eventDataStoreEncrypted, { decision, cause }, { accountId, region: null, resourceArn, observedAt });
}

/** A target with what its coverage row is filed under. */
export interface FiledTarget {
  target: CoverageDecision;
  cause: RootCause | null;
}
type TrailOf = (arn: string) => ResolvedTrail | undefined;

/** Each of one account's targets with its cause. */
export function filedTargets(targets: readonly CoverageDecision[], trailOf: TrailOf): FiledTarget[] {
  const known = new Map<CoverageDecision['recording'], RootCause | null>();
  return targets.map((target) => {
    const { recording } = target;
    const same = recording.length > 0 ? known.get(recording) : undefined;
    const cause = same === undefined ? targetCause(target, trailOf) : same;
    if (recording.length > 0) known.set(recording, cause);
    return { target, cause };
  });
}

/** The findings of one account's targets. */
export function* targetFindings(request: {
  accountId: string;
  targets: readonly FiledTarget[];
  trailOf: TrailOf;
}): Iterable<Finding> {
  const { accountId, trailOf } = request;
  // What the trails say, and what they rest on, is the same for all Regions that the same trails record.
  const known = new Map<CoverageDecision['recording'], SaidOfTargets>();
  for (const filed of request.targets) {
    const { entry, recording } = filed.target;
    const said = known.get(recording) ?? {
      evidence: sortedRefs(trailEvidence(filed.target, accountId, trailOf)),
      words: TARGET_CONTROLS.map((control) => ({ control, ...judgedTarget(control, filed, trailOf) })),
    };
    if (recording.length > 0) known.set(recording, said);
    const evidence = targetEvidence(entry, accountId, said.evidence);
    const { region, observedAt } = entry;
    // A target is no AWS resource and has no ARN: it is named by what it is.
    const at = { accountId, region, resourceArn: `${accountId}/${region}`, observedAt };
    for (const { control, decision, cause } of said.words)
      yield found(control, { decision: { ...decision, evidence }, cause }, at);
  }
}
const TARGET_CONTROLS = controlsFor('target', { sampleLogs: false });

interface SaidOfTargets {
  evidence: string[];
  words: readonly (Judged & { control: Control })[];
}

const judgedTarget = (control: (typeof TARGET_CONTROLS)[number], filed: FiledTarget, trailOf: TrailOf): Judged =>
  judged(control, filed.target, ({ reason }) =>
    control.id === regionRecorded.id
      ? recordedCause(filed, reason, trailOf)
      : rootCause(control, reason, ABOUT_TARGETS),
  );

/** What is wrong with a target that a trail records is filed under that trail, what keeps all trails away under the target's own cause. */
function recordedCause({ target, cause }: FiledTarget, reason: string, trailOf: TrailOf): RootCause | null {
  const { recording, verdict } = target;
  const culprit =
    recording.find((r) => r.delivery.reason === reason) ??
    recording.find((r) => r.delivery.verdict !== 'FAILS') ??
    recording[0];
  const trail = culprit && trailOf(culprit.trail.trailArn);
  if (!trail) return cause;
  if (verdict === 'UNENCRYPTED' && reason === 'NOT_DELIVERED') return trailCause(trail, culprit.delivery.reason);
  // Not under the target's own cause, the missing key, where nothing arrives however it is encrypted.
  const own = cause === null || verdict === 'UNENCRYPTED' || reason === 'PARTIAL_EVENTS';
  return own ? rootCause(regionRecorded, reason, aboutTrail(trail)) : cause;
}

/**
 * What the target itself answered, and what the trails that record it rest on. Nothing was asked of an account that is
 * inactive or left out (the list of accounts says so), nor where a child died.
 */
function targetEvidence(entry: LedgerEntry, accountId: string, trails: string[]): string[] {
  const { region, state, reason, apiCalls } = entry;
  const once = (operation: string) => [evidenceRef({ accountId, region: '*', operation })];
  if (reason === 'ASSUMEROLE_REFUSED') return once('AssumeRole');
  if (state === 'REGION_DISABLED' || reason === 'DESCRIBEREGIONS_REFUSED') return once('DescribeRegions');
  if (apiCalls === 0) return [];
  const own = evidenceRef({ accountId, region, operation: 'DescribeTrails' });
  if (trails.includes(own)) return trails;
  return [...trails.filter((ref) => ref < own), own, ...trails.filter((ref) => ref > own)];
}

/** Where none records it, that rests on all that were seen: stopped, or taking no management events. */
function trailEvidence({ entry, recording, basis }: CoverageDecision, accountId: string, trailOf: TrailOf): string[] {
  const arns = recording.length > 0 ? recording.map((r) => r.trail.trailArn) : entry.trailArns;
  return arns.flatMap((arn) => {
    const trail = trailOf(arn);
    if (!trail) return [];
    const records = [...statusBy(trail), ...selectorsBy(trail)];
    // An inferred verdict rests on the answer that did show the trail.
    if (basis === 'INFERRED') records.push(describedBy(trail));
    const { isOrganization, homeRegion } = trail.facts.trail;
    // A member's copy of an organization trail has a status of its own.
    if (recording.length > 0 && isOrganization && trail.facts.owner !== accountId)
      records.push(evidenceRef({ accountId, region: homeRegion, operation: 'GetTrailStatus', subject: arn }));
    return records;
  });
}

const place = (arn: string) => {
  const parsed = parseArn(arn);
  return { accountId: parsed?.accountId || null, region: parsed?.region || null };
};
