import { Aws } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { namedQueries } from '../../functions/report/queries/queries.ts';

export interface WorkgroupProps {
  name: string;
  database: string;
  results: Bucket;
  key: IKey;
  /** A query that would read more is cancelled. */
  scanLimitGigabytes: number;
}

/** Where the report is queried: its settings bind every client, and every named query lies ready. */
export class Workgroup extends Construct {
  constructor(scope: Construct, id: string, props: WorkgroupProps) {
    super(scope, id);
    const workgroup = new CfnWorkGroup(this, 'Workgroup', {
      name: props.name,
      description: 'TrailSeal: queries over the report',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        requesterPaysEnabled: false,
        bytesScannedCutoffPerQuery: props.scanLimitGigabytes * 2 ** 30,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${props.results.bucketName}/`,
          expectedBucketOwner: Aws.ACCOUNT_ID,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: props.key.keyArn },
        },
      },
    });
    for (const { name, description, sql } of namedQueries()) {
      const query = new CfnNamedQuery(this, name, {
        name,
        description,
        database: props.database,
        workGroup: props.name,
        queryString: sql,
      });
      query.addResourceDependency(workgroup);
    }
  }
}
