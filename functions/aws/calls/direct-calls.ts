import { randomUUID } from 'node:crypto';
import { hostHeaderMiddleware, userAgentMiddleware } from '@aws-sdk/core/client';
import { AwsSdkSigV4Signer } from '@aws-sdk/core/httpAuthSchemes';
import { getEndpointFromInstructions, toEndpointV1 } from '@smithy/core/endpoints';
import { HttpRequest, RpcProtocol } from '@smithy/core/protocols';
import { INVOCATION_ID_HEADER, REQUEST_HEADER } from '@smithy/core/retry';
import { getSchemaSerdePlugin, operation } from '@smithy/core/schema';
import type { CallIdentity } from './call-identity.ts';
import { type RetryStrategy, retried } from './retry.ts';
import type { AwsCredentials } from './sigv4.ts';
import { createSigner } from './sigv4.ts';

/** What is used of an SDK client. */
interface SdkClient {
  config: {
    serviceId: string;
    protocol: { serializeRequest(operation: unknown, input: object, context: object): Promise<HttpRequest> };
    cacheMiddleware?: boolean;
    defaultSigningName: string;
    signingEscapePath?: boolean;
    region(): Promise<string>;
    maxAttempts(): Promise<number>;
    requestHandler: { handle(request: HttpRequest, options: object): Promise<{ response: Response }> };
    [setting: string]: unknown;
  };
  middlewareStack: Stack;
}

/** Steps of the SDK in their order. */
interface Stack {
  add(middleware: Middleware, options: object): void;
  use(plugin: unknown): void;
  remove(name: string): boolean;
  clone(): Stack;
  resolve(send: Step, context: Context): Step;
}

/** The SDK's, of one operation of one client: nothing of a single call may be kept in it. */
interface Context {
  __smithy_context: { commandInstance: Command; operationSchema?: unknown[] };
  [field: string]: unknown;
}

interface Command {
  middlewareStack: Stack;
  constructor: { getEndpointParameterInstructions?(): Record<string, { type: string; name: string; value?: unknown }> };
}

interface Endpoint {
  properties?: { authSchemes?: { name: string; signingRegion?: string; signingName?: string }[] };
}

type Response = { headers: Record<string, string> };
interface Asked {
  input: { Bucket?: string };
  request?: HttpRequest;
  call?: CallIdentity;
}
type Step = (args: Asked) => Promise<{ response: unknown; output: unknown }>;
/** A middleware of the SDK, whose types know more than is used here. */
type Middleware = (next: Step, context: Context) => Step;

/**
 * Whether a client's calls are made by the few steps below: those whose service has one address and takes each call as a POST that
 * names its operation (JSON, query and EC2), and reads of S3, whose address follows from the bucket.
 */
export const canCallDirectly = (client: unknown): client is SdkClient => {
  const { protocol, serviceId } = (client as SdkClient).config;
  return serviceId === 'S3' || (protocol as unknown) instanceof RpcProtocol;
};

/**
 * Sends a client's calls by the SDK's own steps, but only those that a call needs, and put together once for each operation
 * instead of once a call: serialize, sign, send, what the operation itself adds, read the answer, retry. What stays the same from
 * call to call, the endpoint, the user agent and the host, is worked out at the first one. A call takes a fifth of the CPU time that
 * it takes otherwise.
 *
 * The SDK shares the context of an operation between calls where its steps are kept (`cacheMiddleware`), and its own steps
 * put the caller's identity there: none of those is run. In whose name a call is made is asked once, before it waits for anything.
 * @param currentCall throws where a call may not be made
 */
export const callDirectly = (
  client: SdkClient,
  { currentCall, retries }: { currentCall: () => CallIdentity; retries: (call: CallIdentity) => RetryStrategy },
): void => {
  const { config } = client;
  const signedBy = new WeakMap<HttpRequest, AwsCredentials>();
  const ours = createSigner({
    credentialsOf: (request) => signedBy.get(request) as AwsCredentials,
    escapesPath: config.signingEscapePath !== false,
  });
  /** Of the SDK's signer, which learns from the answers how wrong the clock is. */
  const clock = {
    systemClockOffset: 0,
    disableClockSkewCorrection: config.disableClockSkewCorrection,
    signer: async () => ours,
  };
  const signer = new AwsSdkSigV4Signer();
  const addresses = addressesOf(config);

  config.cacheMiddleware = true;
  client.middlewareStack.add(
    (_skipped, context) => {
      const { commandInstance: command, operationSchema: [, ...described] = [] } = context.__smithy_context;
      const schema = operation(...(described as Parameters<typeof operation>));
      const addressOf = addresses(command);
      const sent = stepsOf(command, config).resolve(
        async ({ request, call }) => ({
          ...(await config.requestHandler.handle(
            request as HttpRequest,
            call?.signal ? { abortSignal: call.signal } : {},
          )),
          output: undefined,
        }),
        context,
      );
      return async ({ input }) => {
        const call = currentCall();
        // Where it is known, a promise more would be paid for by every call.
        const found = addressOf(input.Bucket);
        const { endpoint, headers, signing, mostAttempts } = found instanceof Promise ? await found : found;
        const request = await config.protocol.serializeRequest(schema, input, { endpoint: async () => endpoint });
        Object.assign(request.headers, headers);
        if (request.body !== undefined) request.headers['content-length'] = String(Buffer.byteLength(request.body));
        const attempt: Step = async (args) => {
          const properties = { config: clock, context, ...signing };
          try {
            signedBy.set(request, await call.credentials());
            await signer.sign(request, {} as never, properties);
            const answer = await sent(args);
            signer.successHandler(answer.response as never, properties);
            return answer;
          } catch (error) {
            return signer.errorHandler(properties)(error as Error);
          }
        };
        request.headers[INVOCATION_ID_HEADER] = randomUUID();
        return await retried((retries) => {
          request.headers[REQUEST_HEADER] = `attempt=${retries + 1}; max=${mostAttempts}`;
          return attempt({ input, request, call });
        }, retries(call));
      };
    },
    { step: 'initialize', priority: 'high', name: 'callDirectly' },
  );
};

