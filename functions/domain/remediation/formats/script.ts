import { quoted } from './shell.ts';
import { oneLine } from './text.ts';

/** A bash script that asks before it changes anything. Runs on bash 3.2 (macOS) and later, with AWS CLI 1 or 2. */
export interface Script {
  title: string;
  /** Lines of the header comment. */
  about: readonly string[];
  /** The account it may run in; null where the owner is unknown, several for a script with a table of accounts. */
  accounts: readonly string[] | null;
  /** A region that answers sts in the partition. */
  region: string;
  /** Takes the key's ARN from the command line, where another script made the key. */
  takesKeyArn: boolean;
  functions: readonly string[];
  body: readonly string[];
}

export const scriptText = (script: Script): string => {
  const waits = script.functions.includes('delivered');
  return [
    '#!/usr/bin/env bash',
    ...[script.title, ...script.about].map((line) => `# ${oneLine(line, 500)}`),
    '# Written by TrailSeal. It asks before each change; --yes answers for you. Run again, it finds what is done already.',
    'set -euo pipefail',
    "export AWS_PAGER=''",
    '',
    'YES=no',
    ...(waits ? ['WAIT=yes'] : []),
    ...(script.takesKeyArn ? ["KEY_ARN=''"] : []),
    'say() { printf \'%s\\n\' "$*" >&2; }',
    'die() { say "$*"; exit 1; }',
    `usage() { say "usage: $0 [--yes]${waits ? ' [--no-wait]' : ''}${script.takesKeyArn ? ' --key-arn ARN' : ''}"; exit "$1"; }`,
    'while [ $# -gt 0 ]; do',
    '  case "$1" in',
    '    --yes) YES=yes ;;',
    ...(waits ? ['    --no-wait) WAIT=no ;;'] : []),
    ...(script.takesKeyArn ? ['    --key-arn) [ $# -ge 2 ] || usage 1; KEY_ARN=$2; shift ;;'] : []),
    '    -h | --help) usage 0 ;;',
    '    *) usage 1 ;;',
    '  esac',
    '  shift',
    'done',
    ...(script.takesKeyArn
      ? [
          'case "$KEY_ARN" in arn:*:kms:*:key/*) ;; *) die "Give the ARN of the key that the first script printed: --key-arn ARN" ;; esac',
        ]
      : []),
    ...ASK,
    ...needsTool('aws'),
    'ERRORS=$(mktemp)',
    'trap \'rm -f "$ERRORS"\' EXIT',
    `caller=$(aws sts get-caller-identity --region ${quoted(script.region)} --query Account --output text)`,
    ...accountCheck(script.accounts),
    ...script.functions.flatMap((name) => ['', ...(FUNCTIONS[name] ?? [])]),
    '',
    ...script.body,
    '',
  ].join('\n');
};

/** A line that ends the script where a tool it calls is missing. */
export const needsTool = (tool: string): string[] => [
  `command -v ${tool} >/dev/null || die 'This needs ${tool}, which is not installed.'`,
];

const ASK = [
  'ask() {',
  '  say "About to $1"',
  '  [ "$YES" = yes ] && return 0',
  '  [ -t 0 ] || die "Nothing was asked since this is no terminal, so nothing more was changed. --yes answers for you."',
  "  printf 'Go on? [y/N] ' >&2",
  '  read -r answer',
  '  case "$answer" in y | Y | yes) ;; *) die "Stopped; nothing more was changed." ;; esac',
  '}',
];

function accountCheck(accounts: Script['accounts']): string[] {
  if (accounts === null) return ['say "Running as account $caller."'];
  const [only] = accounts;
  if (accounts.length !== 1 || only === undefined) return [];
  return [
    `[ "$caller" = ${quoted(only)} ] || die "These credentials are for account $caller; this is for account ${only}."`,
  ];
}

