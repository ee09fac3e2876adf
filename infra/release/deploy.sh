#!/usr/bin/env bash
# Deploys this release of TrailSeal with the AWS CLI alone: in CloudShell, on a laptop or in a pipeline.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'USAGE'
Deploys TrailSeal into the account and region of your AWS credentials.

  ./deploy.sh [WHAT] [--dry-run] [--name NAME] [--bucket NAME] [--role-arn ARN] [PARAMETER=VALUE ...]

WHAT
  all           scanner, catalog and the roll-out of the audit role (default; in the audit account)
  scanner       the scanner and its catalog
  member-roles  the StackSet that gives every member account the audit role
  audit-role    the audit role of this one account; run it in the management account, which a StackSet skips
  management-watch  what sends the management account's changes, with EventBusArn=ARN (an output of the scanner) and
                WatchRegions=REGION,REGION: a stack in each; run it in the management account
  remove        deletes the stacks that this account has; buckets and keys stay, and are listed
  parameters    lists every parameter with its default

OPTIONS
  --dry-run     reads only, and says what would be done
  --name NAME   name of the scanner's stack, and beginning of the others' (default: the prefix of the release, TrailSeal)
  --bucket NAME bucket for code and templates, in this region; must exist
                (default: the one before, or trailseal-assets-ACCOUNT-REGION, which is made)
  --role-arn ARN  service role that CloudFormation acts as

A parameter may also come from the environment, as TRAILSEAL_AlarmMail=audit@example.com. One that is not given keeps the
value that the stack has. OrganizationId and TargetOrganizationalUnits are asked of AWS Organizations where nobody says.
USAGE
}

say() { printf '%s\n' "$*" >&2; }
die() {
  printf 'deploy.sh: %s\n' "$*" >&2
  exit 1
}
# Whether it is only to be said what would be done: says it, and is true where it is.
would() {
  [ "$dry_run" = true ] || return 1
  say "would $*"
}

tab=$(printf '\t')
# The default of a parameter of a template.
default_of() { awk -F "$tab" -v template="$1" -v name="$2" '$1 == template && $2 == name { print $3 }' parameters.tsv; }

what=all
dry_run=false
name=$(default_of trailseal-catalog ScannerStack)
bucket=''
role_arn=''
given=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit
      ;;
    --dry-run) dry_run=true ;;
    --name | --bucket | --role-arn)
      [ -n "${2:-}" ] || die "$1 needs a value."
      case $1 in --name) name=$2 ;; --bucket) bucket=$2 ;; *) role_arn=$2 ;; esac
      shift
      ;;
    all | scanner | member-roles | audit-role | management-watch | remove | parameters) what=$1 ;;
    [A-Z]*=*) given+=("$1") ;;
    *) die "\"$1\" is neither a command, an option nor PARAMETER=VALUE; see --help." ;;
  esac
  shift
done

# Names of the parameters of a template, or of all of them.
parameters_of() { awk -F "$tab" -v template="${1:-}" 'template == "" || $1 == template { print $2 }' parameters.tsv | sort -u; }
has() { printf '%s\n' "$1" | grep -qxF -- "$2"; }

if [ "$what" = parameters ]; then
  awk -F "$tab" '!seen[$2]++ { printf "%s=%s\n    %s\n", $2, $3, $4 }' parameters.tsv
  exit
fi

known=$(parameters_of)
for pair in "${given[@]+"${given[@]}"}"; do
  has "$known" "${pair%%=*}" || die "no template has a parameter ${pair%%=*}; see ./deploy.sh parameters."
done
for parameter in $known; do
  variable=TRAILSEAL_$parameter
  [ -z "${!variable+set}" ] && continue
  for pair in "${given[@]+"${given[@]}"}"; do [ "${pair%%=*}" = "$parameter" ] && continue 2; done
  given+=("$parameter=${!variable}")
done
# The value that was given for a parameter; fails where none was.
value_of() {
  local pair
  for pair in "${given[@]+"${given[@]}"}"; do
    [ "${pair%%=*}" = "$1" ] && printf '%s' "${pair#*=}" && return
  done
  return 1
}

command -v aws >/dev/null || die 'the AWS CLI is not installed: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html'
if command -v sha256sum >/dev/null; then sum=(sha256sum); else sum=(shasum -a 256); fi
"${sum[@]}" --check --status SHA256SUMS 2>/dev/null || die 'the files are not those of the release: SHA256SUMS does not match; unpack it again.'

export AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region || true)}}
[ -n "$region" ] || die 'no region: set AWS_REGION, or give the profile one.'
export AWS_REGION=$region AWS_DEFAULT_REGION=$region

