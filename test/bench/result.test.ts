import { describe, expect, test } from '@jest/globals';
import { figure } from '../../bench/figure.ts';
import { type BenchResult, markdownOf, placed } from '../../bench/result.ts';

const RESULT: BenchResult = {
  at: '2026-11-25T16:00:00.000Z',
  machine: { node: 'v24.1.0', cpu: 'AMD EPYC', cpus: 2, memoryMb: 24_106, version: '0.1.0' },
  figures: [
    figure('scan', 'wall time', 1.1, '×', { goal: 1.15, note: '2.2 s beside 2.0 s' }),
    figure('scan', 'memory', 301, 'MB', { goal: 300 }),
    figure('peers', 'trails without a key: failed', 3, 'of 3', { subject: 'Ours 1' }),
    figure('peers', 'trails without a key: failed', 1, 'of 3', { subject: 'Theirs 2', note: '2 missed' }),
    figure('peers', 'crashed', 1, '', { subject: 'Theirs 2' }),
  ],
  broken: [{ scenario: 'html', error: 'no | page\nat all' }],
};

describe('the tables of a bench run', () => {
  const text = markdownOf(RESULT);

  test('say where and when they were measured', () => {
    expect(text.split('\n')[0]).toBe('TrailSeal 0.1.0, Node v24.1.0, 2 × AMD EPYC, 24 GB of memory, 2026-11-25.');
  });

  test('have a row a figure, with its goal and whether it is met', () => {
    expect(text).toContain('| wall time | 1.1 × | ≤ 1.15 | met | 2.2 s beside 2.0 s |');
    expect(text).toContain('| memory | 301 MB | ≤ 300 | MISSED |  |');
  });

  test('set side by side what has a subject', () => {
    expect(text).toContain('|  | Ours 1 | Theirs 2 |\n| --- | --- | --- |\n');
    expect(text).toContain('| trails without a key: failed | 3 of 3 | 1 of 3 (2 missed) |');
    expect(text).toContain('| crashed | – | 1 |');
  });

  test('say what was broken, in one line', () => {
    expect(text).toContain('**html was broken:** no \\| page at all');
  });

  test('replace those of an earlier run in a document, and nothing else', () => {
    const page = 'before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n';
    const made = placed('new\n', page, 'scale.md');
    expect(made).toBe('before\n<!-- bench: begin -->\nnew\n\n<!-- bench: end -->\nafter\n');
    expect(placed('new\n', made, 'scale.md')).toBe(made);
    expect(() => placed('new', 'no marks', 'scale.md')).toThrow('scale.md has no <!-- bench: begin -->');
  });
});
