import type { Change, KeyUse, Plan } from '../decide/plan.ts';
import { accessLogStatement } from '../policies/bucket-policy.ts';
import type { RemediationFile } from './file.ts';
import { accountList, oneLine } from './text.ts';

/** Steps in the AWS Management Console, as Markdown, and how to take them back. */
export function consoleFiles(plan: Plan): RemediationFile[] {
  const steps = plan.changes.flatMap((change) => {
    const where = change.accountId === null ? 'the account that owns the bucket' : `account ${change.accountId}`;
    return [`Sign in to ${where}.`, ...stepsOf(change)];
  });
  const undo = [...plan.changes].reverse().flatMap(undoOf);
  const numbered = (lines: readonly string[]) => withoutRepeats(lines).map((line, i) => `${i + 1}. ${line}`);
  const policies = plan.changes.flatMap(policyOf);
  const content = [
    `# ${plan.title}`,
    `Repairs ${accountList(plan.accountsCovered)}.`,
    ...plan.notes.map((note) => `> ${oneLine(note, 1000)}`),
    ['## Steps', ...numbered(steps)].join('\n'),
    ...policies.map(({ title, json }) => `## ${title}\n\`\`\`json\n${json}\n\`\`\``),
    ['## Undo', ...(undo.length === 0 ? ['Nothing of this is to be taken back.'] : numbered(undo))].join('\n'),
  ].join('\n\n');
  return [{ name: 'console.md', content: `${content}\n`, purpose: 'steps in the AWS console' }];
}

/** Signing in to the account one is in is no step. */
function withoutRepeats(lines: readonly string[]): string[] {
  let at = '';
  return lines.filter((line) => {
    if (!line.startsWith('Sign in to ')) return true;
    const stays = line === at;
    at = line;
    return !stays;
  });
}

/** Untrusted text within backticks. */
const code = (text: string): string => `\`${oneLine(text).replaceAll('`', "'")}\``;
const keyName = (key: KeyUse): string => ('made' in key ? code(key.made.alias) : code(key.arn));

