import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { generatedDocs } from '../../tools/generated-docs.ts';

describe('generated documents', () => {
  it.each(Object.entries(generatedDocs()))('%s is up to date (npm run docs)', (file, text) => {
    expect(readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8')).toBe(text);
  });
});
