/** Statements that the key policy tests share. Accounts: 111122223333 owns the key and the trail. */
export const ACCOUNT = '111122223333';
export const OTHER = '444455556666';
export const ORGANIZATION = 'o-abcdefghij';
export const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const TRAIL = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/main`;
export const TRAILS = `arn:aws:cloudtrail:*:${ACCOUNT}:trail/*`;
export const CONTEXT = 'kms:EncryptionContext:aws:cloudtrail:arn';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/Reader`;

export interface PolicyStatement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: unknown;
  NotPrincipal?: unknown;
  Action?: unknown;
  NotAction?: unknown;
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

export const root: PolicyStatement = {
  Sid: 'Root',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: 'kms:*',
  Resource: '*',
};

/** The three statements AWS documents for a trail's key, the first two for CloudTrail itself. */
export const encrypt: PolicyStatement = {
  Sid: 'Encrypt',
  Effect: 'Allow',
  Principal: { Service: 'cloudtrail.amazonaws.com' },
  Action: 'kms:GenerateDataKey*',
  Resource: '*',
  Condition: { StringEquals: { 'aws:SourceArn': TRAIL }, StringLike: { [CONTEXT]: TRAILS } },
};
export const describeKey: PolicyStatement = {
  Sid: 'Describe',
  Effect: 'Allow',
  Principal: { Service: 'cloudtrail.amazonaws.com' },
  Action: 'kms:DescribeKey',
  Resource: '*',
  Condition: { StringEquals: { 'aws:SourceArn': TRAIL } },
};
export const readers: PolicyStatement = {
  Sid: 'Readers',
  Effect: 'Allow',
  Principal: { AWS: ROLE },
  Action: 'kms:Decrypt',
  Resource: '*',
  Condition: { Null: { [CONTEXT]: 'false' } },
};

/** Lets anyone decrypt. */
export const open: PolicyStatement = {
  Sid: 'Open',
  Effect: 'Allow',
  Principal: '*',
  Action: 'kms:Decrypt',
  Resource: '*',
};
/** Denies everything to everyone. */
export const shut: PolicyStatement = { Sid: 'Shut', Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' };

export const when = (operator: string, key: string, value: unknown): Pick<PolicyStatement, 'Condition'> => ({
  Condition: { [operator]: { [key]: value } },
});

export const policyText = (...statements: PolicyStatement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