/** Each is printed only where the body uses it. */
const FUNCTIONS: Record<string, string[]> = {
  key_behind: [
    '# key_behind REGION KEY: its ARN and state, or nothing where there is none. Any other error ends the script.',
    'key_behind() {',
    '  if aws kms describe-key --region "$1" --key-id "$2" --query "KeyMetadata.[Arn,KeyState]" --output text 2>"$ERRORS"; then return 0; fi',
    '  grep -q NotFoundException "$ERRORS" || die "$(cat "$ERRORS")"',
    '}',
  ],
  rotate: [
    '# rotate REGION KEY: automatic rotation on.',
    'rotate() {',
    '  rotation=$(aws kms get-key-rotation-status --region "$1" --key-id "$2" --query KeyRotationEnabled --output text)',
    '  case "$rotation" in True | true) say "Rotation of $2 is on already."; return 0 ;; esac',
    '  ask "turn on automatic rotation of $2"',
    '  aws kms enable-key-rotation --region "$1" --key-id "$2"',
    '}',
  ],
  merged: [
    '# merged CURRENT OURS REPLACE: our statements added where none says the same, those in REPLACE changed, all others as they are.',
    'merged() {',
    '  jq -cn --argjson current "$1" --argjson ours "$2" --argjson replace "$3" \'',
    '    def flat: walk(if type == "array" and length == 1 then .[0] else . end);',
    '    def bare: del(.Sid) | flat;',
    '    [($current.Statement // []) | if type == "array" then .[] else . end',
    '      | . as $s | ([$replace[] | select(.from == $s)] | first) as $r',
    '      | if $r == null then $s elif $r.to == null then empty else $r.to end] as $kept',
    '    | (reduce $ours[] as $s ($kept;',
    '        if any(.[]; bare == ($s | bare)) then . else',
    '          [.[].Sid] as $taken',
    '          | . + [$s | .Sid = first(($s.Sid, (range(2; 1000) | "\\($s.Sid)\\(.)")) | select(. as $sid | any($taken[]; . == $sid) | not))]',
    '        end)) as $statements',
    "    | $current + {Statement: $statements}'",
    '}',
    '# same A B: lists of one are that one, as AWS stores them.',
    'same() { jq -en --argjson a "$1" --argjson b "$2" \'def flat: walk(if type == "array" and length == 1 then .[0] else . end); ($a | flat) == ($b | flat)\' >/dev/null; }',
    '# denies POLICY: says which statements deny something, since no Allow goes before them.',
    'denies() {',
    '  found=$(jq -rn --argjson policy "$1" \'[$policy.Statement // [] | if type == "array" then .[] else . end | select(.Effect == "Deny") | .Sid // "one without a Sid"] | join(", ")\')',
    '  [ -z "$found" ] || say "It has statements that deny: $found. Look whether one of them refuses CloudTrail: no statement that is added goes before it."',
    '}',
  ],
  merge_key_policy: [
    '# merge_key_policy REGION KEY OURS REPLACE: the policies before and after are kept in files, for the undo.',
    'merge_key_policy() {',
    ...needsTool('jq').map((line) => `  ${line}`),
    '  before=$(aws kms get-key-policy --region "$1" --key-id "$2" --policy-name default --query Policy --output text)',
    '  after=$(merged "$before" "$3" "$4")',
    '  if same "$before" "$after"; then say "The policy of $2 has these statements already."; return 0; fi',
    '  [ "${#after}" -le 32768 ] || die "With these statements the policy of $2 would be longer than the 32 KB that AWS stores."',
    '  file="trailseal-before-${2##*/}.key-policy.json"',
    '  say "The policy of $2 would become:"',
    '  printf \'%s\' "$after" | jq . >&2',
    '  denies "$after"',
    '  ask "put this key policy (the one that is there is kept in $file)"',
    '  [ -e "$file" ] || printf \'%s\\n\' "$before" >"$file"',
    '  aws kms put-key-policy --region "$1" --key-id "$2" --policy-name default --policy "$after"',
    '  printf \'%s\\n\' "$after" >"trailseal-after-${2##*/}.key-policy.json"',
    '}',
  ],
  put_back_key_policy: [
    '# put_back_key_policy REGION KEY: only where the policy is still the one that the fix put.',
    'put_back_key_policy() {',
    ...needsTool('jq').map((line) => `  ${line}`),
    '  before="trailseal-before-${2##*/}.key-policy.json"',
    '  after="trailseal-after-${2##*/}.key-policy.json"',
    '  { [ -e "$before" ] && [ -e "$after" ]; } || die "There is no $before with $after here: the change was not made from this folder."',
    '  present=$(aws kms get-key-policy --region "$1" --key-id "$2" --policy-name default --query Policy --output text)',
    '  if same "$present" "$(cat "$before")"; then say "The policy of $2 is as it was already."; return 0; fi',
    '  same "$present" "$(cat "$after")" || die "The policy of $2 was changed again since the fix: putting back $before would lose that. Change it by hand."',
    '  ask "put back the key policy in $before"',
    '  aws kms put-key-policy --region "$1" --key-id "$2" --policy-name default --policy "file://$before"',
    '}',
  ],
  put_back_bucket_policy: [
    '# put_back_bucket_policy REGION BUCKET: only where the policy is still the one that the fix put.',
    'put_back_bucket_policy() {',
    ...needsTool('jq').map((line) => `  ${line}`),
    '  before="trailseal-before-$2.bucket-policy.json"',
    '  after="trailseal-after-$2.bucket-policy.json"',
    '  { [ -e "$before" ] && [ -e "$after" ]; } || die "There is no $before with $after here: the change was not made from this folder."',
    '  if present=$(aws s3api get-bucket-policy --region "$1" --bucket "$2" --query Policy --output text 2>"$ERRORS"); then :; else',
    '    grep -q NoSuchBucketPolicy "$ERRORS" || die "$(cat "$ERRORS")"',
    '    present=\'{"Version":"2012-10-17","Statement":[]}\'',
    '  fi',
    '  if same "$present" "$(cat "$before")"; then say "The policy of bucket $2 is as it was already."; return 0; fi',
    '  same "$present" "$(cat "$after")" || die "The policy of bucket $2 was changed again since the fix: putting back $before would lose that. Change it by hand."',
    '  ask "put back the bucket policy in $before"',
    '  if jq -e \'.Statement == []\' "$before" >/dev/null; then aws s3api delete-bucket-policy --region "$1" --bucket "$2"; else aws s3api put-bucket-policy --region "$1" --bucket "$2" --policy "file://$before"; fi',
    '}',
  ],
  delivered: [
    '# delivered REGION TRAIL BUCKET KEY: waits for the next delivery and looks at the newest object; --no-wait leaves it out.',
    'delivered() {',
    '  if [ "$WAIT" = no ]; then say "Not waited for a delivery: look at LatestDeliveryTime of aws cloudtrail get-trail-status --region $1 --name $2 in a quarter of an hour."; return 0; fi',
    '  was=$(aws cloudtrail get-trail-status --region "$1" --name "$2" --query LatestDeliveryTime --output text)',
    '  say "Waiting for the next delivery of trail $2 (about every five minutes; last: $was)."',
    '  left=40',
    '  while :; do',
    '    sleep "${TRAILSEAL_POLL_SECONDS:-30}"',
    '    status=$(aws cloudtrail get-trail-status --region "$1" --name "$2" --query "[LatestDeliveryTime,LatestDeliveryError]" --output text)',
    '    now=${status%%[[:space:]]*}',
    '    error=${status#*[[:space:]]}',
    '    [ "$now" = "$was" ] || break',
    '    left=$((left - 1))',
    '    [ "$left" -gt 0 ] || die "Nothing was delivered by trail $2 meanwhile (error: $error). Look at the policies of bucket and key; undo.sh takes the change back."',
    '  done',
    '  case "$error" in None | "") ;; *) die "Trail $2 reports the delivery error $error: undo.sh takes the change back." ;; esac',
    '  newest=$(aws s3api list-objects-v2 --bucket "$3" --query "sort_by(Contents[?contains(Key, \'/CloudTrail/\')], &LastModified)[-1].Key" --max-items 1000 --output text 2>"$ERRORS" | head -n 1) || newest=',
    '  case "$newest" in',
    '    "" | None) say "Trail $2 delivered at $now. The newest object could not be seen from this account: look at its encryption in that of bucket $3." ;;',
    '    *) say "Trail $2 delivered at $now; of $newest the encryption is: $(aws s3api head-object --bucket "$3" --key "$newest" --query "[ServerSideEncryption,SSEKMSKeyId]" --output text 2>&1 || :)." ;;',
    '  esac',
    '}',
  ],
  merge_bucket_policy: [
    '# merge_bucket_policy REGION BUCKET OURS: the policies before and after are kept in files, for the undo.',
    'merge_bucket_policy() {',
    ...needsTool('jq').map((line) => `  ${line}`),
    '  if before=$(aws s3api get-bucket-policy --region "$1" --bucket "$2" --query Policy --output text 2>"$ERRORS"); then :; else',
    '    grep -q NoSuchBucketPolicy "$ERRORS" || die "$(cat "$ERRORS")"',
    '    before=\'{"Version":"2012-10-17","Statement":[]}\'',
    '  fi',
    '  after=$(merged "$before" "$3" \'[]\')',
    '  if same "$before" "$after"; then say "The policy of bucket $2 has these statements already."; return 0; fi',
    '  [ "${#after}" -le 20480 ] || die "With these statements the policy of $2 would be longer than the 20 KB that AWS stores."',
    '  file="trailseal-before-$2.bucket-policy.json"',
    '  say "The policy of bucket $2 would become:"',
    '  printf \'%s\' "$after" | jq . >&2',
    '  denies "$after"',
    '  ask "put this bucket policy (the one that is there is kept in $file)"',
    '  [ -e "$file" ] || printf \'%s\\n\' "$before" >"$file"',
    '  aws s3api put-bucket-policy --region "$1" --bucket "$2" --policy "$after"',
    '  printf \'%s\\n\' "$after" >"trailseal-after-$2.bucket-policy.json"',
    '}',
  ],
  check_trail: [
    '# check_trail REGION TRAIL BUCKET: ends the script where the trail is no longer as the scan saw it.',
    'check_trail() {',
    '  bucket=$(aws cloudtrail get-trail --region "$1" --name "$2" --query Trail.S3BucketName --output text)',
    '  [ "$bucket" = "$3" ] || die "Trail $2 delivers to bucket $bucket by now: scan again."',
    '}',
  ],
  set_trail_key: [
    '# set_trail_key REGION TRAIL: the trail gets the key $KEY_ARN.',
    'set_trail_key() {',
    '  current=$(aws cloudtrail get-trail --region "$1" --name "$2" --query Trail.KmsKeyId --output text)',
    '  if [ "$current" = "$KEY_ARN" ]; then say "Trail $2 uses $KEY_ARN already."; return 0; fi',
    '  ask "encrypt trail $2 with $KEY_ARN (so far: $current)"',
    '  for try in 1 2 3 4 5; do',
    '    if aws cloudtrail update-trail --region "$1" --name "$2" --kms-key-id "$KEY_ARN" >/dev/null; then break; fi',
    '    [ "$try" -lt 5 ] || die "CloudTrail does not take the key; the trail is as it was."',
    '    say "A new key policy takes some seconds to be seen; trying again."',
    '    sleep "$((try * 3))"',
    '  done',
    '  current=$(aws cloudtrail get-trail --region "$1" --name "$2" --query Trail.KmsKeyId --output text)',
    '  [ "$current" = "$KEY_ARN" ] || die "Trail $2 shows the key $current, not $KEY_ARN."',
    '  say "Trail $2 is encrypted with $KEY_ARN from now on."',
    '}',
  ],
  stack_exists: [
    'stack_exists() {',
    '  if aws cloudformation describe-stacks --region "$1" --stack-name "$2" >/dev/null 2>"$ERRORS"; then return 0; fi',
    '  grep -q "does not exist" "$ERRORS" || die "$(cat "$ERRORS")"',
    '  return 1',
    '}',
  ],
  import_stack: [
    '# import_stack REGION STACK TEMPLATE RESOURCES ROLE: the resources as they are, into a new stack.',
    'import_stack() {',
    '  set -- "$@" trailseal-import',
    '  if [ -n "$5" ]; then role="ParameterKey=CloudWatchLogsRoleArn,ParameterValue=$5"; else role=; fi',
    '  aws cloudformation create-change-set --region "$1" --stack-name "$2" --change-set-name "$6" --change-set-type IMPORT --template-body "file://$3" --resources-to-import "file://$4" ${role:+--parameters "$role"} >/dev/null',
    '  aws cloudformation wait change-set-create-complete --region "$1" --stack-name "$2" --change-set-name "$6"',
    '  aws cloudformation execute-change-set --region "$1" --stack-name "$2" --change-set-name "$6"',
    '  aws cloudformation wait stack-import-complete --region "$1" --stack-name "$2"',
    '}',
  ],
  protect_bucket: [
    '# protect_bucket REGION BUCKET OWNER: public access blocked, versions kept, a default encryption.',
    'protect_bucket() {',
    '  blocks=$(aws s3api get-public-access-block --region "$1" --bucket "$2" --expected-bucket-owner "$3" --query "PublicAccessBlockConfiguration.[BlockPublicAcls,IgnorePublicAcls,BlockPublicPolicy,RestrictPublicBuckets]" --output text 2>"$ERRORS" || grep -q NoSuchPublicAccessBlockConfiguration "$ERRORS" || die "$(cat "$ERRORS")")',
    '  case "$blocks" in',
    '    True*True*True*True) say "Public access to $2 is blocked already." ;;',
    '    *)',
    '      ask "block all public access to bucket $2"',
    '      aws s3api put-public-access-block --region "$1" --bucket "$2" --expected-bucket-owner "$3" --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true',
    '      ;;',
    '  esac',
    '  versioning=$(aws s3api get-bucket-versioning --region "$1" --bucket "$2" --expected-bucket-owner "$3" --query Status --output text)',
    '  if [ "$versioning" = Enabled ]; then say "Versioning of $2 is on already."; else',
    '    ask "turn on versioning of bucket $2"',
    '    aws s3api put-bucket-versioning --region "$1" --bucket "$2" --expected-bucket-owner "$3" --versioning-configuration Status=Enabled',
    '  fi',
    '  if aws s3api get-bucket-encryption --region "$1" --bucket "$2" --expected-bucket-owner "$3" >/dev/null 2>"$ERRORS"; then say "Bucket $2 has a default encryption already."; else',
    '    grep -q ServerSideEncryptionConfigurationNotFoundError "$ERRORS" || die "$(cat "$ERRORS")"',
    '    ask "set SSE-S3 as the default encryption of bucket $2"',
    '    aws s3api put-bucket-encryption --region "$1" --bucket "$2" --expected-bucket-owner "$3" --server-side-encryption-configuration \'{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}\'',
    '  fi',
    '}',
  ],
};
