import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { PAGE_SCRIPT } from '../../../functions/report/html/page-assets.ts';

test('page-assets.ts is what page/ makes', () => {
  const { status, stderr } = spawnSync(process.execPath, ['functions/report/html/assemble-page.mjs', '--check'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('the script cannot end its own element, nor take text for markup', () => {
  expect(PAGE_SCRIPT).not.toMatch(/<\/script/i);
  expect(PAGE_SCRIPT).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
});
