const PROWLER = 'https://github.com/prowler-cloud/prowler/blob/master/prowler/compliance';
const POWERPIPE = 'https://github.com/turbot/steampipe-mod-aws-compliance/tree/main';

/** The files and pages in which mappings are published. */
export const prowler = (file: string): string => `${PROWLER}/aws/${file}_aws.json`;
export const prowlerOfAllClouds = (file: string): string => `${PROWLER}/${file}.json`;
export const powerpipe = (folder: string): string => `${POWERPIPE}/${folder}`;
export const CDK_NAG = 'https://github.com/cdklabs/cdk-nag/blob/main/RULES.md';
/** `cloudtrail` or `kms`. */
export const securityHub = (service: string): string =>
  `https://docs.aws.amazon.com/securityhub/latest/userguide/${service}-controls.html`;
export const awsConfig = (pack: string): string =>
  `https://docs.aws.amazon.com/config/latest/developerguide/operational-best-practices-for-${pack}.html`;

/** Frameworks that were asked for and are not here, and why. */
export const NOT_MAPPED: readonly string[] = [
  'SWIFT CSCF: AWS publishes a conformance pack (SWIFT CSP), but no requirement number of its mapping could be read and checked.',
];

/** Where a mapping between a requirement and a control was taken from. */
export const SOURCES = {
  'security-hub': {
    title: 'AWS Security Hub CSPM controls for AWS CloudTrail (related requirements)',
    url: securityHub('cloudtrail'),
  },
  prowler: {
    title: 'Prowler compliance mappings for AWS (Apache-2.0)',
    url: 'https://github.com/prowler-cloud/prowler/tree/master/prowler/compliance',
  },
  powerpipe: {
    title: 'Powerpipe AWS Compliance mod (Apache-2.0)',
    url: 'https://github.com/turbot/steampipe-mod-aws-compliance',
  },
  'cdk-nag': {
    title: 'cdk-nag rule packs (Apache-2.0)',
    url: CDK_NAG,
  },
  'config-apra': {
    title: 'AWS Config: Operational Best Practices for APRA CPG 234',
    url: awsConfig('apra-cpg-234'),
  },
  'config-mas': {
    title: 'AWS Config: Operational Best Practices for MAS TRMG',
    url: awsConfig('mas-trmg'),
  },
  'nist-171-r3': {
    title: 'NIST SP 800-171 revision 3: the controls of SP 800-53 that each requirement comes from, with their mapping',
    url: 'https://doi.org/10.6028/NIST.SP.800-171r3',
  },
  trailseal: {
    title: "TrailSeal's own reading of the requirement, published by nobody else",
    url: null,
  },
} as const satisfies Record<string, { title: string; url: string | null }>;

export type SourceId = keyof typeof SOURCES;
