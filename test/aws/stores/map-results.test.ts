import { expect, test } from '@jest/globals';
import { withMapResults } from '../../../functions/aws/stores/map-results.ts';
import { mapResultsPrefix, runKeys } from '../../../functions/domain/model/plan.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';

test('the results of the children are read where Step Functions has put them, all else in the report root', async () => {
  const [store, results] = [memoryStore(), memoryStore()];
  const both = withMapResults(store, results);
  const prefix = mapResultsPrefix('execution-1', 'scan');
  const plan = runKeys('01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N').plan;
  await results.write(`${prefix}uuid/FAILED_0.json`, '[]');
  await both.write(plan, '{}');
  const listed: string[] = [];
  for await (const key of both.list(prefix)) listed.push(key);
  expect(listed).toEqual([`${prefix}uuid/FAILED_0.json`]);
  expect(new TextDecoder().decode((await both.read(`${prefix}uuid/FAILED_0.json`)) ?? undefined)).toBe('[]');
  expect([...store.files.keys(), ...results.files.keys()]).toEqual([plan, `${prefix}uuid/FAILED_0.json`]);
});
