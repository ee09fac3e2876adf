import { setTimeout as delay } from 'node:timers/promises';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListMapRunsCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { followExecution } from '../../functions/aws/deployed-workflow.ts';
import type { RunProgress } from '../../functions/domain/run/run-progress.ts';
import { namesOf } from '../../infra/names.ts';
import type { LocalStack } from './localstack.ts';

const RUN_ID = '01JZ00000000000000000000AA';
const ITEMS = ['scan', 'inspect'].map((map) => `mocked/${map}-items.json`);
const CHILDREN = ['111111111111', '222222222222'].map((accountId) => ({ accountId, itemId: `${accountId}-1` }));

type Response = { Return: unknown } | { Throw: { Error: string; Cause: string } };
/** What a task answers, attempt by attempt, counted over all children of a map. One more attempt is an error. */
type Responses = Response[];

const REFUSED = { Throw: { Error: 'Lambda.TooManyRequestsException', Cause: 'Rate Exceeded.' } };
const answer = (Payload: unknown): Response => ({ Return: { StatusCode: 200, Payload } });
const refused = (times: number, ...then: Responses): Responses => [...Array(times).fill(REFUSED), ...then];

/** One child at a time, so that it is known which of them meets what. */
const HAPPY: Record<string, Responses> = {
  Plan: [
    answer({
      ...{ run_id: RUN_ID, run_date: '2026-11-02', more: 'than asked for' },
      scan: { items_key: ITEMS[0], count: CHILDREN.length, concurrency: 1 },
    }),
  ],
  ScanAccount: [answer({ any: 'thing' }), answer({ any: 'thing' })],
  Gather: [answer({ inspect: { items_key: ITEMS[1], count: CHILDREN.length } })],
  InspectOwner: [answer(null), answer(null)],
  Report: [answer({ run_id: RUN_ID, status: 'COMPLETE' })],
  Notify: [answer(null)],
};

/** How often a child's refused invocation is made again, 2 s later each time. */
export const CHILD_RETRIES = 18;

const CASES = {
  happy: HAPPY,
  throttled: {
    ...HAPPY,
    // Were it made again less often, the failure would be recorded, which has no answer here.
    ScanAccount: refused(CHILD_RETRIES, answer(null), answer(null)),
    Notify: refused(1, answer(null)),
  },
  refused: {
    ...HAPPY,
    InspectOwner: refused(CHILD_RETRIES + 1, answer(null)),
    RecordInspectFailure: refused(2, answer(null)),
  },
} satisfies Record<string, Record<string, Responses>>;
export type Case = keyof typeof CASES;

/** For SFN_MOCK_CONFIG: https://docs.localstack.cloud/aws/services/stepfunctions/#mocked-service-integrations */
export const mockConfiguration = () => ({
  StateMachines: {
    [namesOf().workflow]: {
      TestCases: Object.fromEntries(
        Object.entries(CASES).map(([name, states]) => [
          name,
          Object.fromEntries(Object.keys(states).map((state) => [state, `${name}-${state}`])),
        ]),
      ),
    },
  },
  MockedResponses: Object.fromEntries(
    Object.entries(CASES).flatMap(([name, states]) =>
      Object.entries(states).map(([state, responses]) => [`${name}-${state}`, { ...responses }]),
    ),
  ),
});

interface MockedRun {
  status: string | undefined;
  output: unknown;
  /** The states of the run itself, in the order in which they were entered. */
  entered: string[];
  /** What a person who follows it was shown last of each map: children that have ended, and those that failed. */
  progress: Record<string, number[]>;
  /** Children of each map: those that succeeded, of how many. */
  children: string[];
  /** Where the maps' results are, without the names that Step Functions gives. */
  results: string[];
  /** How often a task of the run itself was refused: children have histories of their own, which LocalStack keeps none of. */
  refusals: number;
  seconds: number;
}

export const RAN_TO_ITS_END: Omit<MockedRun, 'refusals' | 'seconds'> = {
  status: 'SUCCEEDED',
  output: { run_id: RUN_ID, status: 'COMPLETE' },
  entered: ['Plan', 'AnythingToScan', 'Scan', 'Gather', 'AnythingToInspect', 'Inspect', 'Report', 'Notify'],
  progress: { Scan: [2, 0], Inspect: [2, 0] },
  children: ['2 of 2', '2 of 2'],
  results: ['map/inspect', 'map/scan'],
};

/** Runs the state machine that is deployed, its tasks mocked: one execution, to its end. */
export async function mockedRun(client: LocalStack['client'], name: Case): Promise<MockedRun> {
  const sfn = new SFNClient(client);
  const s3 = new S3Client(client);
  const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
  const stateMachineArn = stateMachines.find((machine) => machine.name === namesOf().workflow)?.stateMachineArn;
  const { definition = '' } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  const { ItemReader, ResultWriter } = JSON.parse(definition).States.Scan;
  for (const Key of ITEMS)
    await s3.send(new PutObjectCommand({ Bucket: ItemReader.Parameters.Bucket, Key, Body: JSON.stringify(CHILDREN) }));

  const began = Date.now();
  const execution = `${name}-${began}`;
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn: `${stateMachineArn}#${name}`, name: execution, input: '{}' }),
  );
  const access = createAwsAccess(client);
  const shown: RunProgress[] = [];
  const end = await followExecution({
    ...{ access, executionArn: executionArn ?? '', signal: new AbortController().signal },
    onEvent: (event) => shown.push(event),
    wait: () => delay(500),
  });
  access.close();
  const seconds = (Date.now() - began) / 1000;
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  const counts = await Promise.all(mapRuns.map(({ mapRunArn }) => sfn.send(new DescribeMapRunCommand({ mapRunArn }))));
  const Prefix = `runs/${execution}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: ResultWriter.Parameters.Bucket, Prefix }));
  return {
    status: end.status,
    output: end.status === 'SUCCEEDED' ? end.output : end.cause,
    seconds,
    entered: shown.flatMap((event) => (event.type === 'state-entered' ? event.state : [])),
    progress: Object.fromEntries(
      shown.flatMap((event) => (event.type === 'map-progress' ? [[event.map, [event.done, event.failed]]] : [])),
    ),
    children: counts.map(({ itemCounts }) => `${itemCounts?.succeeded} of ${itemCounts?.total}`),
    results: Contents.map(({ Key = '' }) => Key.slice(Prefix.length).split('/').slice(0, 2).join('/')).sort(),
    refusals: events.filter((event) => event.taskFailedEventDetails?.error === REFUSED.Throw.Error).length,
  };
}
