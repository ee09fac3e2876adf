/** An account's id, which is text: it may begin with zeros. */
export const ACCOUNT_ID = /^\d{12}$/;

/** The six parts of an ARN; null where the text is not one. */
export interface Arn {
  partition: string;
  service: string;
  region: string;
  accountId: string;
  resource: string;
}

export function parseArn(text: string): Arn | null {
  const match = /^arn:([a-z0-9-]+):([a-z0-9-]+):([a-z0-9-]*):([0-9]{12}|aws|):(.+)$/s.exec(text);
  if (!match) return null;
  const [, partition = '', service = '', region = '', accountId = '', resource = ''] = match;
  return { partition, service, region, accountId, resource };
}

/** A KMS key ARN (not an alias, not a bare id), or null. Multi-region keys have ids that start with `mrk-`. */
export function parseKeyArn(text: string): { region: string; accountId: string; keyId: string } | null {
  const arn = parseArn(text);
  const key = arn && /^key\/([A-Za-z0-9-]{1,64})$/.exec(arn.resource);
  if (arn?.service !== 'kms' || !key?.[1] || !arn.region || !ACCOUNT_ID.test(arn.accountId)) return null;
  return { region: arn.region, accountId: arn.accountId, keyId: key[1] };
}

/** The account that owns a trail: the one in its ARN (an organization trail's is the management account's). */
export function trailOwner(trailArn: string): string | null {
  const arn = parseArn(trailArn);
  return arn?.service === 'cloudtrail' && ACCOUNT_ID.test(arn.accountId) ? arn.accountId : null;
}

const DNS_SUFFIX = new Map([
  ['aws-cn', 'amazonaws.com.cn'],
  ['aws-eusc', 'amazonaws.eu'],
]);

/** Where the services of a partition answer. */
export const dnsSuffix = (partition: string): string => DNS_SUFFIX.get(partition) ?? 'amazonaws.com';
