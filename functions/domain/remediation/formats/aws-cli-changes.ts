import type { Change, NewKey, NewTrail } from '../decide/plan.ts';
import type { TrailSubject } from '../decide/subject.ts';
import { accessLogStatement, newBucketStatements } from '../policies/bucket-policy.ts';
import { logGroupArnOf, logGroupRole } from '../policies/log-group-role.ts';
import { needsTool } from './script-functions.ts';
import { jsonVariable, quoted } from './shell.ts';
import { oneLine } from './text.ts';

/** What is looked at before anything is changed. */
export function checkLines(change: Change): string[] {
  switch (change.do) {
    case 'set-trail-key': {
      const { homeRegion, trailName, bucket } = change.trail;
      return [`check_trail ${quoted(homeRegion)} ${quoted(trailName)} ${quoted(bucket ?? '')}`];
    }
    case 'log-access':
      return [`check_access_logs ${accessLogWords(change)}`];
    default:
      return [];
  }
}

const accessLogWords = ({ region, bucket, accountId, target }: Extract<Change, { do: 'log-access' }>): string =>
  [region, bucket, accountId, target].map(quoted).join(' ');

/** One change in bash. The ARN of a key that is made here, or given to the script, is in $KEY_ARN. */
export function changeLines(change: Change): string[] {
  switch (change.do) {
    case 'create-key':
      return createKey(change.key);
    case 'enable-trusted-access':
      return trustedAccess(change.region);
    case 'set-trail-key': {
      const { homeRegion, trailName } = change.trail;
      return [...keyVariable(change.key), `set_trail_key ${quoted(homeRegion)} ${quoted(trailName)}`];
    }
    case 'start-logging':
      return startLogging(change.trail.homeRegion, change.trail.trailName);
    case 'check-delivery': {
      const { key } = change;
      const expected = key === null ? "''" : 'made' in key ? '"$KEY_ARN"' : quoted(key.arn);
      return [delivered(change.trail, expected)];
    }
    case 'enable-validation':
      return enableValidation(change.trail.homeRegion, change.trail.trailName);
    case 'enable-key':
      return [
        ...keyState(change.region, change.keyArn),
        'case "$state" in',
        '  Enabled) say "Key $key is enabled already." ;;',
        '  Disabled)',
        '    ask "enable key $key"',
        `    aws kms enable-key --region ${quoted(change.region)} --key-id ${keyId(change.keyArn)}`,
        '    ;;',
        '  *) die "Key $key is $state, which enable-key does not help." ;;',
        'esac',
      ];
    case 'cancel-key-deletion':
      return [
        ...keyState(change.region, change.keyArn),
        'case "$state" in',
        '  PendingDeletion | PendingReplicaDeletion)',
        '    ask "cancel the deletion of key $key"',
        `    aws kms cancel-key-deletion --region ${quoted(change.region)} --key-id ${keyId(change.keyArn)} >/dev/null`,
        '    ;;',
        '  *) say "Key $key is $state: no deletion to cancel." ;;',
        'esac',
      ];
    case 'enable-rotation':
      return [`rotate ${quoted(change.region)} ${quoted(change.keyArn)}`];
    case 'merge-key-policy':
      return [
        ...jsonVariable('STATEMENTS', change.statements),
        `merge_key_policy ${quoted(change.region)} ${quoted(change.keyArn)} "$STATEMENTS" ${quoted(JSON.stringify(change.replace))}`,
      ];
    case 'merge-bucket-policy':
      return [
        ...jsonVariable('STATEMENTS', change.statements),
        `merge_bucket_policy ${quoted(change.region ?? 'us-east-1')} ${quoted(change.bucket)} "$STATEMENTS"`,
      ];
    case 'protect-bucket': {
      const at = `${quoted(change.region ?? 'us-east-1')} ${quoted(change.bucket)} ${quoted(change.accountId ?? '')}`;
      const { publicAccessBlock, versioning, defaultEncryption } = change.needs;
      return [
        ...(publicAccessBlock === 'nothing' ? [] : [`block_public_access ${at}`]),
        ...(versioning === 'nothing' ? [] : [`keep_versions ${at}`]),
        ...(defaultEncryption === 'nothing' ? [] : [`encrypt_by_default ${at}`]),
      ];
    }
    case 'feed-log-group': {
      const { homeRegion, trailName } = change.trail;
      const { trust, grant } = logGroupRole(change);
      const words = [homeRegion, trailName, change.logGroup, logGroupArnOf(change), change.roleName]
        .map(quoted)
        .join(' ');
      return [
        ...keyVariable(change.key),
        ...jsonVariable('TRUST', trust),
        ...jsonVariable('GRANT', grant),
        `feed_log_group ${words} "$TRUST" "$GRANT"`,
      ];
    }
    case 'log-access':
      return [
        ...jsonVariable('STATEMENTS', [accessLogStatement(change)]),
        `merge_bucket_policy ${quoted(change.region)} ${quoted(change.target)} "$STATEMENTS"`,
        `log_access ${accessLogWords(change)}`,
      ];
    case 'keep-logs':
      return [
        ...jsonVariable('FOLDERS', change.folders),
        `keep_logs ${quoted(change.region)} ${quoted(change.bucket)} ${quoted(change.accountId)} ${change.days} "$FOLDERS"`,
      ];
    case 'encrypt-log-group': {
      const at = `${quoted(change.region)} ${quoted(logGroupName(change.logGroupArn))}`;
      return [
        ...keyVariable(change.key),
        `present=$(log_group_key ${at})`,
        'case "$present" in',
        '  "$KEY_ARN") say "The log group uses $KEY_ARN already." ;;',
        '  None | "")',
        `    ask "encrypt log group "${quoted(oneLine(logGroupName(change.logGroupArn)))}" with $KEY_ARN"`,
        `    aws logs associate-kms-key --region ${quoted(change.region)} --log-group-name ${quoted(logGroupName(change.logGroupArn))} --kms-key-id "$KEY_ARN"`,
        '    printf \'%s\\n\' "$KEY_ARN" >trailseal-after.log-group-key',
        '    ;;',
        '  *) die "The log group uses $present by now: scan again." ;;',
        'esac',
      ];
    }
    case 'encrypt-event-data-store':
      return [
        ...keyVariable(change.key),
        `present=$(aws cloudtrail get-event-data-store --region ${quoted(change.region)} --event-data-store ${quoted(change.storeArn)} --query KmsKeyId --output text)`,
        'case "$present" in',
        '  "$KEY_ARN") say "The event data store uses $KEY_ARN already." ;;',
        '  None | "")',
        `    ask "encrypt event data store "${quoted(change.storeArn)}" with $KEY_ARN, which can never be undone"`,
        `    aws cloudtrail update-event-data-store --region ${quoted(change.region)} --event-data-store ${quoted(change.storeArn)} --kms-key-id "$KEY_ARN" >/dev/null`,
        '    ;;',
        '  *) die "The event data store uses $present by now, which AWS never replaces: scan again." ;;',
        'esac',
      ];
    case 'create-trail':
      return createTrail(change.trail);
    case 'set-landing-zone-key':
      return [...keyVariable(change.key), ...landingZone(change.trail.homeRegion)];
    case 'grant-read':
      return [
        ...jsonVariable('POLICY', { Version: '2012-10-17', Statement: change.statements }),
        `ask "let role "${quoted(change.roleName)}" read, by inline policy "${quoted(change.policyName)}`,
        `aws iam put-role-policy --role-name ${quoted(change.roleName)} --policy-name ${quoted(change.policyName)} --policy-document "$POLICY"`,
      ];
  }
}

