import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { namesOf } from '../names.ts';
import { AuditorRole } from '../roles/auditor-role.ts';
import type { ScannerStack } from '../scanner-stack.ts';
import type { Settings } from '../settings/settings.ts';
import { accessLogsOf } from '../storage/access-log-bucket.ts';
import { QueryResultBucket } from '../storage/query-result-bucket.ts';
import { Catalog } from './catalog.ts';
import { Workgroup } from './workgroup.ts';

/** The report for those who ask in SQL: Glue catalogue, Athena workgroup, named queries, and an auditor's role. */
export class CatalogStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { settings: Settings; scanner: ScannerStack }) {
    const { settings, scanner, ...stackProps } = props;
    super(scope, id, { description: 'TrailSeal: the report as a database for Athena', ...stackProps });
    const { glue, database, workgroup, scanLimitGigabytes } = settings.athena;
    const { bucket: reports, key } = scanner;

    const catalog = glue ? new Catalog(this, 'Catalog', { database, root: `s3://${reports.bucketName}` }) : null;
    const results = new QueryResultBucket(this, 'QueryResults', {
      key,
      accessLogs: accessLogsOf(this, settings),
      expireAfterDays: settings.retention.queryResultDays,
    });
    // By reference, which makes the named queries wait for it.
    const queried = catalog?.database.ref ?? database;
    new Workgroup(this, 'Athena', { name: workgroup, database: queried, results, key, scanLimitGigabytes });
    if (settings.auditorPrincipals.length > 0) {
      const { roleArn } = new AuditorRole(this, 'Auditor', {
        name: namesOf(settings).roles.auditor,
        principals: settings.auditorPrincipals,
        workgroup,
        database,
        reports,
        results,
        key,
      });
      new CfnOutput(this, 'AuditorRoleArn', { value: roleArn, description: 'What an auditor assumes' });
    }
    new CfnOutput(this, 'AthenaWorkgroup', { value: workgroup, description: 'For trailseal query --athena' });
  }
}
