/**
 * More folders than this in one bucket, and any account's folder counts, then any folder at all: an item stays small, and
 * a rule on other objects may count, never the other way round.
 */
const FOLDERS_AT_MOST = 50;
const ANY_FOLDER = '*';

/**
 * The folders that a bucket's trails write logs into: `[prefix/]AWSLogs/[o-id/]<account>/CloudTrail`, where `*` is
 * one name of any text.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 */
export function logFolders(
  trails: readonly { s3KeyPrefix: string | null; isOrganization: boolean; owner: string }[],
  organizationId: string | null,
): string[] {
  const folders = trails.flatMap(({ s3KeyPrefix, isOrganization, owner }) => {
    const root = `${s3KeyPrefix ? `${s3KeyPrefix}/` : ''}AWSLogs`;
    const members = isOrganization ? [`${root}/${organizationId ?? '*'}/*/CloudTrail`] : [];
    return [...members, `${root}/${owner || '*'}/CloudTrail`];
  });
  const found = [...new Set(folders)].sort();
  if (found.length <= FOLDERS_AT_MOST) return found;
  const ofAnyAccount = [...new Set(found.map((folder) => folder.replace(/[^/]+\/CloudTrail$/, '*/CloudTrail')))];
  return ofAnyAccount.length <= FOLDERS_AT_MOST ? ofAnyAccount : [ANY_FOLDER];
}
