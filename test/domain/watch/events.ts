/** Events as EventBridge delivers them, for tests. Shapes: the CloudTrail and EventBridge user guides. */
export const ORG_OWNER = '111111111111';
export const MEMBER = '222222222222';
export const KEYS = '333333333333';

/** What CloudTrail logs of a call. */
export const apiCall = (
  eventName: string,
  { service = 'cloudtrail', account = MEMBER, region = 'eu-west-1', at = '2026-11-20T09:55:01Z', ...rest } = {} as {
    service?: string;
    account?: string;
    region?: string;
    at?: string;
    [field: string]: unknown;
  },
) => ({
  version: '0',
  id: `bridge-${eventName}`,
  'detail-type': 'AWS API Call via CloudTrail',
  source: `aws.${service}`,
  account,
  time: at,
  region,
  resources: [],
  detail: {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${account}:assumed-role/Admin/mallory`,
      accountId: account,
    },
    eventTime: at,
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: region,
    requestParameters: null,
    responseElements: null,
    eventID: `ct-${eventName}-${account}`,
    readOnly: false,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    ...rest,
  },
});

/** What a service sends by itself. */
export const notice = (
  source: string,
  detailType: string,
  event: { resources?: string[]; detail?: object; account?: string },
) => ({
  version: '0',
  id: `notice-${detailType}`,
  'detail-type': detailType,
  source,
  account: event.account ?? KEYS,
  time: '2026-11-20T10:00:00Z',
  region: 'eu-west-1',
  resources: event.resources ?? [],
  detail: event.detail ?? {},
});
