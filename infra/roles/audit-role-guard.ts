/**
 * Actions that change a role, its trust or what it may do, or that make another of its name.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
const CHANGES = [
  'iam:AttachRolePolicy',
  'iam:CreateRole',
  'iam:DeleteRole',
  'iam:DeleteRolePermissionsBoundary',
  'iam:DeleteRolePolicy',
  'iam:DetachRolePolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
  'iam:TagRole',
  'iam:UntagRole',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateRole',
  'iam:UpdateRoleDescription',
];

/**
 * A service control policy that protects the audit role in member accounts: only the execution role of a service-managed
 * StackSet may change it. It holds in every member account, not in the management account, where no such policy does.
 * @param roleName with its path, without a slash before it
 */
export const auditRoleGuard = (roleName: string): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'OnlyTheStackSetChangesTheAuditRole',
      Effect: 'Deny',
      Action: CHANGES,
      Resource: `arn:*:iam::*:role/${roleName}`,
      Condition: { ArnNotLike: { 'aws:PrincipalArn': 'arn:*:iam::*:role/stacksets-exec-*' } },
    },
  ],
});