# What the AWS CLI said last, in one line.
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
reason() { tr '\n' ' ' <"$errors" | sed 's/^ *//; s/ *$//'; }
ask() { aws "$@" --output text 2>"$errors"; }
must() { ask "$@" || die "aws $1 $2: $(reason)"; }

identity=$(must sts get-caller-identity --query '[Account,Arn]') || exit 1
account=${identity%%"$tab"*}
partition=$(printf '%s' "${identity##*"$tab"}" | cut -d: -f2)
case $partition in
  aws-cn) suffix=amazonaws.com.cn ;;
  aws-eusc) suffix=amazonaws.eu ;;
  *) suffix=amazonaws.com ;;
esac
say "account $account, region $region"

# --- the bucket for code and templates

default_bucket=trailseal-assets-$account-$region

protect_bucket() {
  must s3api put-public-access-block --bucket "$bucket" --public-access-block-configuration \
    BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true >/dev/null
  must s3api put-bucket-encryption --bucket "$bucket" --server-side-encryption-configuration \
    '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}' >/dev/null
  must s3api put-bucket-policy --bucket "$bucket" --policy "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"TlsOnly\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":[\"arn:$partition:s3:::$bucket\",\"arn:$partition:s3:::$bucket/*\"],\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}" >/dev/null
}

# Finds the bucket, or makes it where it is ours to make.
prepare_bucket() {
  local where
  bucket_exists=true
  if ! ask s3api head-bucket --bucket "$bucket" --expected-bucket-owner "$account" >/dev/null; then
    grep -q '(404)' "$errors" || die "the bucket $bucket cannot be used: it is in another account or refused ($(reason))."
    [ "$bucket" = "$default_bucket" ] || die "the bucket $bucket does not exist: make it in $region, or leave --bucket out."
    bucket_exists=false
  fi
  if [ "$bucket_exists" = true ]; then
    where=$(must s3api get-bucket-location --bucket "$bucket" --query LocationConstraint) || exit 1
    case $where in None | null | '') where=us-east-1 ;; EU) where=eu-west-1 ;; esac
    [ "$where" = "$region" ] || die "the bucket $bucket is in $where: functions take their code from a bucket of $region."
  elif ! would "make the bucket $bucket: private, encrypted, TLS only"; then
    say "making the bucket $bucket"
    if [ "$region" = us-east-1 ]; then
      must s3api create-bucket --bucket "$bucket" >/dev/null
    else
      must s3api create-bucket --bucket "$bucket" --create-bucket-configuration "LocationConstraint=$region" >/dev/null
    fi
  fi
  # Again each time: a run that was interrupted may have left it half made.
  if [ "$bucket" = "$default_bucket" ] && [ "$dry_run" = false ]; then protect_bucket; fi
}

# Uploads a folder, but for what is there: the names, or the prefix, carry the hash of what they name.
upload() {
  local folder=$1 to=s3://$bucket/$2 files
  if [ "$dry_run" = false ]; then
    aws s3 sync --size-only --only-show-errors "$folder" "$to" 2>"$errors" >&2 || die "$folder could not be uploaded: $(reason)"
  elif [ "$bucket_exists" = false ]; then
    would "upload $folder to $to"
  else
    files=$(must s3 sync --size-only --dryrun "$folder" "$to") || exit 1
    [ -z "$files" ] || would "upload $folder to $to"
  fi
}

# --- the stacks

json_text() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }

# Sets stack_status, NONE where there is no such stack, stack_parameters, the names of its parameters, and stack_outputs.
look_at() {
  local said first
  stack_parameters=''
  stack_outputs=''
  if said=$(ask cloudformation describe-stacks --stack-name "$1" \
    --query "Stacks[0].[[[StackStatus, join(',', Parameters[].ParameterKey || [''])]], Outputs[].[OutputKey, OutputValue]][]"); then
    first=$(printf '%s\n' "$said" | head -n 1)
    stack_status=${first%%"$tab"*}
    stack_parameters=$(printf '%s' "${first#*"$tab"}" | tr , '\n')
    stack_outputs=$(printf '%s\n' "$said" | sed '1d; /^None$/d; /^ExportsOutput/d')
  else
    grep -q 'does not exist' "$errors" || die "aws cloudformation describe-stacks: $(reason)"
    stack_status=NONE
  fi
}

# Waits until nothing goes on in a stack; sets stack_status.
settle() {
  while look_at "$1" && case $stack_status in *_IN_PROGRESS) true ;; *) false ;; esac do sleep 4; done
}

