import { SILENT_AFTER_HOURS } from '../../judge/verdict.ts';
import { parseKeyArn } from '../../model/arn.ts';
import { type Change, type Planned, planOf, refuse, words } from '../decide/plan.ts';
import type { RemediationOptions } from '../decide/problem.ts';
import type { TrailSubject } from '../decide/subject.ts';
import type { PolicyStatement } from './policy-statements.ts';

/** What the registry of reads and the settings declare too: a test holds these to it (the page's script has neither). */
export const AUDIT_ROLE = 'TrailSealAudit';
export const KEY_READS = ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:GetKeyRotationStatus'];
export const TRAIL_READS = ['cloudtrail:DescribeTrails', 'cloudtrail:GetEventSelectors', 'cloudtrail:GetTrailStatus'];

/** What to grant so that what could not be read can be. Nothing about the trail itself changes. */
export function readGrant(trails: readonly TrailSubject[], options: RemediationOptions): Planned {
  const [trail] = trails;
  if (trail === undefined) return refuse('There is no trail to look at.');
  const reason = trail.reason ?? '';
  const key = trail.kmsKeyArn === null ? null : parseKeyArn(trail.kmsKeyArn);
  if (reason === 'SILENT' || reason === 'MEMBER_SILENT') {
    return refuse(
      `${words(trails)} reports no error, but delivered nothing for ${SILENT_AFTER_HOURS} hours: CloudTrail names no error for time-outs. Check whether the bucket policy and the key policy allow cloudtrail.amazonaws.com for ${trail.trailArn}, and whether there is a newer log object in the bucket.`,
    );
  }
  if (reason === 'KEY_ID_NOT_AN_ARN' || (reason.startsWith('KEY_') && key === null)) {
    return refuse(
      `The trail names its key as ${JSON.stringify(trail.kmsKeyArn)}, which is not a key ARN, so it cannot be looked up: set the key again by its ARN.`,
    );
  }
  if (reason === 'KEY_OUTSIDE_ORGANIZATION' || reason === 'KEY_OWNER_UNKNOWN') {
    return refuse(
      `Key ${trail.kmsKeyArn} belongs to account ${key?.accountId ?? 'unknown'}, of which it is not known whether it is yours: name it in trustedAccounts if it is, or move the trail to a key of your own with --use-key.`,
    );
  }
  const role = options.auditRoleName ?? AUDIT_ROLE;
  const changes =
    reason.startsWith('KEY_') && key !== null && trail.kmsKeyArn !== null
      ? keyReads(trail.partition, key, trail.kmsKeyArn, role)
      : trailReads(trails, role);
  return planOf(trails, `Let the scanner read what it needs of ${words(trails)}`, changes, [
    `The scan could not read it (${reason || 'no reason known'}); whether it is encrypted is not known until it can.`,
    `The account must hold the role ${role}: StackSets leave out the management account, where it is made by hand or by its own stack.`,
    'A service control policy or a permissions boundary may refuse what these policies allow.',
  ]);
}

function keyReads(
  partition: string,
  key: { accountId: string; region: string },
  keyArn: string,
  role: string,
): Change[] {
  const principal = `arn:${partition}:iam::${key.accountId}:role/${role}`;
  const statements: PolicyStatement[] = [
    { Sid: 'TrailSealReadKey', Effect: 'Allow', Action: KEY_READS, Resource: keyArn },
  ];
  return [
    {
      do: 'grant-read',
      accountId: key.accountId,
      partition,
      roleName: nameOf(role),
      policyName: 'TrailSealReadKey',
      statements,
    },
    {
      do: 'merge-key-policy',
      accountId: key.accountId,
      region: key.region,
      keyArn,
      statements: [
        {
          Sid: 'TrailSealAuditReads',
          Effect: 'Allow',
          Principal: { AWS: principal },
          Action: KEY_READS,
          Resource: '*',
        },
      ],
      replace: [],
      current: null,
    },
  ];
}

const trailReads = (trails: readonly TrailSubject[], role: string): Change[] =>
  [...new Map(trails.map((t) => [t.ownerAccountId, t])).values()].map((trail) => ({
    do: 'grant-read',
    accountId: trail.ownerAccountId,
    partition: trail.partition,
    roleName: nameOf(role),
    policyName: 'TrailSealReadTrails',
    statements: [{ Sid: 'TrailSealReadTrails', Effect: 'Allow', Action: TRAIL_READS, Resource: '*' }],
  }));

/** IAM's own calls take a role without its path. */
const nameOf = (role: string): string => role.slice(role.lastIndexOf('/') + 1);
