import { describe, expect, test } from '@jest/globals';
import { MEMORY } from '../../bench/cost.ts';
import type { HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { DOCUMENTS, documentWithParts } from '../../infra/docs.ts';
import { permissionTable, REASONS } from '../../infra/permission-table.ts';
import { settingsTable } from '../../infra/settings-table.ts';
import { byDefault, propertiesOf } from './scanner-template.ts';

describe('the guides of operator and reviewer', () => {
  test.each(DOCUMENTS)('%s says what the deployment is (npm run docs)', (name) => {
    const { is, mustBe } = documentWithParts(name);
    expect(is).toBe(mustBe);
  });

  test('describe every setting', () => {
    const rows = settingsTable().split('\n').slice(2, -1);
    expect(rows.length).toBeGreaterThan(35);
    expect(rows.filter((row) => row.endsWith('|  |'))).toEqual([]);
  });

  test('give a reason for every permission, and for nothing that is not granted', () => {
    const table = permissionTable();
    for (const reason of Object.values(REASONS)) expect(table).toContain(`| ${reason} |`);
  });

  test('price the memory that the functions really have', () => {
    for (const [name, gigabytes] of Object.entries(MEMORY)) {
      const { MemorySize } = propertiesOf(byDefault, 'AWS::Lambda::Function', {
        FunctionName: `TrailSeal-${name as HandlerName}`,
      });
      expect([name, MemorySize / 1024]).toEqual([name, expect.closeTo(gigabytes, 2)]);
    }
  });
});