# What a parameter of a stack is, or will be: what was given, else what the stack has, else the template's default.
effective() {
  local stack=$1 template=$2 value
  value_of "$3" && return
  if value=$(ask cloudformation describe-stacks --stack-name "$stack" \
    --query "Stacks[0].Parameters[?ParameterKey=='$3'].ParameterValue | [0]") && [ "$value" != None ]; then
    printf '%s' "$value"
  else
    default_of "$template" "$3"
  fi
}

# The parameters of a template as JSON: what was given, else what the stack has, else the template's own default.
parameters_json() {
  local template=$1 before=$2 separator='' parameter value
  printf '['
  for parameter in $(parameters_of "$template"); do
    if value=$(value_of "$parameter"); then
      printf '%s{"ParameterKey":"%s","ParameterValue":"%s"}' "$separator" "$parameter" "$(json_text "$value")"
    elif has "$before" "$parameter"; then
      printf '%s{"ParameterKey":"%s","UsePreviousValue":true}' "$separator" "$parameter"
    else
      continue
    fi
    separator=,
  done
  printf ']'
}

# Why a change failed: the first thing that did; $2 is the token of the change.
first_failure() {
  ask cloudformation describe-stack-events --stack-name "$1" \
    --query "StackEvents[?ClientRequestToken=='$2' && contains(ResourceStatus, 'FAILED')].[join(': ', [LogicalResourceId, ResourceStatusReason || 'no reason'])]" |
    grep -v 'cancelled' | tail -n 1
}

deploy() {
  local stack=$1 template=$2 verb token parameters from
  look_at "$stack"
  case $stack_status in
    NONE) verb=create ;;
    # It holds nothing: the first try was rolled back.
    ROLLBACK_COMPLETE | REVIEW_IN_PROGRESS)
      verb=create
      if ! would "delete the stack $stack, whose first try failed"; then
        must cloudformation delete-stack --stack-name "$stack" >/dev/null
        settle "$stack"
      fi
      stack_parameters=''
      ;;
    *_IN_PROGRESS) die "the stack $stack is being changed ($stack_status): wait until that has ended." ;;
    CREATE_COMPLETE | UPDATE_COMPLETE | UPDATE_ROLLBACK_COMPLETE | IMPORT_COMPLETE) verb=update ;;
    *) die "the stack $stack is $stack_status: repair or delete it in the console first." ;;
  esac
  would "$verb the stack $stack" && return
  # What is small goes with the request, and needs no bucket.
  from=(--template-body "file://templates/$template.template.json")
  if [ "$(wc -c <"templates/$template.template.json")" -gt 51200 ]; then
    from=(--template-url "https://s3.$region.$suffix/$bucket/$templates$template.template.json")
  fi
  token=trailseal-$$-$(date +%s)
  parameters=$(parameters_json "$template" "$stack_parameters")
  if ! ask cloudformation "$verb-stack" --stack-name "$stack" "${from[@]}" --capabilities CAPABILITY_NAMED_IAM \
    --client-request-token "$token" ${role_arn:+--role-arn "$role_arn"} --parameters "$parameters" >/dev/null; then
    if grep -q 'No updates are to be performed' "$errors"; then
      say "the stack $stack is up to date"
      [ -z "$stack_outputs" ] || printf '%s\n' "$stack_outputs"
      return
    fi
    die "the stack $stack cannot be ${verb}d: $(reason)"
  fi
  say "the stack $stack is being ${verb}d: this takes some minutes"
  settle "$stack"
  case $stack_status in
    CREATE_COMPLETE | UPDATE_COMPLETE) [ -z "$stack_outputs" ] || printf '%s\n' "$stack_outputs" ;;
    *) die "the stack $stack could not be ${verb}d ($stack_status): $(first_failure "$stack" "$token" || reason)" ;;
  esac
}

# Asks AWS Organizations for the id of the organization, where nobody said it.
organization_id() {
  local id
  [ -z "$(effective "$1" "$2" OrganizationId)" ] || return 0
  id=$(ask organizations describe-organization --query Organization.Id) ||
    die "give OrganizationId=o-…: AWS Organizations does not say it here ($(reason))."
  given+=("OrganizationId=$id")
}

# The same for its root, which is where the audit role goes.
targets() {
  local id
  [ -z "$(effective "$1" trailseal-member-roles TargetOrganizationalUnits)" ] || return 0
  id=$(ask organizations list-roots --query 'Roots[0].Id') ||
    die "give TargetOrganizationalUnits=r-…: AWS Organizations does not say it here ($(reason))."
  say "the audit role goes to the whole organization ($id)"
  given+=("TargetOrganizationalUnits=$id")
}

