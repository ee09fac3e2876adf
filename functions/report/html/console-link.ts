/** Where each partition's console answers: https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/working-with-console.html */
const HOSTS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

/**
 * The page of the AWS Console that shows a trail, key, bucket, log group or event data store, by its ARN; null for
 * anything else, and for a partition whose console is not known. Who follows it must be signed in to the account.
 */
export function consoleLink(arn: string, bucketRegion: string | null = null): string | null {
  const [, partition = '', service = '', region = '', , ...rest] = arn.split(':');
  const host = HOSTS[partition];
  const resource = rest.join(':');
  const id = resource.slice(resource.indexOf('/') + 1);
  if (!host || !arn.startsWith('arn:')) return null;
  const at = (where: string, path: string) => `https://${where}.${host}/${path}`;
  if (service === 's3' && resource !== '')
    return bucketRegion && /^[a-z0-9-]+$/.test(bucketRegion)
      ? at(bucketRegion, `s3/buckets/${encodeURIComponent(resource)}?region=${bucketRegion}&tab=permissions`)
      : null;
  if (!/^[a-z0-9-]+$/.test(region)) return null;
  if (service === 'cloudtrail' && resource.startsWith('trail/'))
    return at(region, `cloudtrailv2/home?region=${region}#/trails/${encodeURIComponent(arn)}`);
  if (service === 'cloudtrail' && resource.startsWith('eventdatastore/'))
    return at(region, `cloudtrailv2/home?region=${region}#/lake/event-data-stores/${encodeURIComponent(id)}`);
  if (service === 'kms' && resource.startsWith('key/'))
    return at(region, `kms/home?region=${region}#/kms/keys/${encodeURIComponent(id)}`);
  if (service === 'logs' && resource.startsWith('log-group:'))
    return at(
      region,
      // The console encodes the name twice, with $ for %.
      `cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${encodeURIComponent(encodeURIComponent(resource.slice('log-group:'.length).replace(/:\*$/, ''))).replaceAll('%', '$')}`,
    );
  return null;
}
