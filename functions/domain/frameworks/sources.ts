/** Where a mapping between a requirement and a control was taken from. */
export const SOURCES = {
  'security-hub': {
    title: 'AWS Security Hub CSPM controls for AWS CloudTrail (related requirements)',
    url: 'https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html',
  },
  prowler: {
    title: 'Prowler compliance mappings for AWS (Apache-2.0)',
    url: 'https://github.com/prowler-cloud/prowler/tree/master/prowler/compliance/aws',
  },
  powerpipe: {
    title: 'Powerpipe AWS Compliance mod (Apache-2.0)',
    url: 'https://github.com/turbot/steampipe-mod-aws-compliance',
  },
  'cdk-nag': {
    title: 'cdk-nag rule packs (Apache-2.0)',
    url: 'https://github.com/cdklabs/cdk-nag/blob/main/RULES.md',
  },
  'config-apra': {
    title: 'AWS Config: Operational Best Practices for APRA CPG 234',
    url: 'https://docs.aws.amazon.com/config/latest/developerguide/operational-best-practices-for-apra-cpg-234.html',
  },
  'config-mas': {
    title: 'AWS Config: Operational Best Practices for MAS TRMG',
    url: 'https://docs.aws.amazon.com/config/latest/developerguide/operational-best-practices-for-mas-trmg.html',
  },
  trailseal: {
    title: "TrailSeal's own reading of the requirement, published by nobody else",
    url: null,
  },
} as const satisfies Record<string, { title: string; url: string | null }>;

export type SourceId = keyof typeof SOURCES;
