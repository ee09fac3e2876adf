import { hash } from 'node:crypto';
import type { Control, Decision, ReasonCause } from '../controls/control.ts';
import { trailOwner } from '../model/arn.ts';
import { type CallFailure, mayPass } from '../model/reading.ts';
import { isUnreached, type Severity } from '../model/vocabulary.ts';
import type { CoverageDecision } from './coverage.ts';
import { isUsable } from './key-facts.ts';
import type { BucketFacts, LogGroupFacts, ResolvedTrail, StoreFacts, UsedKey } from './resources.ts';

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

export type RootCauseKind =
  | 'TRAIL_WITHOUT_KEY'
  | 'DEAD_KEY'
  | 'KEY_REGION'
  | 'FOREIGN_KEY'
  | 'DELIVERED_OTHERWISE'
  | 'NOT_DELIVERING'
  | 'MEMBER_NOT_DELIVERING'
  | 'PARTIAL_EVENTS'
  | 'LOG_VALIDATION_OFF'
  | 'NO_TRAIL'
  | 'UNREACHED'
  | 'REGION_DENIED'
  | 'KEY_SETTINGS'
  | 'BUCKET_SETTINGS'
  | 'LOG_GROUP_SETTINGS'
  | 'LAKE_SETTINGS'
  | 'UNKNOWN_STATE'
  | 'CONTROL_NOT_MET';

const cause = (request: Omit<RootCause, 'id'> & { name: string }): RootCause => {
  const { name, ...rest } = request;
  const id = `rc-${hash('sha256', `${rest.kind}|${name}`, 'hex').slice(0, 12)}`;
  return { id, ...rest };
};

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

/** A control and what it decided. */
export interface DecidedBy {
  control: Control;
  decision: Decision;
}

/** A FAIL that no table here or in the control explains is filed under what the control says of itself. */
const notMet = ({ control, decision }: DecidedBy): ReasonCause | null =>
  decision.status === 'FAIL'
    ? { severity: control.severity, words: `Not met (${control.title})`, fix: control.remediation }
    : null;

