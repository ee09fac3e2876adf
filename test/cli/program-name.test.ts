import { expect, it } from '@jest/globals';
import { programName } from '../../functions/cli/program-name.ts';

it('is what the reader can type again', () => {
  expect(programName({})).toBe('trailseal');
  expect(programName({ npm_command: 'exec' })).toBe('npx --no-install trailseal');
  expect(programName({ npm_command: 'start' })).toBe('npx --no-install trailseal');
});
