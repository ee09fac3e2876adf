import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_ARN, LOG_ARCHIVE, MANAGEMENT } from './subjects.ts';

/** A landing zone's manifest without a key. */
export const LANDING_ZONE = {
  governedRegions: ['eu-west-1'],
  centralizedLogging: {
    accountId: LOG_ARCHIVE,
    configurations: { loggingBucket: { retentionDays: 365 }, accessLoggingBucket: { retentionDays: 3650 } },
    enabled: true,
  },
};

/** An `aws` that writes down what it is called with, and answers as an account in which nothing is set up yet. */
export function createFakeAws(folder: string, world: { account: string; bucket?: string }) {
  writeFileSync(join(folder, 'bucket'), world.bucket ?? 'org-logs');
  writeFileSync(join(folder, 'manifest'), JSON.stringify(LANDING_ZONE));
  const script = `#!/usr/bin/env bash
answer() { head -n 1 "$FAKE/$1"; [ "$(wc -l <"$FAKE/$1")" -eq 0 ] || sed -i 1d "$FAKE/$1"; }
for word in "$@"; do printf '%s\\0' "$word"; done >>"$FAKE/calls"
printf '\\0' >>"$FAKE/calls"
case "$2 $*" in
  get-caller-identity*) echo ${world.account} ;;
  describe-key*) echo 'An error occurred (NotFoundException)' >&2; exit 255 ;;
  create-key*) echo ${KEY_ARN} ;;
  get-key-rotation-status*) echo False ;;
  get-trail-status*LatestDeliveryError*) answer time | tr ' ' '\t' ;;
  get-trail-status*) answer time | cut -d ' ' -f 1 ;;
  list-objects-v2*) newest=$(answer newest); [ "$newest" != denied ] || exit 254; printf '%s\n' "$newest" | tr '|' '\n' ;;
  head-object*) cat "$FAKE/encryption" ;;
  get-trail*S3BucketName*) cat "$FAKE/bucket"; echo ;;
  get-trail*CloudWatchLogs*) cat "$FAKE/group" 2>/dev/null || echo None ;;
  get-role*) echo 'An error occurred (NoSuchEntity)' >&2; exit 254 ;;
  create-role*) echo arn:aws:iam::${world.account}:role/made ;;
  create-log-group*) [ ! -e "$FAKE/no-key-yet" ] || { rm "$FAKE/no-key-yet"; exit 254; } ;;
  update-trail*cloud-watch*) [ ! -e "$FAKE/no-role-yet" ] || { rm "$FAKE/no-role-yet"; exit 254; } ;;
  get-trail*) [ -e "$FAKE/key" ] && cat "$FAKE/key" || echo None ;;
  update-trail*) echo ${KEY_ARN} >"$FAKE/key" ;;
  get-key-policy*) echo '{"Version":"2012-10-17","Statement":[]}' ;;
  get-bucket-policy*) echo 'An error occurred (NoSuchBucketPolicy)' >&2; exit 255 ;;
  get-public-access-block*) echo 'An error occurred (NoSuchPublicAccessBlockConfiguration)' >&2; exit 255 ;;
  get-bucket-lifecycle-configuration*) [ -e "$FAKE/lifecycle" ] && cat "$FAKE/lifecycle" || { echo 'An error occurred (NoSuchLifecycleConfiguration)' >&2; exit 255; } ;;
  get-bucket-location*) cat "$FAKE/location" 2>/dev/null || exit 254 ;;
  get-bucket-logging*) last=$(printf '%s\n' "$@" | grep -A 1 -x -e --bucket | tail -n 1); cat "$FAKE/logging-$last" 2>/dev/null || echo None ;;
  get-object-lock-configuration*) cat "$FAKE/lock" 2>/dev/null || { echo 'An error occurred (ObjectLockConfigurationNotFoundError)' >&2; exit 255; } ;;
  get-bucket-encryption*SSEAlgorithm*) cat "$FAKE/encryption" 2>/dev/null || echo AES256 ;;
  get-bucket-encryption*) echo '{}' ;;
  get-bucket-versioning*) echo None ;;
  list-landing-zones*) echo arn:aws:controltower:eu-west-1:${MANAGEMENT}:landingzone/X ;;
  get-landing-zone*version*) echo 3.3 ;;
  get-landing-zone*) cat "$FAKE/manifest" ;;
  update-landing-zone*) echo operation-1 ;;
esac
`;
  writeFileSync(join(folder, 'aws'), script, { mode: 0o755 });
  return {
    folder,
    env: { PATH: `${folder}:${process.env.PATH}`, FAKE: folder },
    calls: (): string[][] => {
      const file = join(folder, 'calls');
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      return text
        .split('\0\0')
        .filter((call) => call !== '')
        .map((call) => call.split('\0'));
    },
  };
}
