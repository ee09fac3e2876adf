import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answering, Reply, WireRequest, WireResponse } from '../apis/wire.ts';

/** The part of the SDK's HttpRequest that is read here. */
export interface SdkRequest {
  method: string;
  hostname: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

export interface SdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: Uint8Array | Readable;
}

/** An HTTP handler for the SDK's clients (`requestHandler`): calls are answered within the process, without a socket. */
export interface SimulatedRequestHandler {
  readonly metadata: { handlerProtocol: string };
  handle(
    request: SdkRequest,
    options?: { abortSignal?: unknown; requestTimeout?: number },
  ): Promise<{ response: SdkResponse }>;
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

export const createRequestHandler = (options: {
  simulation: Answering;
  /** How long a call that is never answered is waited for, as NodeHttpHandler's requestTimeout. Default 5,000. */
  requestTimeoutMs?: number;
}): SimulatedRequestHandler => {
  const { simulation } = options;
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: async (request, { abortSignal, requestTimeout } = {}) => {
      const ending = isSignal(abortSignal) ? { signal: abortSignal } : {};
      if (ending.signal?.aborted) await pause(0, undefined, ending);
      const body = bytesOf(request.body);
      const reply = simulation.answer(wireRequest(request, body instanceof Promise ? await body : body));
      const limit = requestTimeout ?? options.requestTimeoutMs ?? 5_000;
      if (reply.kind === 'stall') {
        await pause(limit, undefined, ending);
        throw Object.assign(new Error(`Connection timed out after ${limit} ms`), { name: 'TimeoutError' });
      }
      if (simulation.latency > 0) await pause(simulation.latency, undefined, ending);
      if (reply.kind === 'reset') {
        throw Object.assign(new Error('read ECONNRESET'), { name: 'TimeoutError', code: 'ECONNRESET' });
      }
      return { response: sdkResponse(reply) };
    },
    destroy: () => {},
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  };
};

const sdkResponse = (reply: Extract<Reply, { response: WireResponse }>): SdkResponse => {
  const { status, headers, body } = reply.response;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (reply.kind === 'cut') return { statusCode: status, headers, body: broken(bytes) };
  return { statusCode: status, headers, body: reply.response.stream ? Readable.from([bytes]) : bytes };
};

/** Half the body, then the error that Node gives when the other end hangs up. */
const broken = (bytes: Uint8Array): Readable =>
  Readable.from(
    (function* () {
      yield bytes.subarray(0, Math.floor(bytes.length / 2));
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    })(),
  );

const wireRequest = (request: SdkRequest, body: Uint8Array): WireRequest => {
  const headers: Record<string, string> = {};
  for (const name in request.headers) headers[name.toLowerCase()] = request.headers[name] ?? '';
  return {
    method: request.method,
    hostname: request.hostname,
    path: request.path,
    query: request.query ?? {},
    headers,
    body,
  };
};

const NOTHING = new Uint8Array(0);

/** Most bodies are there already: a promise for each would be paid for nothing. */
const bytesOf = (body: unknown): Uint8Array | Promise<Uint8Array> => {
  if (body === undefined || body === null || body === '') return NOTHING;
  if (typeof body === 'string') return Buffer.from(body);
  return body instanceof Uint8Array ? body : collected(body as AsyncIterable<Uint8Array | string>);
};

const collected = async (body: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
};

const isSignal = (value: unknown): value is AbortSignal =>
  typeof value === 'object' && value !== null && 'addEventListener' in value;
