import { expect, test } from '@jest/globals';
import { readPlanPayload } from '../../functions/handlers/payload.ts';

const read = (input: unknown) =>
  readPlanPayload({ input, execution_arn: 'arn:aws:states:::execution:x', execution_name: 'x' }).input;

test.each([
  ["the console's default input", { Comment: 'Insert your JSON here' }],
  ['a parent workflow', { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:aws:states:::execution:parent' }],
  [
    'EventBridge',
    {
      version: '0',
      id: '1',
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '111122223333',
      time: '2026-11-01T00:00:00Z',
      region: 'us-east-1',
      resources: [],
      detail: {},
    },
  ],
])('keys of %s are ignored', (_, input) => {
  expect(read(input)).toEqual({});
});

test('keys beside ours are ignored, ours are kept', () => {
  expect(read({ Comment: 'x', lake: false })).toEqual({ lake: false });
});

test.each([
  ['acounts', 'accounts'],
  ['excludeAccounts', 'exclude_accounts'],
  ['region', 'regions'],
])('%s is refused: ignoring it would widen the run', (key, meant) => {
  expect(() => read({ [key]: ['x'] })).toThrow(`${key} is unknown: did you mean "${meant}"`);
});
