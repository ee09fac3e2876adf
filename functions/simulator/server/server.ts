import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { TrailSealError } from '../../domain/model/errors.ts';
import type { Answering, Reply, WireRequest } from '../apis/wire.ts';
import type { Credentials } from './sessions.ts';

/** What a server needs of the simulation that it serves. */
interface Served extends Answering {
  readonly credentials: Credentials;
  readonly regions: readonly string[];
}

export interface SimulatedServer {
  /** For AWS_ENDPOINT_URL. */
  readonly url: string;
  readonly port: number;
  /** The environment in which any AWS SDK or tool calls this server and nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Serves the simulated organization over loopback HTTP. Service, region and account come from each request's
 * SigV4 Authorization header, so one address serves every endpoint.
 * @throws TrailSealError `SIMULATION` where the port cannot be had
 */
export const startSimulatedServer = async (options: {
  simulation: Served;
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
}): Promise<SimulatedServer> => {
  const { simulation, port = 0, host = '127.0.0.1' } = options;
  const server = createServer((incoming, outgoing) => {
    serve(simulation, incoming, outgoing).catch((error: unknown) => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  // Longer than clients keep their sockets, so that no request meets a socket just being closed.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new TrailSealError(
          'SIMULATION',
          cause.code === 'EADDRINUSE'
            ? `port ${port} is already in use`
            : `cannot listen on ${host}:${port}: ${cause.message}`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const url = `http://${host}:${bound}`;
  return {
    url,
    port: bound,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: simulation.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulation.credentials.secretAccessKey,
      AWS_REGION: simulation.regions[0] ?? 'us-east-1',
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
};

const serve = async (simulation: Answering, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const reply = simulation.answer(wireRequest(incoming, Buffer.concat(chunks)));
  if (reply.kind === 'stall') return;
  if (simulation.latency > 0) await pause(simulation.latency);
  send(reply, outgoing);
};

const send = (reply: Exclude<Reply, { kind: 'stall' }>, outgoing: ServerResponse): void => {
  if (reply.kind === 'reset') {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const { status, headers, body } = reply.response;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  outgoing.writeHead(status, { 'content-length': String(bytes.length), ...headers });
  if (reply.kind === 'cut') {
    outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.socket?.destroy());
    return;
  }
  outgoing.end(bytes);
};

const wireRequest = (incoming: IncomingMessage, body: Uint8Array): WireRequest => {
  const target = incoming.url ?? '/';
  const cut = target.indexOf('?');
  const query: Record<string, string | string[]> = {};
  if (cut >= 0) {
    for (const [name, value] of new URLSearchParams(target.slice(cut + 1))) {
      const known = query[name];
      query[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
    }
  }
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers))
    headers[name] = Array.isArray(value) ? value.join(',') : value;
  const host = headers.host ?? '';
  return {
    method: incoming.method ?? 'GET',
    hostname: host.replace(/:\d+$/, ''),
    path: cut < 0 ? target : target.slice(0, cut),
    query,
    headers,
    body,
  };
};