/** What a log bucket is given. */
const PROTECTS = ['block_public_access', 'keep_versions', 'encrypt_by_default'];

const delivered = (trail: TrailSubject, key: string): string =>
  `delivered ${quoted(trail.homeRegion)} ${quoted(trail.trailName)} ${quoted(trail.bucket ?? '')} ${quoted(ownFolder(trail))} ${key}`;

/** Where the owner's logs of the home region lie. */
const ownFolder = ({ s3KeyPrefix, isOrganization, organizationId, ownerAccountId, homeRegion }: TrailSubject): string =>
  [
    ...(s3KeyPrefix ? [s3KeyPrefix] : []),
    'AWSLogs',
    ...(isOrganization && organizationId !== null ? [organizationId] : []),
    ownerAccountId,
    'CloudTrail',
    homeRegion,
    '',
  ].join('/');

/** @see https://docs.aws.amazon.com/organizations/latest/userguide/services-that-can-integrate-cloudtrail.html */
const trustedAccess = (region: string): string[] => [
  `trusted=$(aws organizations list-aws-service-access-for-organization --region ${quoted(region)} --query "EnabledServicePrincipals[?ServicePrincipal=='cloudtrail.amazonaws.com'].ServicePrincipal" --output text)`,
  'if [ -n "$trusted" ] && [ "$trusted" != None ]; then say "CloudTrail works with the organization already."; else',
  '  ask "let CloudTrail work with the organization (trusted access)"',
  `  aws organizations enable-aws-service-access --region ${quoted(region)} --service-principal cloudtrail.amazonaws.com`,
  'fi',
];

