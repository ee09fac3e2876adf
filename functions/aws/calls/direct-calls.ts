import { hostHeaderMiddleware, userAgentMiddleware } from '@aws-sdk/core/client';
import { AwsSdkSigV4Signer } from '@aws-sdk/core/httpAuthSchemes';
import { getEndpointFromInstructions, toEndpointV1 } from '@smithy/core/endpoints';
import { HttpRequest, RpcProtocol } from '@smithy/core/protocols';
import { retryMiddleware } from '@smithy/core/retry';
import { getSchemaSerdePlugin } from '@smithy/core/schema';
import type { AwsCredentials } from './sigv4.ts';
import { createSigner } from './sigv4.ts';

/** What is used of an SDK client. */
interface SdkClient {
  config: {
    protocol?: unknown;
    cacheMiddleware?: boolean;
    defaultSigningName: string;
    region(): Promise<string>;
    requestHandler: { handle(request: HttpRequest, options: object): Promise<{ response: Response }> };
    [setting: string]: unknown;
  };
  middlewareStack: { add(middleware: (next: never, context: Context) => Step, options: object): void };
}

/** The SDK's, of one operation of one client: nothing of a single call may be kept in it. */
interface Context {
  __smithy_context?: {
    commandInstance?: { constructor: { getEndpointParameterInstructions?(): Record<string, { type: string }> } };
  };
  endpointV2?: Endpoint;
  [field: string]: unknown;
}

interface Endpoint {
  properties?: { authSchemes?: { signingRegion?: string; signingName?: string }[] };
}

type Response = { headers: Record<string, string> };
type Step = (args: { input: object; request?: HttpRequest }) => Promise<{ response: unknown; output: unknown }>;
/** A middleware of the SDK, whose types know more than is used here. */
type Middleware = (next: Step, context: Context) => Step;

/** Whether a client's calls all go to one address, each as a POST that names its operation: JSON, query and EC2. */
export const canCallDirectly = (client: unknown): client is SdkClient =>
  (client as SdkClient).config.protocol instanceof RpcProtocol;

/**
 * Sends a client's calls by the SDK's own steps, but only those that a call needs, and put together once for each operation
 * instead of once a call: serialize, sign, send, read the answer, retry. What stays the same from call to call, the endpoint,
 * the user agent and the host, is worked out at the first one. A call takes a fifth of the CPU time that it takes otherwise.
 *
 * The SDK shares the context of an operation between calls where its steps are kept (`cacheMiddleware`), and its own steps
 * put the caller's identity there: none of those is run. Who signs is asked at each attempt, of `credentials` alone.
 */
export const callDirectly = (client: SdkClient, credentials: () => Promise<AwsCredentials>): void => {
  const { config } = client;
  const ours = createSigner(credentials);
  /** Of the SDK's signer, which learns from the answers how wrong the clock is. */
  const clock = {
    systemClockOffset: 0,
    disableClockSkewCorrection: config.disableClockSkewCorrection,
    signer: async () => ours,
  };
  const signer = new AwsSdkSigV4Signer();

  config.cacheMiddleware = true;
  client.middlewareStack.add(
    (_skipped, context) => {
      const { serialize, deserialize } = serdeOf(config);
      const send = deserialize(
        async ({ request }) => ({
          ...(await config.requestHandler.handle(request as HttpRequest, {})),
          output: undefined,
        }),
        context,
      );
      let fixed: Fixed;
      let learning: Promise<Fixed> | null = null;
      const attempt: Step = async ({ input, request }) => {
        const properties = { config: clock, context, ...fixed.signing };
        try {
          await signer.sign(request as never, {} as never, properties);
          const answer = await send({ input, request: request as HttpRequest });
          signer.successHandler(answer.response as never, properties);
          return answer;
        } catch (error) {
          return signer.errorHandler(properties)(error as Error);
        }
      };
      const retrying = (retryMiddleware as unknown as (config: object) => Middleware)(config)(attempt, context);
      const serialized = serialize(async (args) => {
        const { headers, body } = args.request as HttpRequest;
        Object.assign(headers, fixed.headers, { 'content-length': String(Buffer.byteLength(body)) });
        return retrying(args);
      }, context);
      return async (args) => {
        // Once: a promise more would be paid for by every call.
        if (!fixed) {
          learning ??= learn(config, context).finally(() => {
            learning = null;
          });
          fixed = await learning;
          context.endpointV2 = fixed.endpoint;
        }
        return serialized(args);
      };
    },
    { step: 'initialize', priority: 'high', name: 'callDirectly' },
  );
};

/** What every call of an operation has in common. */
interface Fixed {
  endpoint: Endpoint;
  headers: Record<string, string>;
  signing: { signingRegion: string; signingName: string };
}

const learn = async (config: SdkClient['config'], context: Context): Promise<Fixed> => {
  const command = context.__smithy_context?.commandInstance?.constructor;
  const instructions = command?.getEndpointParameterInstructions?.() ?? {};
  for (const { type } of Object.values(instructions)) {
    if (/^(?:operationC|c)ontextParams$/.test(type))
      throw new Error('an address that depends on what is asked is not kept');
  }
  const endpoint = (await getEndpointFromInstructions(
    {},
    { getEndpointParameterInstructions: () => instructions as never },
    { ...config } as never,
    {},
  )) as Endpoint;
  const request = new HttpRequest(toEndpointV1(endpoint as never));
  const nothing = async () => {};
  for (const middleware of [hostHeaderMiddleware, userAgentMiddleware] as unknown as ((c: object) => Middleware)[]) {
    await middleware(config)(nothing as never, {})({ input: {}, request });
  }
  const [scheme] = endpoint.properties?.authSchemes ?? [];
  return {
    endpoint,
    headers: request.headers,
    signing: {
      signingRegion: scheme?.signingRegion ?? (await config.region()),
      signingName: scheme?.signingName ?? config.defaultSigningName,
    },
  };
};

/** The SDK's own two steps between objects and bytes. They copy all settings at each call: here the few that are read. */
const serdeOf = (config: SdkClient['config']): { serialize: Middleware; deserialize: Middleware } => {
  const found: Record<string, Middleware> = {};
  const settings = Object.assign(Object.create(config), {
    protocol: config.protocol,
    streamCollector: config.streamCollector,
  });
  getSchemaSerdePlugin(settings).applyToStack({
    add: (middleware: Middleware, { name }: { name: string }) => {
      found[name] = middleware;
    },
  } as never);
  const { serializerMiddleware: serialize, deserializerMiddleware: deserialize } = found;
  if (!serialize || !deserialize) throw new Error('the SDK has no serializer of this name');
  return { serialize, deserialize };
};
