import { describe, expect, it } from '@jest/globals';
import { columns, foldedColumns, lineWidth, type Terminal, wrapped } from '../../functions/cli/terminal.ts';

const out = (isTTY: boolean, width?: number) => ({ isTTY, columns: width }) as Terminal['out'];

describe('text for people', () => {
  it('is as wide as the terminal, and 100 where it goes elsewhere', () => {
    const widths = [out(true, 132), out(true), out(true, 10), out(false, 132)].map((to) => lineWidth({ out: to }));
    expect(widths).toEqual([132, 80, 40, 100]);
  });

  it('is broken between words, later lines indented', () => {
    expect(wrapped('one two three', { indent: 2, width: 9 })).toBe('one two\n  three');
    expect(wrapped('one', { indent: 0, width: 1 })).toBe('one');
    expect(wrapped('a-word-that-is-too-long b', { indent: 1, width: 5 })).toBe('a-word-that-is-too-long\n b');
    // Two columns each.
    expect(wrapped('日本 日本', { indent: 0, width: 8 })).toBe('日本\n日本');
  });
});

describe('columns', () => {
  const rows = [
    ['FAIL', 'a', 'what was found here'],
    ['UNVERIFIED', 'bb', ''],
  ];
  it('stand side by side', () => {
    expect(columns(rows)).toBe('  FAIL        a   what was found here\n  UNVERIFIED  bb');
    expect(foldedColumns(rows, { details: 1, width: 80 })).toBe(columns(rows));
  });

  it('are folded where they do not fit, the last cells below', () => {
    expect(foldedColumns(rows, { details: 1, width: 20 })).toBe(
      ['  FAIL        a', '      what was found', '      here', '  UNVERIFIED  bb'].join('\n'),
    );
    expect(foldedColumns(rows, { details: 2, width: 30 })).toBe(
      ['  FAIL', '      a', '      what was found here', '  UNVERIFIED', '      bb'].join('\n'),
    );
    expect(foldedColumns([], { details: 1, width: 20 })).toBe('');
  });
});
