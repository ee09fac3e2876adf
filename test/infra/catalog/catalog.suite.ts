import { runSimulation } from '@cloud-copilot/iam-simulate';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { VIEW_NAMES } from '../../../functions/report/queries/athena.ts';
import { namedQueries } from '../../../functions/report/queries/queries.ts';
import { TABLE_NAMES, type TableName } from '../../../functions/report/tables/columns.ts';
import { parquetBody } from '../../../functions/report/tables/parquet/parquet.ts';
import { inDepth, isDeep } from '../../depth.ts';
import { grammars } from '../../report/queries/sql-parser.ts';
import { bytesOf, duckdbRead } from '../../report/tables/duckdb-reader.ts';
import { resolved } from '../resolved.ts';
import { all, propertiesOf } from '../scanner-template.ts';
import { SETTINGS_IN_FULL } from '../settings-in-full.ts';
import { synthesized } from '../synthesized.ts';

const byDefault = Template.fromStack(synthesized().catalog);
const inFull = Template.fromStack(synthesized(SETTINGS_IN_FULL).catalog);

interface GlueTable {
  DatabaseName: string;
  TableInput: {
    Name: string;
    TableType: string;
    Parameters: Record<string, string>;
    PartitionKeys: { Name: string; Type: string }[];
    ViewOriginalText?: string;
    StorageDescriptor: { Columns: { Name: string; Type: string; Comment: string }[]; Location?: string };
  };
}
const glueTables = (template: Template): GlueTable[] =>
  all(template, 'AWS::Glue::Table').map(([, { Properties }]) => resolved(Properties) as GlueTable);
const tableNamed = (name: string): GlueTable['TableInput'] => {
  const found = glueTables(byDefault).find(({ TableInput }) => TableInput.Name === name);
  if (!found) throw new Error(`no table ${name}`);
  return found.TableInput;
};

/** How DuckDB names, in a Parquet file, what Hive names so. */
const DUCKDB_TYPE: Record<string, string> = {
  string: 'VARCHAR',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  'array<string>': 'VARCHAR[]',
};

describe('the catalogue', () => {
  test('has a table for every Parquet table and a view of its newest run, in the database of the settings', () => {
    const names = (template: Template) => glueTables(template).map(({ TableInput }) => TableInput.Name);
    expect(names(byDefault).sort()).toEqual(
      TABLE_NAMES.flatMap((name) => [name, `latest_${name}`, `current_${name}`]).sort(),
    );
    for (const [template, database] of [
      [byDefault, 'trailseal'],
      [inFull, 'audit_trails'],
    ] as const) {
      template.hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: database } });
      for (const { DatabaseName } of glueTables(template)) expect(DatabaseName).toBe(database);
    }
  });

  test.each(TABLE_NAMES)(
    '%s: its columns are those that DuckDB reads from the Parquet file',
    async (table: TableName) => {
      const file = await bytesOf(parquetBody(table, []));
      const columns = await duckdbRead(file, 'DESCRIBE SELECT * FROM read_parquet($file, hive_partitioning = false)');
      const glue = tableNamed(table).StorageDescriptor.Columns;
      expect(glue.map(({ Name, Type }) => [Name, DUCKDB_TYPE[Type]])).toEqual(
        columns.map(([name, type]) => [name, String(type).replace(' WITH TIME ZONE', '')]),
      );
      for (const { Name, Comment } of glue) expect(`${Name}: ${Comment}`).toMatch(/: .{5,255}$/);
    },
  );

  test.each(TABLE_NAMES)('%s: partitions are computed from the date, and lie where the report is written', (table) => {
    const { Parameters, PartitionKeys, StorageDescriptor, TableType } = tableNamed(table);
    expect(TableType).toBe('EXTERNAL_TABLE');
    expect(PartitionKeys).toMatchObject([{ Name: 'run_date', Type: 'string' }]);
    expect(StorageDescriptor.Location).toMatch(new RegExp(`^s3://.+/tables/${table}/$`));
    expect(Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.run_date.type': 'date',
      'projection.run_date.range': '2026-01-01,NOW',
      'storage.location.template': `${StorageDescriptor.Location}run_date=\${run_date}/`,
    });
  });

  test.each(VIEW_NAMES)('%s: is a Presto view whose columns Glue and Trino agree on', (name) => {
    const view = tableNamed(name);
    expect(view).toMatchObject({ TableType: 'VIRTUAL_VIEW', Parameters: { presto_view: 'true' }, PartitionKeys: [] });
    const definition = decoded(view.ViewOriginalText);
    expect(definition).toMatchObject({ catalog: 'awsdatacatalog', schema: 'trailseal' });
    const columns = view.StorageDescriptor.Columns;
    expect(definition.columns.map(({ name }) => name)).toEqual(columns.map(({ Name }) => Name));
    const [last, type] = name.startsWith('current_') ? ['stale_since', 'timestamp'] : ['run_date', 'string'];
    expect(columns.at(-1)).toMatchObject({ Name: last, Type: type });
    expect(view.StorageDescriptor).toMatchObject({ Location: '', SerdeInfo: {} });
  });

  test('needs no crawler', () => {
    expect(all(byDefault, 'AWS::Glue::Crawler')).toEqual([]);
  });
});

