import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

test('this Node has the flag that keeps the heap small: V8 would only print that it does not know it', () => {
  expect(execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })).toContain('--heap-growing-percent');
});