# Deletes a stack where there is one, and lists what it leaves.
remove() {
  local stack=$1 id token
  look_at "$stack"
  [ "$stack_status" != NONE ] || return 0
  would "delete the stack $stack" && return
  id=$(must cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].StackId') || exit 1
  say "the stack $stack is being deleted"
  token=trailseal-$$-$(date +%s)
  must cloudformation delete-stack --stack-name "$stack" --client-request-token "$token" \
    ${role_arn:+--role-arn "$role_arn"} >/dev/null
  settle "$stack"
  case $stack_status in
    NONE | DELETE_COMPLETE) ;;
    *) die "the stack $stack could not be deleted ($stack_status): $(first_failure "$stack" "$token")" ;;
  esac
  # A policy goes with its bucket.
  ask cloudformation describe-stack-events --stack-name "$id" \
    --query "StackEvents[?ResourceStatus=='DELETE_SKIPPED' && !ends_with(ResourceType, 'Policy')].[ResourceType, PhysicalResourceId]" |
    sed '/^None$/d; s/^/kept: /' || true
}

if [ "$what" = remove ]; then
  for stack in "${name}Catalog" "$name" "${name}MemberRoles" "${name}ManagementRole"; do remove "$stack"; done
  for region in $(value_of WatchRegions | tr , ' ' || printf '%s' "$region"); do
    export AWS_REGION=$region AWS_DEFAULT_REGION=$region
    remove "${name}ManagementWatch"
  done
  exit
fi

if [ "$what" = audit-role ]; then
  stack=${name}ManagementRole
  organization_id "$stack" trailseal-audit-role
  [ -n "$(effective "$stack" trailseal-audit-role ScannerAccountId)" ] ||
    die 'give ScannerAccountId=…, the account that the scanner runs in.'
  deploy "$stack" trailseal-audit-role
  exit
fi

if [ "$what" = management-watch ]; then
  stack=${name}ManagementWatch
  for region in $(value_of WatchRegions | tr , ' ' || printf '%s' "$region"); do
    export AWS_REGION=$region AWS_DEFAULT_REGION=$region
    [ -n "$(effective "$stack" trailseal-management-watch EventBusArn)" ] ||
      die "give EventBusArn=…, the output WatchBusArn of the stack $name in the account that scans."
    say "region $region"
    deploy "$stack" trailseal-management-watch
  done
  exit
fi

watched=$(effective "$name" trailseal WatchRegions)
if [ "$what" = all ] && [ -z "$watched" ] &&
  [ "$(effective "${name}MemberRoles" trailseal-member-roles MemberRoleRollOut)" = false ]; then
  say 'MemberRoleRollOut=false: the audit role is yours to roll out'
  what=scanner
fi
: "${bucket:=$(effective "$name" trailseal AssetBucket)}"
: "${bucket:=$default_bucket}"
prefix=$(effective "$name" trailseal AssetPrefix)
# Where the templates of this release go.
templates=${prefix}release-$("${sum[@]}" SHA256SUMS | cut -c1-16)/
given+=("AssetBucket=$bucket" "AssetPrefix=$prefix" "ScannerStack=$name")
if [ "$what" != scanner ]; then
  organization_id "${name}MemberRoles" trailseal-member-roles
  targets "${name}MemberRoles"
elif [ -n "$watched" ]; then
  organization_id "$name" trailseal
fi
if [ "$what" != member-roles ]; then
  prepare_bucket
  upload templates "$templates"
  upload functions "$prefix"
  deploy "$name" trailseal
  scanner_outputs=$stack_outputs
  deploy "${name}Catalog" trailseal-catalog
fi
[ "$what" = scanner ] || deploy "${name}MemberRoles" trailseal-member-roles
[ "$dry_run" = true ] && exit

output() { printf '%s\n' "$scanner_outputs" | awk -F "$tab" -v key="$1" '$1 == key { print $2 }'; }
say ''
say 'Next:'
say "- in the management account: ./deploy.sh audit-role ScannerAccountId=$account"
value_of AlarmMail >/dev/null && say '- confirm the subscription mail of the topic'
if [ "$what" != member-roles ]; then
  bus=$(output WatchBusArn)
  [ -z "$bus" ] || say "- in the management account: ./deploy.sh management-watch EventBusArn=$bus WatchRegions=$watched"
  say "- the first run: aws stepfunctions start-execution --state-machine-arn $(output StateMachineArn)"
  say "- its report: $(output ReportRoot)/reports/"
fi
exit 0