const decoded = (text: string | undefined) => {
  const [, base64] = /^\/\* Presto View: (.+) \*\/$/.exec(text ?? '') ?? [];
  return JSON.parse(Buffer.from(base64 ?? '', 'base64').toString('utf8')) as {
    originalSql: string;
    columns: { name: string; type: string }[];
  };
};

describe('the SQL in the template', () => {
  let trino: (sql: string) => string[];
  beforeAll(async () => {
    if (isDeep) ({ trino } = await grammars());
  }, 60_000);

  // In npm test, athena.test.ts and queries.test.ts try the grammar on what the template is made of.
  inDepth('is Trino: the views', () => {
    for (const { TableInput } of glueTables(byDefault)) {
      if (TableInput.TableType !== 'VIRTUAL_VIEW') continue;
      expect([TableInput.Name, trino(decoded(TableInput.ViewOriginalText).originalSql)]).toEqual([TableInput.Name, []]);
    }
  });

  test('is Trino: every named query, which is there with its description', () => {
    const queries = all(byDefault, 'AWS::Athena::NamedQuery').map(([, { Properties }]) => Properties);
    expect(queries.map(({ Name }) => Name).sort()).toEqual(namedQueries().map(({ name }) => name));
    expect(queries.length).toBeGreaterThanOrEqual(8);
    for (const { Name, QueryString, Description, Database, WorkGroup } of queries) {
      if (isDeep) expect([Name, trino(QueryString)]).toEqual([Name, []]);
      expect(Description).toMatch(/.{10,}/);
      // By reference, so that it is there before they are.
      expect(byDefault.findResources('AWS::Glue::Database')[Database.Ref]?.Properties.DatabaseInput.Name).toBe(
        'trailseal',
      );
      expect(WorkGroup).toBe('trailseal');
    }
  });

  test('reads nothing that is not in the catalogue', () => {
    const names = new Set(glueTables(byDefault).map(({ TableInput }) => TableInput.Name));
    for (const { name, sql } of namedQueries()) {
      const text = sql
        .replaceAll(/--.*$/gm, '')
        .replaceAll(/'(?:[^']|'')*'/g, "''")
        .replaceAll(/\b(extract|trim|substring)\([^)]*\)/gi, '');
      const own = new Set(
        [...text.matchAll(/(\w+)(?:\s*\([\w\s,]*\))?\s+AS\s+\(\s*(?:SELECT|VALUES)/gi)].map(([, cte]) => cte),
      );
      const read = [...text.matchAll(/\b(?:FROM|JOIN)\s+([a-z_]+)/gi)].map(([, table]) => `${table}`);
      expect(read.length).toBeGreaterThan(0);
      expect([name, read.filter((table) => !names.has(table) && !own.has(table) && table !== 'UNNEST')]).toEqual([
        name,
        [],
      ]);
    }
  });

  inDepth('would be refused if it were not', () => {
    expect(trino('SELECT FROM WHERE')).not.toEqual([]);
  });
});

describe('the workgroup', () => {
  test('binds every client to its settings', () => {
    const { WorkGroupConfiguration: configuration } = propertiesOf(inFull, 'AWS::Athena::WorkGroup', { Name: 'audit' });
    expect(resolved(configuration)).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 10_737_418_240,
      ResultConfiguration: {
        ExpectedBucketOwner: '111122223333',
        EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' },
      },
    });
  });

  test('keeps its results for as long as it is told', () => {
    const template = Template.fromStack(synthesized({ retention: { queryResultDays: 3 } }).catalog);
    expect(JSON.stringify(template.findResources('AWS::S3::Bucket'))).toContain('"ExpirationInDays":3');
  });
});

