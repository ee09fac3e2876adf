import { describe, expect, test } from '@jest/globals';
import validate from 'asl-validator';
import {
  type Definition,
  type MapState,
  readTemplate,
  type State,
  SUBSTITUTIONS,
  type Substitutions,
  substitute,
  type TaskState,
} from '../../functions/local/state-machine/definition.ts';

const template = await readTemplate();

const values = (over: Partial<Substitutions> = {}): Substitutions => ({
  Partition: 'aws',
  PlanFunctionArn: arn('plan'),
  ScanFunctionArn: arn('scan'),
  RecordFunctionArn: arn('record'),
  GatherFunctionArn: arn('gather'),
  InspectFunctionArn: arn('inspect'),
  ReportFunctionArn: arn('report'),
  NotifyFunctionArn: arn('notify'),
  ReportBucket: 'trailseal-report',
  ResultBucket: 'trailseal-results',
  ReportPrefix: '',
  ChildExecutionType: 'EXPRESS',
  ...over,
});

const arn = (name: string) => `arn:aws:lambda:eu-west-1:111122223333:function:${name}`;
const parsed = (over?: Partial<Substitutions>): Definition => JSON.parse(substitute(template, values(over)));

const states = (definition: Definition): [string, State][] =>
  Object.entries(definition.States).flatMap(([name, state]) =>
    state.Type === 'Map'
      ? [[name, state] as [string, State], ...Object.entries((state as MapState).ItemProcessor.States)]
      : [[name, state] as [string, State]],
  );
const tasks = (definition: Definition) =>
  states(definition).filter((entry): entry is [string, TaskState] => entry[1].Type === 'Task');
const maps = (definition: Definition) =>
  states(definition).filter((entry): entry is [string, MapState] => entry[1].Type === 'Map');

