import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { lambdaError } from '../../functions/local/state-machine/states-error.ts';
import { type StaticCredentials, signedBy } from './aws-query.ts';
import { MOTO_CREDENTIALS, type MotoServer, startMoto } from './moto.ts';
import { roleExists } from './roles.ts';

/** What Lambda would run: JSON in, JSON out. Throwing is a function error, a `LambdaServiceError` one of the service. */
export type LambdaFunction = (payload: unknown) => Promise<unknown>;

/** Lambda itself refuses or breaks, before or instead of running the function. */
export class LambdaServiceError extends Error {
  readonly status: number;
  constructor(name: string, status: number) {
    super(`${name} from the service`);
    this.name = name;
    this.status = status;
  }
}

export interface MotoGateway {
  /** The endpoint for every AWS client: moto, with what it lacks. */
  url: string;
  /** moto itself, where every role can be assumed. */
  directUrl: string;
  /** Functions by name; replace or add at any time. */
  functions: Record<string, LambdaFunction>;
  /** Configuration for any SDK client, as the organization's management account. */
  client: {
    endpoint: string;
    region: string;
    credentials: StaticCredentials;
    forcePathStyle: boolean;
    maxAttempts: number;
  };
  /** Requests answered so far, by `service:Operation` where that is to be seen. */
  counts: Map<string, number>;
  /** Events that were sent through the gateway, in order. */
  sent: SentEvent[];
  stop(): Promise<void>;
}

// The engines field of package.json says which Node versions are supported; the SDK need not say it again.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

export const MOTO_REGION = 'us-east-1';

/**
 * moto with a gateway in front, which adds what our code meets in AWS and moto lacks: Lambda functions that are plain
 * functions of the test, AssumeRole refused for roles that do not exist, and ListEventDataStores. moto's Step Functions
 * call back through it.
 */
export async function startMotoGateway(
  options: { functions?: Record<string, LambdaFunction> } = {},
): Promise<MotoGateway> {
  const functions = { ...options.functions };
  const counts = new Map<string, number>();
  const sent: SentEvent[] = [];
  let moto: MotoServer | undefined;
  const server = createServer((incoming, response) => {
    answer({ incoming, response, functions, counts, sent, direct: moto?.url ?? '' }).catch((error: Error) => {
      if (!response.headersSent) response.writeHead(502);
      response.end(`gateway: ${error.message}`);
    });
  });
  const port = await listening(server);
  try {
    moto = await startMoto({ callbackPort: port });
    const config = await fetch(`${moto.url}/moto-api/config`, {
      method: 'POST',
      body: JSON.stringify({ stepfunctions: { execute_state_machine: true } }),
    });
    if (!config.ok) throw new Error(`moto took no configuration: ${config.status}`);
  } catch (error) {
    server.close();
    await moto?.stop();
    throw error;
  }
  const started = moto;
  const url = `http://127.0.0.1:${port}`;
  return {
    ...{ url, directUrl: started.url, functions, counts, sent },
    client: {
      ...{ endpoint: url, region: MOTO_REGION, credentials: MOTO_CREDENTIALS },
      ...{ forcePathStyle: true, maxAttempts: 3 },
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await started.stop();
    },
  };
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** An entry of PutEvents. */
export interface SentEvent {
  DetailType: string;
  Detail: string;
}

interface Exchange {
  incoming: IncomingMessage;
  response: ServerResponse;
  functions: Record<string, LambdaFunction>;
  counts: Map<string, number>;
  sent: SentEvent[];
  direct: string;
}

let requests = 0;
const requestId = () => `00000000-0000-4000-8000-${String(++requests).padStart(12, '0')}`;

async function answer({ incoming, response, functions, counts, sent, direct }: Exchange): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const call = operationOf(incoming, body);
  counts.set(call.name, (counts.get(call.name) ?? 0) + 1);

  if (call.name === 'events:PutEvents')
    sent.push(...(JSON.parse(body.toString('utf8')) as { Entries: SentEvent[] }).Entries);
  if (call.functionName !== null) return invoke(functions, call.functionName, body, response);
  if (call.name === 'sts:AssumeRole') {
    const role = call.parameters.get('RoleArn') ?? '';
    if (!(await roleExists(direct, role))) return refuseRole(role, response);
  }
  if (call.name === 'cloudtrail:ListEventDataStores') {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId() });
    response.end('{"EventDataStores":[]}');
    return;
  }
  await forward(direct, incoming, body, response);
}

/** Which operation a request is, as far as its wire format shows. */
function operationOf(incoming: IncomingMessage, body: Buffer) {
  const { url = '/', method, headers } = incoming;
  const service = signedBy(headers.authorization)?.service ?? 'unknown';
  const parameters = new URLSearchParams();
  const functionName = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(url)?.[1] ?? null;
  let operation =
    String(headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? '';
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    for (const [name, value] of new URLSearchParams(body.toString('utf8'))) parameters.set(name, value);
    operation = parameters.get('Action') ?? '';
  }
  const name = `${service}:${operation || method}`;
  // The name may be an ARN; its last part is the function's.
  const named = functionName === null ? null : (decodeURIComponent(functionName).split(':').at(-1) ?? '');
  return { name, parameters, functionName: named };
}

async function invoke(
  functions: Record<string, LambdaFunction>,
  name: string,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const headers = { 'content-type': 'application/json', 'x-amzn-requestid': requestId() };
  const run = functions[name];
  try {
    if (run === undefined) throw new LambdaServiceError('ResourceNotFoundException', 404);
    const result = await run(body.length > 0 ? JSON.parse(body.toString('utf8')) : {});
    const text = JSON.stringify(result) ?? 'null';
    response.writeHead(200, { ...headers, 'x-amz-executed-version': '$LATEST' });
    response.end(text);
  } catch (error) {
    if (error instanceof LambdaServiceError) {
      response.writeHead(error.status, { ...headers, 'x-amzn-errortype': error.name });
      response.end(JSON.stringify({ Type: 'Service', Message: error.message }));
      return;
    }
    response.writeHead(200, { ...headers, 'x-amz-function-error': 'Unhandled', 'x-amz-executed-version': '$LATEST' });
    response.end(lambdaError(error).message);
  }
}

function refuseRole(role: string, response: ServerResponse): void {
  const message = `User: arn:aws:iam::123456789012:user/moto is not authorized to perform: sts:AssumeRole on resource: ${role}`;
  const id = requestId();
  response.writeHead(403, { 'content-type': 'text/xml', 'x-amzn-requestid': id });
  response.end(
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>` +
      `<Message>${message}</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
  );
}

function forward(direct: string, incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  const headers = { ...incoming.headers };
  delete headers['transfer-encoding'];
  delete headers.expect;
  delete headers.connection;
  if (body.length > 0 || headers['content-length'] !== undefined) headers['content-length'] = String(body.length);
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(direct);
    const outgoing = httpRequest({ hostname, port, method, path: url, headers }, (answered) => {
      const { connection: _, ...kept } = answered.headers;
      response.writeHead(answered.statusCode ?? 502, kept);
      answered.pipe(response);
      answered.once('end', resolve);
      answered.once('error', reject);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}