function stepsOf(change: Change): string[] {
  switch (change.do) {
    case 'enable-trusted-access':
      return ['AWS Organizations, Services, CloudTrail: Enable trusted access.'];
    case 'create-key':
      return [
        `AWS KMS, Region ${change.key.region} (the bucket's), Customer managed keys, Create key: Symmetric, Encrypt and decrypt, single-Region.`,
        `Alias ${code(change.key.alias.replace(/^alias\//, ''))}; description ${code(change.key.description)}. Choose no administrators and no users.`,
        `Edit the key policy: replace it by the one below ("Key policy of ${change.key.alias}"). Finish.`,
        'On the tab Key rotation: turn on automatic rotation.',
      ];
    case 'set-trail-key':
      return [
        `CloudTrail, Region ${change.trail.homeRegion}, Trails, ${code(change.trail.trailName)}, General details, Edit.`,
        `Log file SSE-KMS encryption: Enabled; Existing; AWS KMS alias ${keyName(change.key)}. Save changes.`,
      ];
    case 'check-delivery':
      return [
        `After a quarter of an hour: CloudTrail, Region ${change.trail.homeRegion}, Trails, ${code(change.trail.trailName)}: General details shows a newer Last log file delivered and no error${change.key === null ? '.' : `, and the newest object in bucket ${code(change.trail.bucket ?? '')} has Server-side encryption with AWS KMS key ${keyName(change.key)}.`}`,
      ];
    case 'start-logging':
      return [`CloudTrail, Region ${change.trail.homeRegion}, Trails, ${code(change.trail.trailName)}, Start logging.`];
    case 'enable-validation':
      return [
        `CloudTrail, Region ${change.trail.homeRegion}, Trails, ${code(change.trail.trailName)}, General details, Edit, Log file validation: Enabled. Save changes.`,
      ];
    case 'enable-key':
      return [`AWS KMS, Region ${change.region}, Customer managed keys, ${code(change.keyArn)}, Key actions, Enable.`];
    case 'cancel-key-deletion':
      return [
        `AWS KMS, Region ${change.region}, Customer managed keys, ${code(change.keyArn)}, Key actions, Cancel key deletion.`,
      ];
    case 'enable-rotation':
      return [`AWS KMS, Region ${change.region}, ${code(change.keyArn)}, Key rotation, Edit, Enable.`];
    case 'merge-key-policy':
      return [
        `AWS KMS, Region ${change.region}, ${code(change.keyArn)}, Key policy, Switch to policy view: copy the policy that is there into a file. Edit: add the statements below; a statement with the same Sid is replaced, all others stay.`,
        ...change.replace.map(({ from, to }) =>
          to === null
            ? `Take away the statement ${code(JSON.stringify(from).slice(0, 180))}: it names cloudtrail.amazonaws.com alone.`
            : `In the statement ${code(JSON.stringify(from).slice(0, 180))} take cloudtrail.amazonaws.com out of its principals; all others stay.`,
        ),
        'Save changes.',
      ];
    case 'merge-bucket-policy':
      return [
        `Amazon S3, bucket ${code(change.bucket)}, Permissions, Bucket policy: copy the policy that is there into a file. Edit: add the statements below; a statement with the same Sid is replaced, all others stay. Save changes.`,
      ];
    case 'protect-bucket':
      return [
        ...(change.needs.publicAccessBlock === 'nothing'
          ? []
          : [`Amazon S3, bucket ${code(change.bucket)}, Permissions, Block public access, Edit: block all.`]),
        ...(change.needs.versioning === 'nothing'
          ? []
          : [`Amazon S3, bucket ${code(change.bucket)}, Properties, Bucket Versioning, Edit: Enable.`]),
        ...(change.needs.defaultEncryption === 'nothing'
          ? []
          : [
              `Amazon S3, bucket ${code(change.bucket)}, Properties, Default encryption, Edit: SSE-S3, if none is set.`,
            ]),
      ];
    case 'feed-log-group':
      return [
        `CloudTrail, Region ${change.trail.homeRegion}, Trails, ${code(change.trail.trailName)}, CloudWatch Logs, Edit: Enabled; New log group ${code(change.logGroup)}; New IAM role ${code(change.roleName)}, which the console gives what it needs. Save changes.`,
        `The console gives the log group no key: in CloudShell, Region ${change.trail.homeRegion}, run aws logs associate-kms-key --log-group-name ${code(change.logGroup)} and --kms-key-id with the ARN of ${keyName(change.key)}.`,
      ];
    case 'log-access':
      return [
        `Amazon S3, bucket ${code(change.target)}: it is in Region ${change.region} and in this account, its default encryption is SSE-S3, it has no Object Lock default retention, and its own Server access logging does not go to ${code(change.bucket)}.`,
        `Permissions, Bucket policy: copy the policy that is there into a file. Edit: add the statement below; all others stay. Save changes.`,
        `Amazon S3, bucket ${code(change.bucket)}, Properties, Server access logging, Edit: Enable, Destination ${code(`s3://${change.target}/${change.bucket}/`)}. Save changes.`,
      ];
    case 'keep-logs':
      return [
        `Amazon S3, bucket ${code(change.bucket)}, Management, Lifecycle rules: each enabled rule whose prefix covers ${change.folders.map(code).join(' or ')} and that expires current versions before ${change.days} days: Edit, Expire current versions of objects: ${change.days}. Leave its prefix, its transitions and all other rules as they are.`,
        'A rule that also covers other objects keeps those longer too: where that must not be, give the logs and the others a rule each.',
      ];
    case 'encrypt-log-group':
      return [
        `The console has no such setting: in CloudShell, Region ${change.region}, run aws logs associate-kms-key --log-group-name with ${code(change.logGroupArn.split(':').slice(6).join(':'))} and --kms-key-id with the key's ARN.`,
      ];
    case 'encrypt-event-data-store':
      return [
        `CloudTrail, Region ${change.region}, Lake, Event data stores, ${code(change.storeName)}, Edit, Use my own AWS KMS key: ${keyName(change.key)}. This cannot be undone.`,
      ];
    case 'create-trail':
      return [
        `CloudTrail, Region ${change.trail.homeRegion}, Trails, Create trail: name ${code(change.trail.name)}${change.trail.isOrganization ? ', Enable for all accounts in my organization' : ''}.`,
        `Storage: ${change.trail.makesBucket ? 'Create new S3 bucket' : 'Use existing S3 bucket'} ${code(change.trail.bucket)}.`,
        `Log file SSE-KMS encryption: Enabled, Existing, ${keyName(change.key)}. Log file validation: Enabled.`,
        'Events: Management events, Read and Write, nothing excluded. Create trail.',
      ];
    case 'set-landing-zone-key':
      return [
        `AWS Control Tower, Region ${change.trail.homeRegion}, Landing zone settings, Modify settings.`,
        `Until the page on AWS KMS encryption: Enable and customize encryption settings, choose ${keyName(change.key)}.`,
        'Update landing zone, and wait for it to finish (up to an hour).',
      ];
    case 'grant-read':
      return [
        `IAM, Roles, ${code(change.roleName)}, Add permissions, Create inline policy, JSON: the policy below, named ${code(change.policyName)}.`,
      ];
  }
}

