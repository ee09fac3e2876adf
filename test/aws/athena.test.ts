import { expect, test } from '@jest/globals';
import { athenaQuery, athenaValue } from '../../functions/aws/athena.ts';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { wire } from './wire.ts';

type Cell = string | null;

const asked = async (
  statement: string,
  columns: [name: string, type: string][],
  pages: Cell[][][],
  after = (page: number): number => page + 1,
) => {
  const { handler, calls } = wire(({ operation, input }) => {
    if (operation === 'StartQueryExecution') return { body: { QueryExecutionId: 'q' } };
    if (operation === 'GetQueryExecution')
      return { body: { QueryExecution: { StatementType: statement, Status: { State: 'SUCCEEDED' } } } };
    const page = Number(input.NextToken ?? 0);
    const Rows = (pages[page] ?? []).map((cells) => ({
      Data: cells.map((cell) => (cell === null ? {} : { VarCharValue: cell })),
    }));
    const ColumnInfo = columns.map(([Name, Type]) => ({ Name, Type }));
    return {
      body: {
        ResultSet: { Rows, ResultSetMetadata: { ColumnInfo } },
        ...(after(page) < pages.length ? { NextToken: String(after(page)) } : {}),
      },
    };
  });
  const access = createAwsAccess({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 's' },
    requestHandler: handler,
  });
  const signal = new AbortController().signal;
  const result = await athenaQuery({ access, workgroup: 'w', database: 'd', sql: 'x', signal });
  const rows: unknown[] = [];
  for await (const row of result.rows) rows.push(row);
  return { rows, names: result.columns.map(({ name }) => name), calls };
};

test('a SELECT loses its header on the first page only, and keeps columns of one name apart', async () => {
  const { rows, names } = await asked(
    'DML',
    [
      ['n', 'bigint'],
      ['n', 'varchar'],
    ],
    [
      [
        ['n', 'n'],
        ['1', 'a'],
      ],
      [['2', null]],
    ],
  );
  expect(names).toEqual(['n', 'n:1']);
  expect(rows).toEqual([
    { n: 1, 'n:1': 'a' },
    { n: 2, 'n:1': null },
  ]);
});

test('pages that lead back to one that was read end the result with a sentence, never go on', async () => {
  const turns = asked('DML', [['n', 'bigint']], [[['n'], ['1']], [['2']], [['3']]], (page) =>
    page === 2 ? 1 : page + 1,
  );
  await expect(turns).rejects.toMatchObject({
    code: 'ATHENA',
    message: 'Athena: a page names a next page that was already read',
  });
});

test.each(['DDL', 'UTILITY'])('SHOW TABLES (%s) keeps its first row', async (statement) => {
  const { rows } = await asked(statement, [['tab_name', 'string']], [[['coverage'], ['findings']]]);
  expect(rows).toEqual([{ tab_name: 'coverage' }, { tab_name: 'findings' }]);
});

test.each([
  ['integer', '12', 12],
  ['bigint', '9007199254740993', '9007199254740993'],
  ['double', '0.25', 0.25],
  ['double', 'NaN', 'NaN'],
  ['decimal(10,2)', '1.50', 1.5],
  ['boolean', 'false', false],
  ['timestamp', '2026-11-28 10:00:00.123', '2026-11-28T10:00:00.123Z'],
  ['timestamp with time zone', '2026-11-28 10:00:00.123456 UTC', '2026-11-28T10:00:00.123Z'],
  ['timestamp with time zone', '2026-11-28 10:00:00.123 Europe/Zurich', '2026-11-28 10:00:00.123 Europe/Zurich'],
  ['date', '2026-11-28', '2026-11-28'],
  ['varchar', '012345678901', '012345678901'],
  ['array(varchar)', '[a, b]', '[a, b]'],
  ['bigint', undefined, null],
] as const)('a %s %s is %j', (type, text, value) => {
  expect(athenaValue(type, text)).toBe(value);
});