/** The cause behind a trail's finding or verdict, by the reason that decided it. `by` is null for a verdict. */
export function trailCause(trail: ResolvedTrail, reason: string, by: DecidedBy | null = null): RootCause {
  const { name, words } = alike(trail);
  const resource = trail.facts.trail.isOrganization ? trail.facts.trail.trailArn : null;
  const { key } = trail;
  const own = by?.control.reasons?.[reason];
  const ofControl = ({ severity, words: what, fix }: ReasonCause) =>
    cause({
      kind: 'CONTROL_NOT_MET',
      name: `${by?.control.id}|${reason}|${name}`,
      severity,
      resource,
      title: `${what}: ${words}`,
      fix,
    });
  if (own) return ofControl(own);
  // A key that is dead explains whatever its trail reports: one key, one cause.
  if (key?.state && !isUsable(key.state) && !['NO_KEY', 'VALIDATION_OFF', 'NOT_LOGGING'].includes(reason))
    return deadKey(key);
  // The trail has its key: telling the reader to set one would repair nothing.
  if ((reason === 'NOT_KMS' && trail.facts.trail.kmsKeyId !== null) || reason === 'OTHER_KEY')
    return cause({
      kind: 'DELIVERED_OTHERWISE',
      name,
      severity: 'HIGH',
      resource,
      title: `Logs delivered by ${words} do not carry its key`,
      fix: 'Look who writes them: a key set since, another trail with the same bucket and prefix, or nobody from CloudTrail.',
    });
  switch (reason) {
    case 'NO_KEY':
    case 'NOT_KMS':
      return cause({
        kind: 'TRAIL_WITHOUT_KEY',
        name,
        severity: 'HIGH',
        resource,
        title: `No KMS key on ${words}`,
        fix: 'Create one customer managed key in the region of the bucket and set it on the trail.',
      });
    case 'KEY_NOT_IN_BUCKET_REGION':
      return cause({
        kind: 'KEY_REGION',
        name: key?.keyId ?? name,
        severity: 'CRITICAL',
        resource: key?.keyId ?? null,
        title: `Key ${key?.keyId} is not in the region of the bucket`,
        fix: 'Set a key in the region of the bucket on the trail.',
      });
    case 'AWS_MANAGED_KEY':
    case 'KEY_OUTSIDE_ORGANIZATION':
      return cause({
        kind: 'FOREIGN_KEY',
        name: key?.keyId ?? name,
        severity: 'HIGH',
        resource: key?.keyId ?? null,
        title: `Key ${key?.keyId} is not ours`,
        fix: 'Set a customer managed key of the organization on the trail, or name its account in trustedAccounts.',
      });
    case 'NOT_LOGGING':
      return cause({
        kind: 'NOT_DELIVERING',
        name: `stopped|${name}`,
        severity: 'CRITICAL',
        resource,
        title: `Logging is stopped on ${words}`,
        fix: 'aws cloudtrail start-logging.',
      });
    case 'DELIVERY_ERROR':
      return cause({
        kind: 'NOT_DELIVERING',
        name: `error|${name}`,
        severity: 'CRITICAL',
        resource,
        title: `Delivery fails for ${words}`,
        fix: 'Let cloudtrail.amazonaws.com write to the bucket and use the key.',
      });
    case 'MEMBER_DELIVERY_ERROR':
    case 'MEMBER_SILENT':
      return cause({
        kind: 'MEMBER_NOT_DELIVERING',
        name,
        severity: 'HIGH',
        resource,
        title: `Members' copies of ${words} are not delivered`,
        fix: 'Let the bucket policy and the key policy of the trail admit these accounts.',
      });
    case 'VALIDATION_OFF':
      return cause({
        kind: 'LOG_VALIDATION_OFF',
        name,
        severity: 'MEDIUM',
        resource,
        title: `Log file validation is off on ${words}`,
        fix: 'aws cloudtrail update-trail --enable-log-file-validation.',
      });
    case 'DIGEST_ERROR':
    case 'DIGEST_OVERDUE':
    case 'NO_DIGEST':
      return cause({
        kind: 'NOT_DELIVERING',
        name: `digest|${name}`,
        severity: 'MEDIUM',
        resource,
        title: `Digests of the log files are not delivered by ${words}`,
        fix: 'Let cloudtrail.amazonaws.com write to the bucket, its folder CloudTrail-Digest too, and use the key.',
      });
    case 'SILENT':
      return cause({
        kind: 'NOT_DELIVERING',
        name: `silent|${name}`,
        severity: 'HIGH',
        resource,
        title: `Nothing was delivered for 26 hours by ${words}`,
        fix: 'Look at the bucket policy and the key policy; AWS reports no error for time-outs.',
      });
    case 'PARTIAL_EVENTS':
      return cause({
        kind: 'PARTIAL_EVENTS',
        name,
        severity: 'HIGH',
        resource,
        title: `Only part of the management events is taken by ${words}`,
        fix: 'Take all management events: read and write, with nothing excluded.',
      });
    default: {
      const failed = by && notMet(by);
      if (failed) return ofControl(failed);
      return cause({
        kind: 'UNKNOWN_STATE',
        name: key?.keyId ? `${reason}|${key.keyId}` : `${reason}|${name}`,
        severity: 'MEDIUM',
        resource: key?.keyId ?? resource,
        title: `Not known (${reason}) of ${reason.startsWith('KEY_') && key ? `key ${key.keyId}` : words}`,
        fix: unknownFix(reason),
      });
    }
  }
}

/** What makes a thing known, by why it is not: only what was refused, or asked of nobody, lacks a permission. */
function unknownFix(reason: string): string {
  const named = UNKNOWN_FIX[reason.replace(/^MEMBER_/, '')];
  if (named) return named;
  if (/_(THROTTLED|ERROR|CREDENTIALS)$/.test(reason))
    return 'Run `trailseal scan --resume` for this run: the answer failed, nothing was refused.';
  if (reason.endsWith('_NOT_FOUND')) return 'Look whether the resource still exists: AWS knows none of that name.';
  return 'Give the audit role the read that is missing, in the account that owns the resource.';
}
const NAME_KEY_BY_ARN = 'Set the key on the trail by its full ARN.';
const UNKNOWN_FIX: Readonly<Record<string, string>> = {
  KEY_OWNER_UNKNOWN:
    "Scan with an identity that may list the organization (if that was throttled, scan again), or name the key's account in trustedAccounts.",
  KEY_ID_NOT_AN_ARN: NAME_KEY_BY_ARN,
  NO_RECENT_OBJECT:
    'Look whether the trail delivers, and to this bucket and prefix: the bucket was listed and holds no log of today or yesterday.',
  BUCKET_REGION_UNKNOWN: 'Name the owner of the bucket in logArchiveAccounts, or let the audit role into it.',
};