function undoOf(change: Change): string[] {
  switch (change.do) {
    case 'create-key':
      return [`Keep key ${code(change.key.alias)}: logs written under it can only be read with it.`];
    case 'set-trail-key':
      return [
        change.trail.kmsKeyArn === null
          ? `CloudTrail, ${code(change.trail.trailName)}, Edit: Log file SSE-KMS encryption off.`
          : `CloudTrail, ${code(change.trail.trailName)}, Edit: choose ${code(change.trail.kmsKeyArn)} again.`,
      ];
    case 'enable-validation':
      return [`CloudTrail, ${code(change.trail.trailName)}, Edit: Log file validation off.`];
    case 'enable-rotation':
      return [`AWS KMS, ${code(change.keyArn)}, Key rotation: off.`];
    case 'merge-key-policy':
      return [`AWS KMS, ${code(change.keyArn)}, Key policy: put back the policy you copied before.`];
    case 'merge-bucket-policy':
      return [`Amazon S3, ${code(change.bucket)}, Bucket policy: put back the policy you copied before.`];
    case 'feed-log-group':
      return [`CloudTrail, ${code(change.trail.trailName)}, CloudWatch Logs, Edit: Disabled. Log group and role stay.`];
    case 'log-access':
      return [`Amazon S3, bucket ${code(change.bucket)}, Properties, Server access logging, Edit: Disable.`];
    case 'keep-logs':
      return ['Keep the later expiry: with the one before, S3 would delete what it has kept meanwhile.'];
    case 'create-trail':
      return [`CloudTrail, ${code(change.trail.name)}, Delete. Bucket and logs stay.`];
    case 'set-landing-zone-key':
      return ['AWS Control Tower, Landing zone settings, Modify settings: the encryption settings as they were.'];
    case 'grant-read':
      return [`IAM, role ${code(change.roleName)}: delete inline policy ${code(change.policyName)}.`];
    default:
      return [];
  }
}

function policyOf(change: Change): { title: string; json: string }[] {
  switch (change.do) {
    case 'create-key':
      return [{ title: `Key policy of ${change.key.alias}`, json: JSON.stringify(change.key.policy, null, 2) }];
    case 'merge-key-policy':
      return [{ title: 'Statements for the key policy', json: JSON.stringify(change.statements, null, 2) }];
    case 'merge-bucket-policy':
      return [{ title: 'Statements for the bucket policy', json: JSON.stringify(change.statements, null, 2) }];
    case 'log-access':
      return [
        {
          title: `Statement for the policy of ${oneLine(change.target)}`,
          json: JSON.stringify(accessLogStatement(change), null, 2),
        },
      ];
    case 'grant-read':
      return [
        {
          title: 'Inline policy of the role',
          json: JSON.stringify({ Version: '2012-10-17', Statement: change.statements }, null, 2),
        },
      ];
    default:
      return [];
  }
}
