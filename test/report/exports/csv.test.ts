import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type CsvValue, csvBody, csvText } from '../../../functions/report/exports/csv.ts';
import { withoutFormula } from '../../../functions/report/exports/csv-injection.ts';
import { columnsOf } from '../../../functions/report/tables/columns.ts';
import { CODE_POINT } from '../../code-point.ts';
import { atDepth } from '../../depth.ts';
import { bytesOf } from '../tables/duckdb-reader.ts';
import { findingRow } from '../tables/sample-rows.ts';

/** What a reader does who wants the text as it was. */
const original = (cell: string): string =>
  cell.startsWith("'") && withoutFormula(cell.slice(1)) === cell ? cell.slice(1) : cell;

async function csvOf(header: string[], rows: CsvValue[][], bom = false): Promise<string> {
  let text = '';
  const source = (async function* () {
    yield* rows;
  })();
  for await (const part of csvText({ header, rows: source, bom })) text += part;
  return text;
}

describe('a cell a spreadsheet would run', () => {
  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1',
    '\uFEFF=1',
    '\u200b=1',
    '\u00a0\u3000=1',
    '\u0000=1',
    '＝1',
    "'=1",
    '\tx',
    '=cmd|" /C calc"!A0',
    '-',
  ])('%j begins with an apostrophe', (text) => {
    expect(withoutFormula(text)).toBe(`'${text}`);
    expect(original(withoutFormula(text))).toBe(text);
  });

  test.each(['', 'a=b', 'arn:aws:kms:us-east-1:111111111111:key/k', "it's", '2026-11-02', '1 + 1', "'", "'quoted'"])(
    '%j is left alone',
    (text) => {
      expect(withoutFormula(text)).toBe(text);
    },
  );

  test('no text at all gets through, and none is lost', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: CODE_POINT }), fc.string({ unit: fc.constantFrom(..."'=+-@ \t\r\n\uFEFFa") })),
        (text) => {
          const cell = withoutFormula(text);
          expect(cell).not.toMatch(/^[\s\uFEFF]*[=+\-@]/);
          expect(cell).not.toMatch(/^[\t\r\n]/);
          expect(original(cell)).toBe(text);
        },
      ),
      { numRuns: atDepth({ quick: 400, deep: 2000 }) },
    );
  });
});

describe('CSV text', () => {
  test('comes back through another parser', async () => {
    const texts = ['a,b', 'a"b', 'a\nb', 'a\rb', 'a\r\nb', ' leading', 'trailing ', '名前 🚀', ';', '"', '""', ','];
    const parsed: string[][] = parse(
      await csvOf(
        ['text', 'n'],
        texts.map((text, n) => [text, n]),
      ),
    );
    expect(parsed).toEqual([['text', 'n'], ...texts.map((text, n) => [text, String(n)])]);
  });

  test('any text makes the round', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.string({ unit: CODE_POINT }), { minLength: 2, maxLength: 2 })),
        async (rows) => {
          const parsed: string[][] = parse(await csvOf(['a', 'b'], rows));
          expect(parsed.slice(1).map((row) => row.map(original))).toEqual(rows);
        },
      ),
      { numRuns: atDepth({ quick: 50, deep: 200 }) },
    );
  });

  test('quotes a carriage return, which some readers take for the end of a row', async () => {
    expect(await csvOf(['a', 'b'], [['x\ry', 'z']])).toBe('a,b\n"x\ry",z\n');
  });

  test('tells null from an empty string, and leaves numbers numbers', async () => {
    expect(await csvOf(['a', 'b', 'c', 'd'], [[null, '', -5, false]])).toBe('a,b,c,d\n,"",-5,false\n');
  });

  test('joins lists, and neutralises what they join to', async () => {
    const text = await csvOf(['a', 'b', 'c'], [[['x', 'y'], [], ['=1', '@2']]]);
    expect(text).toBe('a,b,c\nx | y,"",\'=1 | @2\n');
  });

  test('neutralises column names as well', async () => {
    expect(await csvOf(['=1+1'], [])).toBe("'=1+1\n");
  });

  test('has a header alone where there are no rows', async () => {
    expect(await csvOf(['a', 'b'], [])).toBe('a,b\n');
  });

  test('comes a thousand rows at a time', async () => {
    let pulled = 0;
    const rows = (async function* () {
      for (; pulled < 5000; pulled++) yield [pulled];
    })();
    const text = csvText({ header: ['n'], rows, bom: false });
    await text.next();
    expect(pulled).toBe(0);
    expect((await text.next()).value?.split('\n')).toHaveLength(1001);
    expect(pulled).toBe(999);
  });
});

describe('a table as CSV', () => {
  test('has the table’s columns, one record a row, and opens in a spreadsheet as UTF-8', async () => {
    const rows = [
      findingRow({ account_name: '=HYPERLINK("x")', evidence_refs: ['a', 'b'] }),
      findingRow({ finding_id: 'é' }),
    ];
    const bytes = await bytesOf(csvBody('findings', rows));
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const records: Record<string, string>[] = parse(Buffer.from(bytes), { columns: true, bom: true });
    expect(Object.keys(records[0] ?? {})).toEqual(columnsOf('findings').map(({ name }) => name));
    expect(
      records.map((record) => [record.finding_id, record.account_name, record.evidence_refs, record.waiver_id]),
    ).toEqual([
      ['f-1', '\'=HYPERLINK("x")', 'a | b', ''],
      ['é', 'management', '111111111111/us-east-1/DescribeTrails', ''],
    ]);
  });

  test('goes without the byte order mark where a program reads it', async () => {
    const bytes = await bytesOf(csvBody('findings', [], { bom: false }));
    expect(Buffer.from(bytes).toString()).toMatch(/^run_id,finding_id,/);
  });
});

describe('a cell that a spreadsheet would change', () => {
  const ids = ['123456789012', '012345678901', '007', '12e45', '1E400', '1.5e3', '3.10', '10.3.2', '1.2.3.4'];
  const others = ['1', '42', '', 'a12', '12345678901', '2026-11-02', '111111111111/eu-west-1'];

  test('is kept as text in files that people open, and left as it is for pipes', async () => {
    const rows = [...ids, ...others].map((id): CsvValue[] => [id]);
    const opened = parse(await csvOf(['id'], rows, true), { bom: true, from: 2 }) as string[][];
    expect(opened.flat()).toEqual([...ids.map((id) => `="${id}"`), ...others]);
    expect((parse(await csvOf(['id'], rows), { from: 2 }) as string[][]).flat()).toEqual([...ids, ...others]);
  });

  test('keeps numbers numbers, and a list of one id an id', async () => {
    const text = await csvOf(['n', 'ids'], [[123456789012, ['123456789012']]], true);
    expect(text).toBe('\uFEFFn,ids\n123456789012,"=""123456789012"""\n');
  });

  test('is in every row of a table: account ids', async () => {
    const bytes = await bytesOf(csvBody('findings', [findingRow({ account_id: '012345678901' })]));
    expect(Buffer.from(bytes).toString()).toContain(',"=""012345678901""",');
  });
});