function deadKey(key: { keyId: string; state: string | null; deletionDate: string | null }): RootCause {
  const trouble = DEAD_KEY[key.state ?? ''] ?? { words: `is in state ${key.state}`, fix: NEW_KEY };
  const until = key.deletionDate
    ? `; on ${key.deletionDate.slice(0, 10)} the logs already written under it become unreadable`
    : '';
  return cause({
    kind: 'DEAD_KEY',
    name: key.keyId,
    severity: 'CRITICAL',
    resource: key.keyId,
    title: `Nothing is delivered: key ${key.keyId} ${trouble.words}${until}`,
    fix: trouble.fix,
  });
}

const NEW_KEY = 'Set a new key on the trails that use it.';
/** What is the matter with a key that is not Enabled, by its state. */
const DEAD_KEY: Record<string, { words: string; fix: string }> = {
  PendingDeletion: { words: 'is pending deletion', fix: 'aws kms cancel-key-deletion, then enable-key.' },
  Disabled: { words: 'is disabled', fix: 'aws kms enable-key.' },
  NOT_FOUND: { words: 'does not exist', fix: NEW_KEY },
  PendingImport: {
    words: 'has no key material',
    fix: 'Import its key material again, or set a new key on the trails.',
  },
  Unavailable: {
    words: 'is unavailable: its custom key store does not answer',
    fix: 'Connect its key store again, or set a new key on the trails.',
  },
};

/** A cause of one resource that has no trail's alikes: by the control's own reasons, or by why it is not known. */
function resourceCause(
  by: DecidedBy,
  at: { kind: RootCauseKind; severity: Severity; name: string; resource: string; subject: string },
  unknown?: { words: string; fix: string },
): RootCause {
  const { reason } = by.decision;
  const what = by.control.reasons?.[reason] ??
    notMet(by) ?? {
      severity: at.severity,
      words: unknown?.words ?? `Not known (${reason})`,
      fix: unknown?.fix ?? unknownFix(reason),
    };
  const { kind, resource } = at;
  return cause({
    kind,
    name: `${reason}|${at.name}`,
    severity: what.severity,
    resource,
    title: `${what.words}: ${at.subject}`,
    fix: what.fix,
  });
}

export const keyCause = ({ facts: { keyId } }: UsedKey, by: DecidedBy): RootCause =>
  resourceCause(by, { kind: 'KEY_SETTINGS', severity: 'HIGH', name: keyId, resource: keyId, subject: `key ${keyId}` });

export const bucketCause = ({ bucket }: BucketFacts, { arn, ...by }: DecidedBy & { arn: string }): RootCause =>
  resourceCause(
    by,
    { kind: 'BUCKET_SETTINGS', severity: 'HIGH', name: bucket, resource: arn, subject: bucket },
    {
      words: 'Whether the log bucket is protected is not known',
      fix: "Let the audit role read the bucket's settings and its account's public access block.",
    },
  );

export const logGroupCause = ({ logGroupArn: arn }: LogGroupFacts, by: DecidedBy): RootCause =>
  resourceCause(by, {
    kind: 'LOG_GROUP_SETTINGS',
    severity: 'LOW',
    name: arn,
    resource: arn,
    subject: `log group ${arn}`,
  });

export const storeCause = (store: StoreFacts, by: DecidedBy): RootCause => {
  if (store.key?.state && !isUsable(store.key.state)) return deadKey(store.key);
  const { arn, name } = store.listed;
  return resourceCause(by, {
    kind: 'LAKE_SETTINGS',
    severity: 'MEDIUM',
    name: arn,
    resource: arn,
    subject: `event data store ${name}`,
  });
};

/** By the error code: one refusal, by a policy or a role, has one cause in all accounts. */
export const unlistedStoresCause = (failure: CallFailure): RootCause =>
  cause({
    kind: 'UNKNOWN_STATE',
    name: `stores not listed|${failure.code}`,
    severity: 'MEDIUM',
    resource: null,
    title: `Accounts whose CloudTrail Lake event data stores could not be listed: ${failure.code}`,
    fix: `${unlistedStoresFix(failure)}, or scan with --no-lake.`,
  });

