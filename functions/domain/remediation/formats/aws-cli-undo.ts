import type { Change } from '../decide/plan.ts';
import { logGroupArnOf } from '../policies/log-group-role.ts';
import { logGroupName } from './aws-cli-changes.ts';
import { needsTool } from './script-functions.ts';
import { quoted } from './shell.ts';
import { oneLine } from './text.ts';

/** What takes a change back; nothing where it should stay, or cannot be taken back. */
export function undoLines(change: Change): string[] {
  switch (change.do) {
    case 'set-trail-key': {
      const { homeRegion, trailName, kmsKeyArn } = change.trail;
      const put = `put_back_trail_key ${quoted(homeRegion)} ${quoted(trailName)} ${kmsKeyArn === null ? "''" : quoted(kmsKeyArn)}`;
      return [put];
    }
    case 'enable-validation': {
      const at = `--region ${quoted(change.trail.homeRegion)} --name ${quoted(change.trail.trailName)}`;
      return [
        `present=$(aws cloudtrail get-trail ${at} --query Trail.LogFileValidationEnabled --output text)`,
        'case "$present" in',
        '  False | false) say "Log file validation is off already." ;;',
        '  *)',
        `    ask "turn off log file validation of trail "${quoted(change.trail.trailName)}`,
        `    aws cloudtrail update-trail ${at} --no-enable-log-file-validation >/dev/null`,
        '    ;;',
        'esac',
      ];
    }
    case 'enable-rotation': {
      const at = `--region ${quoted(change.region)} --key-id ${quoted(change.keyArn)}`;
      return [
        `present=$(aws kms get-key-rotation-status ${at} --query KeyRotationEnabled --output text)`,
        'case "$present" in',
        '  False | false) say "Rotation is off already." ;;',
        '  *)',
        `    ask "turn off rotation of key "${quoted(change.keyArn)}`,
        `    aws kms disable-key-rotation ${at}`,
        '    ;;',
        'esac',
      ];
    }
    case 'merge-key-policy':
      return [`put_back_key_policy ${quoted(change.region)} ${quoted(change.keyArn)}`];
    case 'merge-bucket-policy':
      return [`put_back_bucket_policy ${quoted(change.region ?? 'us-east-1')} ${quoted(change.bucket)}`];
    case 'feed-log-group': {
      const { homeRegion, trailName } = change.trail;
      const words = [homeRegion, trailName, logGroupArnOf(change)].map(quoted).join(' ');
      return [`stop_feeding ${words}`];
    }
    case 'log-access': {
      const { region, bucket, target } = change;
      const words = [region, bucket, change.accountId, target].map(quoted).join(' ');
      return [`stop_access_logs ${words}`];
    }
    case 'encrypt-log-group': {
      const name = quoted(logGroupName(change.logGroupArn));
      return [
        `present=$(log_group_key ${quoted(change.region)} ${name})`,
        'case "$present" in',
        '  None | "") say "The log group has no key already." ;;',
        '  *)',
        '    [ -e trailseal-after.log-group-key ] || die "There is no trailseal-after.log-group-key here: the change was not made from this folder."',
        '    [ "$present" = "$(cat trailseal-after.log-group-key)" ] || die "The log group uses $present by now, which the fix did not set: nothing is changed."',
        `    ask "take the key off log group "${quoted(oneLine(logGroupName(change.logGroupArn)))}`,
        `    aws logs disassociate-kms-key --region ${quoted(change.region)} --log-group-name ${name}`,
        '    ;;',
        'esac',
      ];
    }
    case 'create-trail': {
      const at = `--region ${quoted(change.trail.homeRegion)} --name ${quoted(change.trail.name)}`;
      return [
        `if aws cloudtrail get-trail ${at} >/dev/null 2>"$ERRORS"; then`,
        `  ask "delete trail "${quoted(change.trail.name)}"; its bucket and logs stay"`,
        `  aws cloudtrail delete-trail ${at}`,
        'else',
        '  grep -q TrailNotFoundException "$ERRORS" || die "$(cat "$ERRORS")"',
        `  say "Trail "${quoted(change.trail.name)}" is gone already."`,
        'fi',
      ];
    }
    case 'set-landing-zone-key':
      return putBackLandingZone(change.trail.homeRegion);
    case 'grant-read': {
      const at = `--role-name ${quoted(change.roleName)} --policy-name ${quoted(change.policyName)}`;
      return [
        `if aws iam get-role-policy ${at} >/dev/null 2>"$ERRORS"; then`,
        `  ask "take inline policy "${quoted(change.policyName)}" off role "${quoted(change.roleName)}`,
        `  aws iam delete-role-policy ${at}`,
        'else',
        '  grep -q NoSuchEntity "$ERRORS" || die "$(cat "$ERRORS")"',
        `  say "Role "${quoted(change.roleName)}" has no such policy already."`,
        'fi',
      ];
    }
    default:
      return [];
  }
}

const putBackLandingZone = (homeRegion: string): string[] => {
  const region = quoted(homeRegion);
  return [
    ...needsTool('jq'),
    'before=trailseal-before.landing-zone.json',
    'after=trailseal-after.landing-zone.json',
    '{ [ -e "$before" ] && [ -e "$after" ]; } || die "There is no $before with $after here: the change was not made from this folder."',
    `zone=$(aws controltower list-landing-zones --region ${region} --query 'landingZones[0].arn' --output text)`,
    `version=$(aws controltower get-landing-zone --region ${region} --landing-zone-identifier "$zone" --query landingZone.version --output text)`,
    `present=$(aws controltower get-landing-zone --region ${region} --landing-zone-identifier "$zone" --query landingZone.manifest --output json | jq -cS .)`,
    'if [ "$present" = "$(jq -cS . "$before")" ]; then say "The landing zone is as it was already."; else',
    '  [ "$present" = "$(jq -cS . "$after")" ] || die "The landing zone was changed again since the fix: putting back $before would lose that. Change it in the landing zone settings."',
    '  ask "update landing zone $zone back to the manifest in $before"',
    `  aws controltower update-landing-zone --region ${region} --landing-zone-identifier "$zone" --landing-zone-version "$version" --manifest "file://$before"`,
    'fi',
  ];
};
