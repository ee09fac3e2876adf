import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { sanitize, sanitizeJson } from '../../../functions/domain/model/sanitize.ts';
import { type FormatOptions, formatResult } from '../../../functions/report/queries/format.ts';
import type { QueryResult, QueryRow, QueryValue } from '../../../functions/report/queries/query-result.ts';
import { padText, textWidth, wrapText } from '../../../functions/report/queries/text-width.ts';
import { CODE_POINT } from '../../code-point.ts';

const HOSTILE = 'a\u001b[31mred\u001b]0;title\u0007\r\n\u202eevil\u009b2J';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what the test is about
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2028\u2029\ufeff]/;

const result = (names: string[], rows: QueryValue[][]): QueryResult => ({
  columns: names.map((name) => ({ name, type: 'VARCHAR' })),
  rows: (async function* () {
    for (const row of rows)
      yield Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])) as QueryRow;
  })(),
});
async function text(names: string[], rows: QueryValue[][], options: Partial<FormatOptions> = {}): Promise<string> {
  let all = '';
  for await (const part of formatResult(result(names, rows), { format: 'table', width: null, ...options })) all += part;
  return all;
}

describe('a table', () => {
  test('lines up: text to the left, numbers to the right, nothing for null', async () => {
    expect(
      await text(
        ['account', 'n', 'ok', 'list'],
        [
          ['111', 5, true, ['a', 'b']],
          ['222222', 1234, null, []],
        ],
      ),
    ).toBe(
      [
        'account     n  ok    list',
        '───────  ────  ────  ────',
        '111         5  true  a, b',
        '222222   1234',
        '2 rows',
        '',
      ].join('\n'),
    );
  });

  test('says so where there is no row, and counts one', async () => {
    expect(await text(['a'], [])).toBe('a\n─\n0 rows\n');
    expect(await text(['a'], [['x']])).toBe('a\n─\nx\n1 row\n');
  });

  test('fits the terminal: the widest columns give way, broken where words and ARNs may be', async () => {
    const arn = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/organization-trail';
    const shown = await text(
      ['severity', 'resource_arn', 'n'],
      [
        ['CRITICAL', arn, 1],
        ['LOW', 'two words', 22],
      ],
      { width: 40 },
    );
    expect(shown.split('\n')).toEqual([
      'severity  resource_arn                 n',
      '────────  ──────────────────────────  ──',
      'CRITICAL  arn:aws:cloudtrail:us-       1',
      '          east-1:111111111111:trail/',
      '          organization-trail',
      'LOW       two words                   22',
      '2 rows',
      '',
    ]);
  });

  test('breaks a long name over narrow values', async () => {
    const shown = await text(['account_id', 'findings_unverified'], [['111111111111', 3]], { width: 26 });
    expect(shown.split('\n').slice(0, 4)).toEqual([
      'account_id       findings_',
      '                unverified',
      '────────────  ────────────',
      '111111111111             3',
    ]);
  });

  test('loses the middle of a cell that would fill the screen', async () => {
    const words = Array.from({ length: 500 }, (_, i) => `word${i}`).join(' ');
    const shown = await text(['a', 'b'], [['x', words]], { width: 40 });
    const lines = shown.split('\n');
    expect(lines).toHaveLength(2 + 8 + 2);
    expect(lines[2]).toContain('word0');
    expect(lines[5]).toMatch(/…$/);
    expect(lines[9]).toContain('word499');
  });

  test('is whole where no terminal sets a limit', async () => {
    const long = 'x'.repeat(5000);
    expect(await text(['a', 'b'], [[long, long]])).toContain(`${long}  ${long}`);
  });

  test('becomes blocks where the columns would be too narrow to read', async () => {
    const names = ['severity', 'control_id', 'account_id', 'resource_arn', 'observed'];
    const row = ['CRITICAL', 'trail-key-usable', '111111111111', `arn:${'x'.repeat(100)}:end`, null];
    const shown = await text(names, [row, row], { width: 40 });
    expect(shown.split('\n').slice(0, 7)).toEqual([
      'severity      CRITICAL',
      'control_id    trail-key-usable',
      'account_id    111111111111',
      'resource_arn  arn:',
      `              ${'x'.repeat(26)}`,
      `              ${'x'.repeat(26)}`,
      `              ${'x'.repeat(26)}`,
    ]);
    expect(shown).toContain(`\n              ${'x'.repeat(22)}:end\nobserved\n\nseverity      CRITICAL\n`);
    for (const line of shown.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(40);
    expect(shown).toMatch(/\n2 rows\n$/);
  });

  test('lines up wide, combined and joined characters', async () => {
    const shown = await text(
      ['name', 'end'],
      [
        ['名前', '|'],
        ['e\u0301e\u0301', '|'],
        ['🚀🇩🇪', '|'],
        ['한국', '|'],
        ['abcd', '|'],
      ],
    );
    const ends = shown
      .split('\n')
      .slice(2, 7)
      .map((line) => textWidth(line.slice(0, line.indexOf('|'))));
    expect(ends).toEqual([6, 6, 6, 6, 6]);
  });

  test('shows what a terminal would obey', async () => {
    const shown = await text([HOSTILE], [[HOSTILE], [[HOSTILE]]]);
    expect(shown).not.toMatch(OBEYED);
    expect(shown.split('\n')).toHaveLength(6);
    expect(shown).toContain('a\\u001b[31mred\\u001b]0;title\\u0007\\u000d\\u000a\\u202eevil\\u009b2J');
  });

  test('streams: what lies beyond the measured rows is not held', async () => {
    let pulled = 0;
    const rows = (async function* () {
      for (; pulled < 5000; pulled++) yield { n: pulled };
    })();
    const lines = formatResult({ columns: [{ name: 'n', type: 'BIGINT' }], rows }, { format: 'table', width: 80 });
    await lines.next();
    expect(pulled).toBeLessThan(1010);
    await lines.return();
    expect(pulled).toBeLessThan(1010);
  });

  test.each([1, 5, 20, 80, 200])('is never wider than a terminal of %i columns that can hold a name', async (width) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer()), { minLength: 3, maxLength: 3 }), {
          maxLength: 5,
        }),
        async (rows) => {
          const shown = await text(['a', 'bb', 'ccc'], rows, { width });
          const least = 'ccc'.length + 2 + 16;
          for (const line of shown.split('\n').slice(0, -2))
            expect(textWidth(line)).toBeLessThanOrEqual(Math.max(width, least));
          expect(shown).not.toMatch(OBEYED);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('JSON', () => {
  test('is one array, a row to a line, and parses to the values', async () => {
    const shown = await text(
      ['a', 'b'],
      [
        [1, ['x']],
        [null, 'y'],
      ],
      { format: 'json' },
    );
    expect(shown).toBe('[\n{"a":1,"b":["x"]},\n{"a":null,"b":"y"}\n]\n');
    expect(await text(['a'], [], { format: 'json' })).toBe('[]\n');
  });

  test('holds hostile text, which no terminal obeys', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: CODE_POINT }), fc.constant(HOSTILE), fc.constant('\u{e0041}\ud800')),
        async (value) => {
          const shown = await text(['a'], [[value]], { format: 'json' });
          expect(shown).not.toMatch(OBEYED);
          expect(JSON.parse(shown)).toEqual([{ a: value }]);
        },
      ),
    );
  });
});