const keyVariable = (key: { made: NewKey } | { arn: string }): string[] =>
  'arn' in key ? [`KEY_ARN=${quoted(key.arn)}`] : [];

const createKey = (key: NewKey): string[] => [
  ...jsonVariable('KEY_POLICY', key.policy),
  `found=$(key_behind ${quoted(key.region)} ${quoted(key.alias)})`,
  'if [ -n "$found" ]; then',
  '  KEY_ARN=${found%%[[:space:]]*}',
  '  state=${found##*[[:space:]]}',
  `  [ "$state" = Enabled ] || die "Key $KEY_ARN behind "${quoted(key.alias)}" is $state: give another alias, or make it work."`,
  `  say "Using $KEY_ARN, which "${quoted(key.alias)}" names already."`,
  `  merge_key_policy ${quoted(key.region)} "$KEY_ARN" "$(printf '%s' "$KEY_POLICY" | jq -c '[.Statement[] | select(.Sid != "TrailSealAdministration")]')" '[]'`,
  'else',
  `  ask "make a customer managed key in ${key.region} of account ${key.accountId}, named "${quoted(key.alias)}`,
  `  KEY_ARN=$(aws kms create-key --region ${quoted(key.region)} --description ${quoted(key.description)} --policy "$KEY_POLICY" --query KeyMetadata.Arn --output text)`,
  `  aws kms create-alias --region ${quoted(key.region)} --alias-name ${quoted(key.alias)} --target-key-id "$KEY_ARN" || die "Key $KEY_ARN is made, but has no alias: give it one before you run this again."`,
  'fi',
  `rotate ${quoted(key.region)} "$KEY_ARN"`,
  'say "The key: $KEY_ARN"',
];

const keyId = (arn: string): string => quoted(arn.split('/').at(-1) ?? arn);

const keyState = (region: string, keyArn: string): string[] => [
  `key=${quoted(keyArn)}`,
  `found=$(key_behind ${quoted(region)} "$key")`,
  '[ -n "$found" ] || die "There is no key $key."',
  'state=${found##*[[:space:]]}',
];

const startLogging = (region: string, trail: string): string[] => [
  `logging=$(aws cloudtrail get-trail-status --region ${quoted(region)} --name ${quoted(trail)} --query IsLogging --output text)`,
  'case "$logging" in',
  `  True | true) say "Trail "${quoted(trail)}" is logging already." ;;`,
  '  *)',
  `    ask "start logging on trail "${quoted(trail)}`,
  `    aws cloudtrail start-logging --region ${quoted(region)} --name ${quoted(trail)}`,
  '    ;;',
  'esac',
];

const enableValidation = (region: string, trail: string): string[] => [
  `validation=$(aws cloudtrail get-trail --region ${quoted(region)} --name ${quoted(trail)} --query Trail.LogFileValidationEnabled --output text)`,
  'case "$validation" in',
  `  True | true) say "Trail "${quoted(trail)}" writes digests already." ;;`,
  '  *)',
  `    ask "turn on log file validation of trail "${quoted(trail)}`,
  `    aws cloudtrail update-trail --region ${quoted(region)} --name ${quoted(trail)} --enable-log-file-validation >/dev/null`,
  '    ;;',
  'esac',
];

