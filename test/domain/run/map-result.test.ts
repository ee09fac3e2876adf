import { expect, it } from '@jest/globals';
import { failedChildren } from '../../../functions/domain/run/map-result.ts';

const file = (children: unknown) => new TextEncoder().encode(JSON.stringify(children));
const ofScan = { runId: 'RUN', map: 'scan' } as const;
const child = (accountId: string, more: object = {}) => ({
  ...{
    Input: JSON.stringify({ run_id: 'RUN', item: { accountId } }),
    Name: 'x',
    Status: 'FAILED',
    Error: 'E',
    Cause: 'c',
  },
  ...more,
});
const record = (itemId: string, more: object = {}) => ({
  ...{ version: 1, runId: 'RUN', map: 'scan', itemId, error: 'E', cause: 'c', at: '' },
  ...more,
});

it('names the items of the children that failed', () => {
  expect(failedChildren(file([child('111111111111'), child('222222222222')]), ofScan)).toEqual([
    record('111111111111'),
    record('222222222222'),
  ]);
  const inspect = [{ ...child(''), Input: JSON.stringify({ item: { itemId: '111111111111-abc' } }) }];
  expect(failedChildren(file(inspect), { runId: 'RUN', map: 'inspect' })).toEqual([
    record('111111111111-abc', { map: 'inspect' }),
  ]);
});

it('takes a child that died without a word, as Step Functions records it', () => {
  const { Error: _, Cause: __, ...silent } = child('111111111111');
  expect(failedChildren(file([silent]), ofScan)).toEqual([
    record('111111111111', { error: 'States.Unknown', cause: '' }),
  ]);
});

it.each([
  ['is no child', 7],
  ['has no input', { ...child(''), Input: undefined }],
  ['has an input that is not JSON', { ...child(''), Input: '{' }],
  ['has an input without an item', { ...child(''), Input: '{"item":{}}' }],
])('passes over what %s, and keeps the rest', (_, wrong) => {
  expect(failedChildren(file([wrong, child('222222222222')]), ofScan)).toEqual([record('222222222222')]);
});

it.each(['', '{}', 'null', '[1', '\xff'])('takes nothing from a file that is %j', (text) => {
  expect(failedChildren(Buffer.from(text, 'latin1'), ofScan)).toEqual([]);
});
