/** Values that CloudFormation would fill in, as in an account of ours. */
const PSEUDO: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-west-1',
  'AWS::AccountId': '111122223333',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'TrailSeal',
};

/** What an attribute or reference of a resource would be, told by the kind of resource its logical id names. */
const attribute = (logicalId: string, name: string): string => {
  if (logicalId.startsWith('Reports')) return name === 'Arn' ? 'arn:aws:s3:::reports' : 'reports';
  if (logicalId.startsWith('QueryResults')) return name === 'Arn' ? 'arn:aws:s3:::results' : 'results';
  if (logicalId.startsWith('SigningKey')) return 'arn:aws:kms:eu-west-1:111122223333:key/signing';
  if (logicalId.startsWith('Key')) return 'arn:aws:kms:eu-west-1:111122223333:key/ours';
  if (logicalId.startsWith('Notifications')) return 'arn:aws:sns:eu-west-1:111122223333:TrailSeal';
  return `${logicalId}.${name}`;
};

/** A template's value as CloudFormation would resolve it: `Ref`, `Fn::GetAtt`, `Fn::Join` and what is in them. */
export const resolved = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const {
    Ref,
    'Fn::GetAtt': att,
    'Fn::Join': join,
    'Fn::ImportValue': imported,
  } = value as {
    Ref?: string;
    'Fn::GetAtt'?: [string, string];
    'Fn::Join'?: [string, unknown[]];
    'Fn::ImportValue'?: string;
  };
  if (Ref !== undefined) return PSEUDO[Ref] ?? attribute(Ref, 'Ref');
  if (att) return attribute(att[0], att[1]);
  if (join) return (resolved(join[1]) as string[]).join(join[0]);
  // Exports are named TrailSeal:ExportsOutput<Ref|FnGetAtt><logical id><attribute><hash>.
  if (imported !== undefined) {
    const [, kind, id = ''] = /ExportsOutput(Ref|FnGetAtt)(\w+)[0-9A-F]{8}$/.exec(imported) ?? [];
    return attribute(id, kind === 'Ref' ? 'Ref' : 'Arn');
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, resolved(inner)]));
};
