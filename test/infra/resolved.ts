/** Where a template is deployed: what CloudFormation would fill in. */
export interface Deployment {
  partition: string;
  region: string;
  accountId: string;
  organizationId: string;
  /** Name of the report bucket. */
  reports: string;
}

export const OURS: Deployment = {
  partition: 'aws',
  region: 'eu-west-1',
  accountId: '111122223333',
  organizationId: 'o-a1b2c3d4e5',
  reports: 'reports',
};

/** ARNs that a deployment's resources would have. */
export const arnsOf = ({ partition, region, accountId, reports }: Deployment) => ({
  reports: `arn:${partition}:s3:::${reports}`,
  mapResults: `arn:${partition}:s3:::map-results`,
  results: `arn:${partition}:s3:::results`,
  key: `arn:${partition}:kms:${region}:${accountId}:key/ours`,
  signingKey: `arn:${partition}:kms:${region}:${accountId}:key/signing`,
  topic: `arn:${partition}:sns:${region}:${accountId}:TrailSeal`,
  hub: `arn:${partition}:securityhub:${region}:${accountId}:hub/default`,
  product: `arn:${partition}:securityhub:${region}:${accountId}:product/${accountId}/default`,
  bus: `arn:${partition}:events:${region}:${accountId}:event-bus/default`,
});

/** A template's value as CloudFormation would resolve it: `Ref`, `Fn::GetAtt`, `Fn::Join`, `Fn::If`, `Fn::ImportValue`. */
export const resolved = (value: unknown, deployment: Deployment = OURS): unknown => {
  if (Array.isArray(value)) return value.map((item) => resolved(item, deployment));
  if (typeof value !== 'object' || value === null) return value;
  const {
    Ref,
    'Fn::GetAtt': att,
    'Fn::Join': join,
    'Fn::If': choice,
    'Fn::ImportValue': imported,
  } = value as {
    Ref?: string;
    'Fn::GetAtt'?: [string, string];
    'Fn::Join'?: [string, unknown[]];
    'Fn::If'?: [condition: string, then: unknown, otherwise: unknown];
    'Fn::ImportValue'?: string;
  };
  if (Ref !== undefined) return pseudo(Ref, deployment) ?? attribute(Ref, 'Ref', deployment);
  if (att) return attribute(att[0], att[1], deployment);
  if (choice) {
    if (!/InChina/.test(choice[0])) throw new Error(`no condition is named ${choice[0]}`);
    return resolved(choice[deployment.partition === 'aws-cn' ? 1 : 2], deployment);
  }
  if (join) return (resolved(join[1], deployment) as string[]).join(join[0]);
  // Exports are named TrailSeal:ExportsOutput<Ref|FnGetAtt><logical id><attribute><hash>.
  if (imported !== undefined) {
    const [, kind, id = ''] = /ExportsOutput(Ref|FnGetAtt)(\w+)[0-9A-F]{8}$/.exec(imported) ?? [];
    return attribute(id, kind === 'Ref' ? 'Ref' : 'Arn', deployment);
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolved(inner, deployment)]));
};

const pseudo = (name: string, deployment: Deployment): string | undefined =>
  ({
    'AWS::Partition': deployment.partition,
    'AWS::Region': deployment.region,
    'AWS::AccountId': deployment.accountId,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': 'TrailSeal',
    ScannerAccountId: deployment.accountId,
    OrganizationId: deployment.organizationId,
  })[name];

/** Told by the kind of resource that the logical id names. */
const attribute = (logicalId: string, name: string, deployment: Deployment): string => {
  const arns = arnsOf(deployment);
  const isArn = name === 'Arn';
  if (logicalId.startsWith('Reports')) return isArn ? arns.reports : deployment.reports;
  if (logicalId.startsWith('MapResults')) return isArn ? arns.mapResults : 'map-results';
  if (logicalId.startsWith('QueryResults')) return isArn ? arns.results : 'results';
  if (logicalId.startsWith('SigningKey')) return arns.signingKey;
  if (logicalId.startsWith('Key')) return arns.key;
  if (logicalId.startsWith('Notifications')) return arns.topic;
  return `${logicalId}.${name}`;
};
