import { Aws } from 'aws-cdk-lib';
import { ArnPrincipal, CompositePrincipal, PolicyDocument, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeInlinePolicy } from '../acknowledge.ts';
import { allow } from '../allow.ts';
import { type BucketRef, ruleArn } from '../storage/report-access.ts';

export interface AuditorRoleProps {
  name: string;
  /** ARNs of the roles or users that may become auditor; `*` only within a name. */
  principals: readonly string[];
  workgroup: string;
  database: string;
  reports: BucketRef;
  results: BucketRef;
  key: IKey;
}

/** Reads the report through Athena and the reports' own files, and nothing else in the account. */
export class AuditorRole extends Role {
  constructor(scope: Construct, id: string, props: AuditorRoleProps) {
    const here = (service: string, resource: string) =>
      `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
    super(scope, id, {
      roleName: props.name,
      description: 'TrailSeal: reads the report, through Athena and as files',
      assumedBy: trusted(props.principals),
      inlinePolicies: {
        ReadTheReport: new PolicyDocument({
          statements: [
            allow(
              'RunQueries',
              [
                'athena:BatchGetNamedQuery',
                'athena:BatchGetQueryExecution',
                'athena:GetNamedQuery',
                'athena:GetQueryExecution',
                'athena:GetQueryResults',
                'athena:GetQueryRuntimeStatistics',
                'athena:GetWorkGroup',
                'athena:ListNamedQueries',
                'athena:ListQueryExecutions',
                'athena:StartQueryExecution',
                'athena:StopQueryExecution',
              ],
              [here('athena', `workgroup/${props.workgroup}`)],
            ),
            // The console's menus: names of workgroups and catalogs, no data. Listing knows no resource-level permissions.
            allow('SeeWhereToAsk', ['athena:ListDataCatalogs', 'athena:ListWorkGroups'], ['*']),
            allow(
              'BrowseTheCatalog',
              [
                'athena:GetDataCatalog',
                'athena:GetDatabase',
                'athena:GetTableMetadata',
                'athena:ListDatabases',
                'athena:ListTableMetadata',
              ],
              [here('athena', 'datacatalog/AwsDataCatalog')],
            ),
            // Athena looks for the account's default database, whichever is asked.
            allow(
              'LetAthenaFindTheDatabase',
              ['glue:GetDatabase', 'glue:GetDatabases'],
              [here('glue', 'catalog'), here('glue', 'database/default'), here('glue', `database/${props.database}`)],
            ),
            allow(
              'ReadTheCatalog',
              ['glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable', 'glue:GetTables'],
              [
                here('glue', 'catalog'),
                here('glue', `database/${props.database}`),
                here('glue', `table/${props.database}/*`),
              ],
            ),
            allow(
              'ReadTablesAndReports',
              ['s3:GetObject'],
              [props.reports.arnForObjects('tables/*'), props.reports.arnForObjects('reports/*')],
            ),
            allow('ListTablesAndReports', ['s3:ListBucket'], [props.reports.bucketArn], {
              StringLike: { 's3:prefix': ['tables/*', 'reports/*'] },
            }),
            allow('FindTheBuckets', ['s3:GetBucketLocation'], [props.reports.bucketArn, props.results.bucketArn]),
            allow(
              'KeepQueryResults',
              ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
              [props.results.arnForObjects('*')],
            ),
            allow('ListQueryResults', ['s3:ListBucket', 's3:ListBucketMultipartUploads'], [props.results.bucketArn]),
            allow('UseTheKey', ['kms:Decrypt', 'kms:GenerateDataKey'], [props.key.keyArn]),
          ],
        }),
      },
    });
    const [reports, results] = [ruleArn(props.reports), ruleArn(props.results)];
    acknowledge(
      this,
      'The tables and reports, whichever runs there will be; evidence and working data are not in it.',
      [`AwsSolutions-IAM5[Resource::${reports}/tables/*]`, `AwsSolutions-IAM5[Resource::${reports}/reports/*]`],
    );
    acknowledge(
      this,
      'Listing workgroups and catalogs knows no resource-level permissions; it tells their names only.',
      ['AwsSolutions-IAM5[Resource::*]'],
    );
    acknowledge(this, 'Athena names the result objects itself; nothing else lies in that bucket.', [
      `AwsSolutions-IAM5[Resource::${results}/*]`,
    ]);
    acknowledge(this, 'Every table of this one database, which holds nothing but the report.', [
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:table/${props.database}/*]`,
    ]);
    acknowledgeInlinePolicy(this, 'this role');
  }
}

/** An ARN with a wildcard cannot be a principal: its account is, and the condition says who in it. */
const trusted = (principals: readonly string[]) => {
  const accounts = [...new Set(principals.map((arn) => arn.split(':')[4] ?? ''))];
  return new CompositePrincipal(
    ...accounts.map((account) => new ArnPrincipal(`arn:${Aws.PARTITION}:iam::${account}:root`)),
  ).withConditions({ ArnLike: { 'aws:PrincipalArn': [...principals] } });
};