describe('CSV', () => {
  test('has a header and no byte order mark, and neutralises formulas', async () => {
    const shown = await text(
      ['a', 'b'],
      [
        ['=1', 2],
        ['x,y', null],
      ],
      { format: 'csv' },
    );
    expect(shown).toBe('a,b\n\'=1,2\n"x,y",\n');
  });

  test('keeps control characters for programs, and shows them to people', async () => {
    const piped: string[][] = parse(await text(['a'], [[HOSTILE]], { format: 'csv' }));
    expect(piped[1]).toEqual([HOSTILE]);
    const shown = await text(['a', 'b'], [[HOSTILE, [HOSTILE]]], { format: 'csv', width: 80 });
    expect(shown).not.toMatch(OBEYED);
  });
});

describe('text', () => {
  test.each<[string, number]>([
    ['', 0],
    ['abc', 3],
    ['名', 2],
    ['e\u0301', 1],
    ['🚀', 2],
    ['❤\ufe0f', 2],
    ['❤', 1],
    ['🇩🇪', 2],
    ['ｆｕｌｌ', 8],
    ['naïve', 5],
    ['가', 2],
  ])('%j takes %i columns', (value, width) => {
    expect(textWidth(value)).toBe(width);
  });

  test.each<[string, number, string[]]>([
    ['', 5, ['']],
    ['abcdef', 6, ['abcdef']],
    ['abcdef', 5, ['abcde', 'f']],
    ['ab cd ef', 5, ['ab cd', 'ef']],
    ['ab cd ef', 6, ['ab cd', 'ef']],
    ['名名名', 5, ['名名', '名']],
    ['名', 1, ['名']],
    ['a b c d e f g', 1, ['a', '…', 'f', 'g']],
  ])('%j in lines of %i is %j', (value, width, lines) => {
    expect(wrapText(value, { width, lines: 4 })).toEqual(lines);
  });

  test('is padded by what it takes, not by its length', () => {
    expect(padText('名', 4, 'left')).toBe('名  ');
    expect(padText('12', 4, 'right')).toBe('  12');
  });

  test('that is sanitize stays as it is, and any other can be read', () => {
    expect(sanitize('arn:aws:… 名 🚀')).toBe('arn:aws:… 名 🚀');
    expect(sanitize('\u{e0041}')).toBe('\\u{e0041}');
    expect(JSON.parse(sanitizeJson(JSON.stringify('\u{e0041}\u0085')))).toBe('\u{e0041}\u0085');
  });
});