function createTrail(trail: NewTrail): string[] {
  const region = quoted(trail.homeRegion);
  const trailArn = `arn:${trail.partition}:cloudtrail:${trail.homeRegion}:${trail.accountId}:trail/${trail.name}`;
  const bucket = quoted(trail.bucket);
  const statements = newBucketStatements(trail, trailArn);
  const location =
    trail.homeRegion === 'us-east-1' ? '' : ` --create-bucket-configuration LocationConstraint=${region}`;
  return [
    ...(trail.makesBucket
      ? [
          `if aws s3api head-bucket --region ${region} --bucket ${bucket} --expected-bucket-owner ${quoted(trail.accountId)} 2>"$ERRORS" >/dev/null; then say "Bucket "${bucket}" is there already."; else`,
          '  grep -q 404 "$ERRORS" || die "$(cat "$ERRORS")"',
          `  ask "make bucket "${bucket}" in "${region}`,
          `  aws s3api create-bucket --region ${region} --bucket ${bucket}${location} >/dev/null`,
          'fi',
          ...PROTECTS.map((name) => `${name} ${region} ${bucket} ${quoted(trail.accountId)}`),
          ...jsonVariable('STATEMENTS', statements),
          `merge_bucket_policy ${region} ${bucket} "$STATEMENTS"`,
        ]
      : []),
    `if aws cloudtrail get-trail --region ${region} --name ${quoted(trail.name)} 2>"$ERRORS" >/dev/null; then say "Trail "${quoted(trail.name)}" is there already."; else`,
    '  grep -q TrailNotFoundException "$ERRORS" || die "$(cat "$ERRORS")"',
    `  ask "make trail "${quoted(trail.name)}", for all Regions${trail.isOrganization ? ' and accounts' : ''}, encrypted with $KEY_ARN"`,
    `  aws cloudtrail create-trail --region ${region} --name ${quoted(trail.name)} --s3-bucket-name ${bucket} --kms-key-id "$KEY_ARN" --is-multi-region-trail --include-global-service-events --enable-log-file-validation${trail.isOrganization ? ' --is-organization-trail' : ''} >/dev/null`,
    'fi',
    ...startLogging(trail.homeRegion, trail.name),
  ];
}

/**
 * The landing zone's own manifest with the key in it, everything else as it is.
 * @see https://docs.aws.amazon.com/controltower/latest/userguide/lz-api-update.html
 */
const landingZone = (homeRegion: string): string[] => {
  const region = quoted(homeRegion);
  return [
    ...needsTool('jq'),
    `zone=$(aws controltower list-landing-zones --region ${region} --query 'landingZones[0].arn' --output text)`,
    '[ "$zone" != None ] || die "There is no landing zone in this account and Region: run this in the management account."',
    `version=$(aws controltower get-landing-zone --region ${region} --landing-zone-identifier "$zone" --query landingZone.version --output text)`,
    `manifest=$(aws controltower get-landing-zone --region ${region} --landing-zone-identifier "$zone" --query landingZone.manifest --output json)`,
    'wanted=$(printf \'%s\' "$manifest" | jq -c --arg key "$KEY_ARN" \'.centralizedLogging.configurations.kmsKeyArn = $key\')',
    'if [ "$(printf \'%s\' "$manifest" | jq -cS .)" = "$(printf \'%s\' "$wanted" | jq -cS .)" ]; then',
    '  say "The landing zone uses $KEY_ARN already."',
    'else',
    "  file='trailseal-before.landing-zone.json'",
    '  printf \'%s\' "$wanted" | jq . >&2',
    '  ask "update landing zone $zone (version $version) to this manifest, which takes up to an hour (the one that is there is kept in $file)"',
    '  [ -e "$file" ] || printf \'%s\\n\' "$manifest" >"$file"',
    '  printf \'%s\\n\' "$wanted" >trailseal-after.landing-zone.json',
    `  operation=$(aws controltower update-landing-zone --region ${region} --landing-zone-identifier "$zone" --landing-zone-version "$version" --manifest "$wanted" --query operationIdentifier --output text)`,
    `  say "Watch it: aws controltower get-landing-zone-operation --region ${homeRegion} --operation-identifier $operation"`,
    'fi',
  ];
};

export const logGroupName = (arn: string): string => arn.replace(/:\*$/, '').split(':').slice(6).join(':');