describe('the auditor', () => {
  test('exists only where someone is named', () => {
    expect([byDefault, inFull].map((template) => all(template, 'AWS::IAM::Role').length)).toEqual([0, 1]);
  });

  const role = resolved(all(inFull, 'AWS::IAM::Role')[0]?.[1].Properties) as {
    AssumeRolePolicyDocument: { Statement: unknown[] };
    Policies: { PolicyDocument: object }[];
  };
  const policy = role.Policies[0]?.PolicyDocument ?? {};

  test('is let in by name, account by account', () => {
    expect(role.AssumeRolePolicyDocument.Statement).toMatchObject([
      {
        Principal: { AWS: 'arn:aws:iam::333344445555:root' },
        Condition: { ArnLike: { 'aws:PrincipalArn': ['arn:aws:iam::333344445555:role/AuditTeam'] } },
      },
    ]);
  });

  interface Call {
    action: string;
    resource: string;
    context?: Record<string, string>;
  }
  const can = async ({ action, resource, context = {} }: Call, document: object = policy): Promise<string> => {
    const accountId = '111122223333';
    const result = await runSimulation(
      {
        request: {
          principal: `arn:aws:iam::${accountId}:role/TrailSealAuditor`,
          action,
          resource: { resource, accountId },
          contextVariables: context,
        },
        identityPolicies: [{ name: 'auditor', policy: document }],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        // The key leaves it to the account's own policies.
        ...(action.startsWith('kms:') ? { resourcePolicy: keyPolicy(accountId) } : {}),
      },
      {},
    );
    if (result.resultType === 'error') throw new Error(JSON.stringify(result.errors));
    return result.overallResult;
  };
  const keyPolicy = (accountId: string) => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' },
    ],
  });

  const athena = (resource: string) => `arn:aws:athena:eu-west-1:111122223333:${resource}`;
  const glue = (resource: string) => `arn:aws:glue:eu-west-1:111122223333:${resource}`;
  const key = 'arn:aws:kms:eu-west-1:111122223333:key/ours';

  /** What is called in an auditor's name, from opening the console to reading a page of an answer. */
  const NEEDED: Call[] = [
    { action: 'athena:ListWorkGroups', resource: '*' },
    { action: 'athena:ListDataCatalogs', resource: '*' },
    { action: 'athena:ListDatabases', resource: athena('datacatalog/AwsDataCatalog') },
    { action: 'glue:GetDatabases', resource: glue('catalog') },
    { action: 'glue:GetDatabase', resource: glue('database/default') },
    { action: 'glue:GetDatabase', resource: glue('database/audit_trails') },
    { action: 'athena:GetWorkGroup', resource: athena('workgroup/audit') },
    { action: 'athena:ListNamedQueries', resource: athena('workgroup/audit') },
    { action: 'athena:StartQueryExecution', resource: athena('workgroup/audit') },
    { action: 'athena:GetQueryResults', resource: athena('workgroup/audit') },
    { action: 'glue:GetTable', resource: glue('table/audit_trails/findings') },
    { action: 's3:GetBucketLocation', resource: 'arn:aws:s3:::reports' },
    { action: 's3:GetBucketLocation', resource: 'arn:aws:s3:::results' },
    { action: 's3:ListBucket', resource: 'arn:aws:s3:::reports', context: { 's3:prefix': 'tables/findings/' } },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::reports/tables/findings/run_date=2026-11-01/x.parquet' },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::reports/reports/x/report.html' },
    { action: 's3:ListBucket', resource: 'arn:aws:s3:::results' },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::results/x.csv' },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::results/x.csv' },
    { action: 'kms:Decrypt', resource: key },
    { action: 'kms:GenerateDataKey', resource: key },
  ];
  test.each(NEEDED)('may $action on $resource', async (call) => {
    expect(await can(call)).toBe('Allowed');
  });

  test('has its workgroup and its auditor where Glue is left out, and nothing of Glue', () => {
    const { catalog } = synthesized({ ...SETTINGS_IN_FULL, athena: { glue: false } });
    const { Resources } = Template.fromStack(catalog).toJSON() as { Resources: Record<string, { Type: string }> };
    const types = new Set(Object.values(Resources).map(({ Type }) => Type));
    expect([...types].filter((type) => type.startsWith('AWS::Glue'))).toEqual([]);
    for (const type of ['AWS::Athena::WorkGroup', 'AWS::Athena::NamedQuery', 'AWS::IAM::Role', 'AWS::S3::Bucket'])
      expect(types).toContain(type);
  });

  test('has no statement that it could do without', async () => {
    const { Statement } = policy as { Statement: { Sid: string }[] };
    for (const { Sid } of Statement) {
      const rest = { Version: '2012-10-17', Statement: Statement.filter((statement) => statement.Sid !== Sid) };
      const missed = await Promise.all(NEEDED.map(async (call) => (await can(call, rest)) !== 'Allowed'));
      expect([Sid, missed.some(Boolean)]).toEqual([Sid, true]);
    }
  });

  test.each<Call>([
    { action: 'athena:StartQueryExecution', resource: athena('workgroup/primary') },
    { action: 'athena:UpdateWorkGroup', resource: athena('workgroup/audit') },
    { action: 'glue:GetTable', resource: glue('table/payroll/people') },
    { action: 'glue:GetTable', resource: glue('table/default/people') },
    { action: 'glue:DeleteTable', resource: glue('table/audit_trails/findings') },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::reports/runs/x/plan.json' },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::reports/evidence/x/1.ndjson.gz' },
    { action: 's3:PutObject', resource: 'arn:aws:s3:::reports/reports/x/report.html' },
    { action: 's3:ListBucket', resource: 'arn:aws:s3:::reports', context: { 's3:prefix': 'evidence/' } },
    { action: 's3:GetObject', resource: 'arn:aws:s3:::elsewhere/tables/x' },
  ])('may not $action on $resource', async (call) => {
    expect(await can(call)).toBe('ImplicitlyDenied');
  });
});
