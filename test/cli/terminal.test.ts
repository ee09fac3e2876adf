import { describe, expect, it } from '@jest/globals';
import { timeLeft } from '../../functions/cli/scan-progress.ts';
import {
  columns,
  columnsWithProse,
  foldedColumns,
  lineWidth,
  type Terminal,
  wrapped,
} from '../../functions/cli/terminal.ts';

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

describe('time left', () => {
  it('is told by the pace since the start, in steps, and not before there is a pace', () => {
    const of = (done: number, elapsed: number) => timeLeft({ done, total: 1_000, elapsed });
    expect([of(10, 10_000), of(500, 2_000), of(1_000, 90_000)]).toEqual(['', '', '']);
    expect(of(100, 60_000)).toBe(' · 9 min left');
    expect(of(900, 60_000)).toBe(' · < 1 min left');
    expect(of(60, 1_200_000)).toBe(' · 5 h left');
  });
});

describe('columns', () => {
  it('break prose between words under itself, or below where it has no room', () => {
    const prose = [['12', 'ENCRYPTED', 'a key that works and is yours to keep']];
    expect(columnsWithProse(prose, 44)).toBe(
      ['  12  ENCRYPTED  a key that works and is', '                 yours to keep'].join('\n'),
    );
    expect(columnsWithProse(prose, 30)).toBe(
      ['  12  ENCRYPTED', '      a key that works and is', '      yours to keep'].join('\n'),
    );
  });

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
