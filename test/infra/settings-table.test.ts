import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { settingsTable, withSettingsTable } from '../../infra/settings-table.ts';

describe('the table of settings in docs/operations.md', () => {
  it('is what the schema says (npm run docs)', () => {
    const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'operations.md'), 'utf8');
    expect(document).toBe(withSettingsTable(document));
  });

  it('describes every setting', () => {
    const rows = settingsTable().split('\n').slice(2, -1);
    expect(rows.length).toBeGreaterThan(35);
    expect(rows.filter((row) => row.endsWith('|  |'))).toEqual([]);
  });
});