describe('scan.asl.json', () => {
  test.each(['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc'])('is valid in partition %s', (Partition) => {
    for (const ChildExecutionType of ['EXPRESS', 'STANDARD']) {
      const definition = parsed({ Partition, ChildExecutionType });
      const { isValid, errorsText } = validate(definition, {
        checkArn: Partition === 'aws',
        checkPaths: true,
      });
      expect(errorsText('\n')).toBe('');
      expect(isValid).toBe(true);
    }
  });

  test('the validator does refuse a broken copy', () => {
    const definition = parsed();
    (definition.States.Plan as TaskState).Next = 'Nowhere';
    expect(validate(definition).isValid).toBe(false);
  });

  test('uses every declared substitution and no other', () => {
    const used = new Set([...template.matchAll(/\$\{([^}]*)\}/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual([...SUBSTITUTIONS].sort());
  });

  test('a placeholder without a value is named', () => {
    const { ReportBucket: _, ...rest } = values();
    expect(() => substitute(template, rest as Substitutions)).toThrow('${ReportBucket}');
  });

  test('a value cannot break out of its string', () => {
    const nasty = 'a"b\\c\n';
    const { ItemReader } = (parsed({ ReportBucket: nasty }).States.Scan as MapState) ?? {};
    expect(ItemReader.Parameters.Bucket).toBe(nasty);
  });

  test('the tolerated failure is written as a float, which JSON.stringify would not do', () => {
    expect(template.match(/"ToleratedFailurePercentage": 100\.0,/g)).toHaveLength(2);
    for (const [, map] of maps(parsed())) expect(map.ToleratedFailurePercentage).toBe(100);
  });

  test('goes through the steps in their order', () => {
    const { StartAt, States } = parsed();
    const order: string[] = [];
    for (let name: string | undefined = StartAt; name; ) {
      order.push(name);
      const state: State | undefined = States[name];
      name = (state?.Type === 'Choice' ? (state.Choices as { Next: string }[])[0]?.Next : state?.Next) as string;
    }
    const expected = ['Plan', 'AnythingToScan', 'Scan', 'Gather', 'AnythingToInspect', 'Inspect', 'Report', 'Notify'];
    expect(order).toEqual(expected);
    expect(Object.keys(States).sort()).toEqual([...expected].sort());
  });

  test('every task states how long it may take, and retries what the platform may cause', () => {
    const definition = parsed();
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
    expect(tasks(definition)).toHaveLength(8);
    for (const [name, task] of tasks(definition)) {
      expect([name, task.TimeoutSeconds]).toEqual([name, expect.any(Number)]);
      expect(task.TimeoutSeconds).toBeLessThanOrEqual(900);
      expect(task.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).toEqual(
        expect.arrayContaining([
          'Lambda.TooManyRequestsException',
          'Lambda.Unknown',
          'Lambda.ServiceException',
          'Lambda.SdkClientException',
          'Sandbox.Timedout',
          'Runtime.ExitError',
          'States.Timeout',
        ]),
      );
    }
  });

  test('a child ends within the 300 s of an Express execution, whatever happens in it', () => {
    for (const [, { ItemProcessor }] of maps(parsed())) {
      const seconds = Object.values(ItemProcessor.States).map((state) => longest(state as TaskState));
      expect(seconds).toHaveLength(2);
      const total = seconds.reduce((sum, each) => sum + each, 0);
      expect(total).toBeGreaterThan(100);
      expect(total).toBeLessThan(300);
    }
  });

  test('a child that Lambda has no room for is tried again longer than one that failed', () => {
    for (const [, { ItemProcessor }] of maps(parsed())) {
      const { Retry = [] } = Object.values(ItemProcessor.States)[0] as TaskState;
      const [refused, failed] = Retry;
      expect(refused?.ErrorEquals).toEqual(REFUSALS);
      expect(failed?.ErrorEquals).not.toContain(REFUSALS[0]);
      expect(refused?.MaxAttempts).toBeGreaterThan(failed?.MaxAttempts ?? 0);
    }
  });

  test('a record that Lambda has no room for is tried again as long as nothing else is', () => {
    for (const [name, map] of maps(parsed())) {
      const { Retry = [] } = Object.values(map.ItemProcessor.States)[1] as TaskState;
      const [refused, ...others] = Retry;
      expect([name, refused?.ErrorEquals]).toEqual([name, REFUSALS]);
      expect((refused?.MaxAttempts ?? 0) * (refused?.IntervalSeconds ?? 0)).toBeGreaterThanOrEqual(20);
      expect(others.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toContain(REFUSALS[0]);
    }
  });

  test('both maps take the width that Plan found room for, a resumed run too', () => {
    for (const [name, map] of maps(parsed()))
      expect([name, map.MaxConcurrencyPath]).toEqual([name, '$.scan.concurrency']);
  });

  test('a failing child is recorded, also when the error is one that States.ALL does not match', () => {
    for (const [name, { ItemProcessor }] of maps(parsed())) {
      const [first, ...rest] = Object.entries(ItemProcessor.States) as [string, TaskState][];
      const [recordName, record] = rest[0] as [string, TaskState];
      expect(rest).toHaveLength(1);
      expect(first?.[1].Catch).toEqual([
        { ErrorEquals: ['States.DataLimitExceeded'], ResultPath: '$.error', Next: recordName },
        { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: recordName },
      ]);
      expect(record.Parameters).toEqual({
        FunctionName: arn('record'),
        Payload: { 'run_id.$': '$.run_id', map: name.toLowerCase(), 'item.$': '$.item', 'error.$': '$.error' },
      });
    }
  });

  test('children do not look at their own execution, nor is any path taken from it', () => {
    for (const [, { ItemProcessor }] of maps(parsed())) expect(JSON.stringify(ItemProcessor)).not.toContain('$$');
  });

  test('results go under the execution, in the bucket and prefix of the root', () => {
    for (const [name, { ResultWriter, ItemReader }] of maps(parsed({ ReportPrefix: 'security/' }))) {
      expect(ItemReader.Parameters.Bucket).toBe('trailseal-report');
      expect(ResultWriter.Parameters).toEqual({
        Bucket: 'trailseal-results',
        'Prefix.$': `States.Format('security/runs/{}/map/${name.toLowerCase()}', $$.Execution.Name)`,
      });
    }
  });

  test('a map that fails as a whole does not keep the run from its report', () => {
    const { States } = parsed();
    for (const [name, next] of [
      ['Scan', 'Gather'],
      ['Inspect', 'Report'],
    ] as const) {
      const { Catch, Retry, ResultPath } = States[name] as MapState;
      expect(Catch?.map((catcher) => catcher.Next)).toEqual([next, next]);
      expect(ResultPath).toBeNull();
      // Anything else would run every child again.
      expect(Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).toEqual(['States.ItemReaderFailed']);
    }
  });
});

/** Lambda refuses these before anything runs. */
const REFUSALS = ['Lambda.TooManyRequestsException'];

/** Seconds that a task can take at most: every attempt that ran to its time-out, and the waits between all of them. */
function longest({ TimeoutSeconds = Number.NaN, Retry = [] }: TaskState): number {
  let attempts = 1;
  let waits = 0;
  for (const {
    ErrorEquals,
    MaxAttempts = 3,
    IntervalSeconds = 1,
    BackoffRate = 2,
    MaxDelaySeconds = Number.POSITIVE_INFINITY,
  } of Retry) {
    if (!ErrorEquals.every((error) => REFUSALS.includes(error))) attempts += MaxAttempts;
    for (let retry = 0; retry < MaxAttempts; retry++) {
      waits += Math.min(IntervalSeconds * BackoffRate ** retry, MaxDelaySeconds);
    }
  }
  return TimeoutSeconds * attempts + waits;
}
