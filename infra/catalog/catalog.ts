import { Aws } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import {
  glueColumns,
  gluePartition,
  glueViewText,
  PARQUET_STORAGE,
  projectionParameters,
  tableLocation,
  VIEW_NAMES,
  viewColumns,
} from '../../functions/report/queries/athena.ts';
import { TABLE_NAMES } from '../../functions/report/tables/columns.ts';

export interface CatalogProps {
  database: string;
  /** The report root, `s3://bucket`. */
  root: string;
}

/**
 * The report as a database: a table for every Parquet table, whose partitions are computed from the date (no crawler, no
 * MSCK), and the `latest_*` views. Columns come from the one schema in functions/report/tables/columns.ts.
 */
export class Catalog extends Construct {
  readonly database: CfnDatabase;

  constructor(scope: Construct, id: string, { database, root }: CatalogProps) {
    super(scope, id);
    this.database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: database, description: 'TrailSeal: is every CloudTrail log of the organization sealed?' },
    });
    for (const table of TABLE_NAMES) {
      new CfnTable(this, table, {
        catalogId: Aws.ACCOUNT_ID,
        databaseName: database,
        tableInput: {
          name: table,
          tableType: 'EXTERNAL_TABLE',
          parameters: projectionParameters({ table, root }),
          partitionKeys: [gluePartition],
          storageDescriptor: {
            columns: glueColumns(table),
            location: tableLocation({ table, root }),
            inputFormat: PARQUET_STORAGE.inputFormat,
            outputFormat: PARQUET_STORAGE.outputFormat,
            serdeInfo: { serializationLibrary: PARQUET_STORAGE.serde },
          },
        },
      }).addResourceDependency(this.database);
    }
    for (const view of VIEW_NAMES) {
      new CfnTable(this, view, {
        catalogId: Aws.ACCOUNT_ID,
        databaseName: database,
        tableInput: {
          name: view,
          tableType: 'VIRTUAL_VIEW',
          parameters: { presto_view: 'true', comment: 'Presto View' },
          viewOriginalText: glueViewText(view, database),
          viewExpandedText: '/* Presto View */',
          partitionKeys: [],
          storageDescriptor: {
            columns: viewColumns(view).map(({ name, type, comment }) => ({ name, type, comment })),
            // Nothing lies anywhere, but Athena looks for both and refuses a view without them.
            location: '',
            serdeInfo: {},
          },
        },
      }).addResourceDependency(this.database);
    }
  }
}
