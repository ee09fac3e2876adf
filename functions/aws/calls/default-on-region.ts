/** On in every account; every other region of the commercial partition must be enabled account by account.
 * @see https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */
const ON_BY_DEFAULT = new Set([
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]);

const COMMERCIAL = /^(?:af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d+$/;

/**
 * Where to ask what every account can answer (STS, DescribeRegions): the region itself, or us-east-1 where it is an
 * opt-in region, since an account that has not enabled it answers every call there with AuthFailure.
 */
export const defaultOnRegion = (region: string): string =>
  COMMERCIAL.test(region) && !ON_BY_DEFAULT.has(region) ? 'us-east-1' : region;