function unlistedStoresFix(failure: CallFailure): string {
  if (failure.code === 'NoManagementAccountSLRExistsException')
    return 'Run `aws iam create-service-linked-role --aws-service-name cloudtrail.amazonaws.com` in the management account, then `trailseal scan --resume`';
  return mayPass(failure)
    ? 'Run `trailseal scan --resume` for this run: the answer failed, nothing was refused'
    : 'Let the audit role call cloudtrail:ListEventDataStores in every region';
}

/** The cause behind a target's verdict, or null where nothing is wrong with it. */
export function targetCause(
  target: CoverageDecision,
  trailOf: (arn: string) => ResolvedTrail | undefined,
): RootCause | null {
  const { entry, verdict } = target;
  if (verdict === 'NOT_APPLICABLE') return null;
  if (entry.state === 'EXCLUDED') return null;
  if (isUnreached(entry.state)) {
    const code = entry.errorCode ?? entry.reason ?? entry.state;
    return cause({
      kind: 'UNREACHED',
      name: `${entry.state}|${entry.reason}|${code}`,
      severity: 'HIGH',
      resource: null,
      title: `${UNREACHED[entry.reason ?? ''] ?? 'Accounts or regions that gave no answer'}: ${code}`,
      fix:
        UNREACHED_FIX[entry.reason ?? ''] ??
        UNREACHED_FIX[entry.state] ??
        'Run `trailseal scan --resume` for this run.',
    });
  }
  if (target.recording.length === 0) {
    if (entry.state === 'REGION_DENIED') {
      return cause({
        kind: 'REGION_DENIED',
        name: 'region deny',
        severity: 'MEDIUM',
        resource: null,
        title: 'Regions closed by a service control policy, with no multi-region trail to vouch for them',
        fix: 'Exempt the audit role from the region deny, or record these accounts with a multi-region trail.',
      });
    }
    return cause({
      kind: 'NO_TRAIL',
      name: target.reason ?? verdict,
      severity: 'HIGH',
      resource: null,
      title: NO_TRAIL[target.reason ?? ''] ?? 'Accounts and regions that no trail records',
      fix:
        verdict === 'NOT_LOGGING'
          ? 'aws cloudtrail start-logging on the trails that are stopped.'
          : 'One organization trail for all regions, with a KMS key.',
    });
  }
  const decisive = target.recording.find(
    (r) => r.effective.reason === target.reason && r.effective.verdict !== 'SEALED',
  );
  const trail = decisive && trailOf(decisive.trail.trailArn);
  return trail && decisive ? trailCause(trail, decisive.effective.reason) : null;
}

const UNREACHED: Record<string, string> = {
  ASSUMEROLE_REFUSED: 'Could not assume the audit role',
  DESCRIBEREGIONS_REFUSED: 'Accounts that do not tell their regions',
  DENIED: 'Regions that refuse to show their trails',
  NOT_PERMITTED: 'Regions where AWS does not let the account use CloudTrail',
  DENIED_BY_SCP: 'Regions that refuse to show their trails',
  CHILD_FAILED: 'Accounts whose scan broke off',
  CORRUPT_OBSERVATION: 'Accounts whose stored answers cannot be read',
  NO_ANSWER: 'Accounts that were not reached before the run ended',
};
/** By the reason, else by the state. */
const UNREACHED_FIX: Record<string, string> = {
  NOT_PERMITTED: 'Complete the sign-up of these accounts, or ask AWS Support: no permission changes this.',
  ACCESS_DENIED: 'Roll the audit role out to these accounts (or let it be assumed), then `trailseal scan --resume`.',
  THROTTLED: 'Run again with a lower --concurrency: `trailseal scan --resume`.',
};
const NO_TRAIL: Record<string, string> = {
  TRAIL_STOPPED: 'Accounts and regions whose only trails are stopped',
  DATA_EVENTS_ONLY: 'Accounts and regions whose trails take no management events',
  LAKE_ONLY: 'Accounts and regions recorded by CloudTrail Lake only',
  HOME_REGION_DISABLED: "Accounts in which the organization trail's home region is disabled",
  OTHER_REGION_ONLY: 'Regions that single-region trails leave out',
};
