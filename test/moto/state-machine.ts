import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  type ExecutionStatus,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { readTemplate, substitute } from '../../functions/local/state-machine/definition.ts';
import { HANDLER_NAMES, type Handlers } from '../../functions/local/state-machine/invoker.ts';
import type { MotoGateway } from './gateway.ts';
import { MOTO_REGION } from './gateway.ts';
import { MOTO_ACCOUNT } from './moto.ts';

export interface MotoExecution {
  status: ExecutionStatus;
  executionArn: string;
  output: unknown;
  error: string | null;
  cause: string | null;
}

const functionArn = (name: string) => `arn:aws:lambda:${MOTO_REGION}:${MOTO_ACCOUNT}:function:${name}`;

/**
 * Runs the workflow's own file in moto's Step Functions, with `handlers` behind its Lambda endpoint.
 * Keep it to about 100 children: a child takes moto some 95 ms.
 * @param request.bucket the report root, in moto's S3
 * @param request.edit changes the text before it is used, e.g. to shorten a back-off
 */
export async function runInMoto(request: {
  gateway: MotoGateway;
  handlers: Handlers;
  bucket: string;
  prefix?: string;
  input?: Record<string, unknown>;
  executionName: string;
  edit?: (template: string) => string;
  timeoutMs?: number;
}): Promise<MotoExecution> {
  const { gateway, handlers, bucket, prefix = '', input = {}, executionName, edit = (text) => text } = request;
  for (const name of HANDLER_NAMES) {
    gateway.functions[name] = (payload) => handlers[name](payload, { signal: new AbortController().signal });
  }
  const definition = substitute(edit(await readTemplate()), {
    Partition: 'aws',
    PlanFunctionArn: functionArn('plan'),
    ScanFunctionArn: functionArn('scan'),
    RecordFunctionArn: functionArn('record'),
    GatherFunctionArn: functionArn('gather'),
    InspectFunctionArn: functionArn('inspect'),
    ReportFunctionArn: functionArn('report'),
    NotifyFunctionArn: functionArn('notify'),
    ReportBucket: bucket,
    ResultBucket: bucket,
    ReportPrefix: prefix,
    ChildExecutionType: 'STANDARD',
  });
  const client = new SFNClient(gateway.client);
  let stateMachineArn: string | undefined;
  try {
    ({ stateMachineArn } = await client.send(
      new CreateStateMachineCommand({
        ...{ name: 'trailseal', definition },
        roleArn: `arn:aws:iam::${MOTO_ACCOUNT}:role/state-machine`,
      }),
    ));
    const { executionArn = '' } = await client.send(
      new StartExecutionCommand({ stateMachineArn, name: executionName, input: JSON.stringify(input) }),
    );
    const deadline = Date.now() + (request.timeoutMs ?? 120_000);
    for (;;) {
      const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING' && status !== undefined) {
        const parsed = output === undefined ? null : JSON.parse(output);
        return { status, executionArn, output: parsed, error: error ?? null, cause: cause ?? null };
      }
      if (Date.now() > deadline) throw new Error(`execution ${executionName} is still ${status}`);
      await delay(100);
    }
  } finally {
    // moto copies its whole backend for a new execution, which it cannot do while there is an old one.
    if (stateMachineArn !== undefined) await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    client.destroy();
  }
}
