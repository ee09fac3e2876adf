/** A region of a partition; opt-in regions are off until an account turns them on. */
export interface Region {
  name: string;
  optIn: boolean;
}

const DEFAULT_ON = {
  aws: [
    'us-east-1',
    'eu-west-1',
    'us-west-2',
    'eu-central-1',
    'us-east-2',
    'us-west-1',
    'ap-southeast-1',
    'ap-southeast-2',
    'ap-northeast-1',
    'ap-northeast-2',
    'ap-northeast-3',
    'ap-south-1',
    'ca-central-1',
    'eu-west-2',
    'eu-west-3',
    'eu-north-1',
    'sa-east-1',
  ],
  'aws-us-gov': ['us-gov-west-1', 'us-gov-east-1'],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-eusc': ['eusc-de-east-1'],
} as const;

const OPT_IN: readonly string[] = [
  'me-south-1',
  'af-south-1',
  'eu-south-1',
  'ap-east-1',
  'eu-central-2',
  'eu-south-2',
  'me-central-1',
  'il-central-1',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ap-east-2',
  'ca-west-1',
  'mx-central-1',
];

export type Partition = keyof typeof DEFAULT_ON;
export const PARTITIONS: readonly Partition[] = ['aws', 'aws-us-gov', 'aws-cn', 'aws-eusc'];

/**
 * The regions of a partition in the order in which a simulation takes them: those on by default first, busiest first.
 * 34 in `aws`, of which 17 are opt-in (AWS General Reference, 2026-11).
 */
export const regionsOf = (partition: Partition): Region[] => [
  ...DEFAULT_ON[partition].map((name) => ({ name, optIn: false })),
  ...(partition === 'aws' ? OPT_IN.map((name) => ({ name, optIn: true })) : []),
];

export const isOptIn = (region: string): boolean => OPT_IN.includes(region);

/** The partition's region in which its global services (Organizations, IAM) answer. */
export const globalRegionOf = (partition: Partition): string => DEFAULT_ON[partition][0];

export const domainOf = (partition: Partition): string =>
  partition === 'aws-cn' ? 'amazonaws.com.cn' : partition === 'aws-eusc' ? 'amazonaws.eu' : 'amazonaws.com';