/** Reading the answer, and what the operation has of its own: S3 answers some failures with 200. */
const stepsOf = (command: Command, config: SdkClient['config']): Stack => {
  const steps = command.middlewareStack.clone();
  // They copy all settings at each call: here the few that are read.
  const settings = Object.assign(Object.create(config), {
    protocol: config.protocol,
    streamCollector: config.streamCollector,
  });
  steps.use(getSchemaSerdePlugin(settings));
  steps.remove('serializerMiddleware');
  steps.remove('endpointV2Middleware');
  return steps;
};

/** What every call to one address has in common. */
interface Address {
  /** As the serializer takes it. */
  endpoint: unknown;
  headers: Record<string, string>;
  signing: { signingRegion: string; signingName: string };
  /** Of a call, as AWS is told. */
  mostAttempts: number;
}

/** Addresses remembered of one service in one Region, those of buckets: each is asked for its settings one after the other. */
const MOST_ADDRESSES = 500;

/** The parts of a call that S3 derives an address from, or may: of these its rules use the bucket alone. */
const MAY_SAY_WHERE = new Set(['Bucket', 'Key', 'Prefix']);

/** Where calls go, worked out once for each bucket, and once for all where none is named. */
const addressesOf = (config: SdkClient['config']) => {
  const known = new Map<string, Address | Promise<Address>>();
  return (command: Command) => {
    const instructions = command.constructor.getEndpointParameterInstructions?.() ?? {};
    for (const { type, name } of Object.values(instructions)) {
      if (type === 'operationContextParams' || (type === 'contextParams' && !MAY_SAY_WHERE.has(name)))
        throw new Error('an address that depends on what is asked is not kept');
    }
    const fixed = Object.values(instructions).filter(({ type }) => type === 'staticContextParams');
    const kind = fixed.map(({ value }) => String(value)).join();
    return (bucket: string | undefined): Address | Promise<Address> => {
      const key = `${kind} ${bucket ?? ''}`;
      const found = known.get(key);
      if (found) return found;
      if (known.size >= MOST_ADDRESSES) known.clear();
      const learning = learn(config, instructions, bucket);
      known.set(key, learning);
      learning.then(
        (address) => known.set(key, address),
        () => known.delete(key),
      );
      return learning;
    };
  };
};

const learn = async (config: SdkClient['config'], instructions: object, bucket?: string): Promise<Address> => {
  if (bucket?.includes('/')) {
    throw Object.assign(new Error(`Bucket name shouldn't contain '/', received '${bucket}'`), {
      name: 'InvalidBucketName',
    });
  }
  const endpoint = (await getEndpointFromInstructions(
    { Bucket: bucket },
    { getEndpointParameterInstructions: () => instructions as never },
    { ...config } as never,
    {},
  )) as Endpoint;
  const [scheme] = endpoint.properties?.authSchemes ?? [];
  if (scheme && scheme.name !== 'sigv4') throw new Error(`calls that are signed by ${scheme.name} are not made here`);
  const address = toEndpointV1(endpoint as never);
  const request = new HttpRequest(address);
  const nothing = async () => {};
  for (const middleware of [hostHeaderMiddleware, userAgentMiddleware] as unknown as ((c: object) => Middleware)[]) {
    await middleware(config)(nothing as never, {} as never)({ input: {}, request });
  }
  return {
    endpoint: address,
    mostAttempts: await config.maxAttempts(),
    headers: request.headers,
    signing: {
      signingRegion: scheme?.signingRegion ?? (await config.region()),
      signingName: scheme?.signingName ?? config.defaultSigningName,
    },
  };
};
