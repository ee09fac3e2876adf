import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  glueColumns,
  glueViewText,
  projectionParameters,
  tableLocation,
  VIEW_NAMES,
  viewColumns,
  viewSql,
} from '../../../functions/report/queries/athena.ts';
import { columnsOf, duckdbType, TABLE_NAMES } from '../../../functions/report/tables/columns.ts';
import { grammars } from './sql-parser.ts';

const root = 's3://example-bucket/audit';
let parse: Awaited<ReturnType<typeof grammars>>;
beforeAll(async () => {
  parse = await grammars();
});

describe('tables', () => {
  test.each(TABLE_NAMES)('%s: Glue takes the comments', (table) => {
    // Glue: at most 255 characters, on one line.
    for (const { comment } of glueColumns(table)) expect(comment).toMatch(/^[^\r\n\t]{1,255}$/u);
  });

  test('types are Hive’s', () => {
    const types = new Set(TABLE_NAMES.flatMap((table) => glueColumns(table).map(({ type }) => type)));
    expect([...types].sort()).toEqual(['array<string>', 'bigint', 'boolean', 'string', 'timestamp']);
    expect(glueColumns('coverage')[0]).toEqual({
      name: 'run_id',
      type: 'string',
      comment: columnsOf('coverage')[0]?.description,
    });
  });

  test('partitions are computed day by day, and lie where the writer puts them', () => {
    expect(projectionParameters({ table: 'runs', root })).toEqual({
      EXTERNAL: 'TRUE',
      classification: 'parquet',
      'projection.enabled': 'true',
      'projection.run_date.type': 'date',
      'projection.run_date.format': 'yyyy-MM-dd',
      'projection.run_date.range': '2026-01-01,NOW',
      'projection.run_date.interval': '1',
      'projection.run_date.interval.unit': 'DAYS',
      'storage.location.template': 's3://example-bucket/audit/tables/runs/run_date=${run_date}/',
    });
    expect(tableLocation({ table: 'runs', root: `${root}//` })).toBe('s3://example-bucket/audit/tables/runs/');
  });
});

describe('views', () => {
  test.each(VIEW_NAMES)('%s is Trino’s, and its columns are the table’s', (view) => {
    expect(parse.trino(viewSql(view))).toEqual([]);
    const [kind, table] = view.split('_') as ['latest' | 'current', (typeof TABLE_NAMES)[number]];
    expect(viewColumns(view).map(({ name }) => name)).toEqual([
      ...columnsOf(table).map(({ name }) => name),
      'run_date',
      ...(kind === 'current' ? ['as_of', 'stale_since'] : []),
    ]);
  });

  test('the text for Glue decodes to the query and its types', () => {
    const [, encoded = ''] =
      /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(glueViewText('latest_trails', 'audit')) ?? [];
    const view = JSON.parse(Buffer.from(encoded, 'base64').toString());
    expect(view).toMatchObject({ originalSql: viewSql('latest_trails'), catalog: 'awsdatacatalog', schema: 'audit' });
    expect(view.columns).toContainEqual({ name: 'latest_delivery_at', type: 'timestamp(3)' });
    expect(view.columns.at(-1)).toEqual({ name: 'run_date', type: 'varchar' });
  });
});

describe('the run a view shows', () => {
  const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  /** Runs the view over `runs` and `keys` that say nothing but which run they are of. */
  async function latest(
    runs: [id: string, daysAgo: number, scope: string, becauseOf?: string[]][],
    keys: [id: string, daysAgo: number, account?: string | null][],
    view: 'latest_keys' | 'current_keys' = 'latest_keys',
  ): Promise<string[]> {
    const database = await DuckDBInstance.create(':memory:');
    const connection = await database.connect();
    const columns = (table: 'runs' | 'keys') =>
      columnsOf(table).map(({ name, type }) => `"${name}" ${duckdbType(type)}`);
    for (const table of ['runs', 'keys'] as const) {
      await connection.run(`CREATE TABLE ${table} (${columns(table).join(', ')}, run_date VARCHAR)`);
    }
    for (const [id, ago, scope, accounts = []] of runs) {
      const values = [id, day(ago), scope, accounts.join(), accounts.length > 0 ? '1' : null];
      await connection.run(
        `INSERT INTO runs BY NAME SELECT $1 AS run_id, $2 AS run_date, $3 AS scope, $5::BIGINT AS because_events,
           CASE WHEN $4 = '' THEN [] ELSE string_split($4, ',') END AS because_accounts`,
        values,
      );
    }
    for (const [id, ago, account = null] of keys) {
      const values = [id, day(ago), account];
      await connection.run('INSERT INTO keys BY NAME SELECT $1 AS run_id, $2 AS run_date, $3 AS account_id', values);
    }
    const rows = (await connection.runAndReadAll(viewSql(view))).getRowObjectsJson();
    connection.closeSync();
    database.closeSync();
    return rows.map((row) => (view === 'latest_keys' ? String(row.run_id) : `${row.run_id} ${row.account_id}`)).sort();
  }

  test.each<[string, [string, number, string, string[]?][], string[]]>([
    [
      'the newest',
      [
        ['01A', 2, 'ORGANIZATION'],
        ['01B', 1, 'ORGANIZATION'],
      ],
      ['01B'],
    ],
    [
      'the organization’s, though a filtered one is newer',
      [
        ['01A', 2, 'ORGANIZATION'],
        ['01B', 1, 'FILTERED'],
      ],
      ['01A'],
    ],
    [
      'the newest filtered one where there is nothing else',
      [
        ['01A', 2, 'FILTERED'],
        ['01B', 1, 'FILTERED'],
      ],
      ['01B'],
    ],
    [
      'the later of one day',
      [
        ['01A', 1, 'ORGANIZATION'],
        ['01B', 1, 'ORGANIZATION'],
      ],
      ['01B'],
    ],
    ['none without a row in runs', [['01A', 2, 'ORGANIZATION']], ['01A']],
    ['none at all without runs', [], []],
    ['none older than the window', [['01A', 401, 'ORGANIZATION']], []],
    [
      'never one that a change started',
      [
        ['01A', 2, 'FILTERED'],
        ['01B', 1, 'FILTERED', ['1']],
      ],
      ['01A'],
    ],
    ['one on the window’s edge', [['01A', 400, 'ORGANIZATION']], ['01A']],
  ])('is %s', async (_, runs, expected) => {
    const keys: [string, number][] = [
      ['01A', runs[0]?.[1] ?? 2],
      ['01B', runs[1]?.[1] ?? 1],
    ];
    expect(await latest(runs, keys)).toEqual(expected);
  });

  const whole: [string, number, string] = ['01A', 3, 'ORGANIZATION'];
  const later: [string, number, string, string[]] = ['01B', 2, 'FILTERED', ['1']];
  const rows = (id: string, ago: number) =>
    [null, '1', '2'].map((account): [string, number, string | null] => [id, ago, account]);

  test.each<[string, [string, number, string, string[]?][], string[]]>([
    [
      'the whole run’s, with those of its account alone from the later one',
      [whole, later],
      ['01A 2', '01A null', '01B 1'],
    ],
    ['the newest of an account', [whole, later, ['01C', 1, 'FILTERED', ['1', '2']]], ['01A null', '01C 1', '01C 2']],
    [
      'none that is older than the whole run',
      [whole, later, ['01C', 1, 'ORGANIZATION']],
      ['01C 1', '01C 2', '01C null'],
    ],
    ['none that somebody narrowed by hand', [whole, ['01B', 2, 'FILTERED']], ['01A 1', '01A 2', '01A null']],
    ['those of a change where there is no whole run', [later], ['01B 1']],
    [
      'the newest filtered run’s where there is no whole one',
      [['01A', 3, 'FILTERED'], later],
      ['01A 2', '01A null', '01B 1'],
    ],
    ['none of an account that left', [whole, ['01B', 2, 'FILTERED', ['9']]], ['01A 1', '01A 2', '01A null']],
  ])('the present is %s', async (_, runs, expected) => {
    const keys = runs.flatMap(([id, ago]) => rows(id, ago));
    expect(await latest(runs, keys, 'current_keys')).toEqual(expected);
  });
});
