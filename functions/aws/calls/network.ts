import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { TrailSealError } from '../../domain/model/errors.ts';
import type { RequestHandler } from './request-handler.ts';

const MAX_SOCKETS_PER_ENDPOINT = 256;

/** Milliseconds. Long enough for a slow answer, short enough that a dead region does not hold up a scan. */
export interface Timeouts {
  /** Default 5,000. */
  connectMs?: number;
  /** Silence on a socket, not the length of a transfer: a large upload that moves is left alone. Default 20,000. */
  silenceMs?: number;
}

/** What an agent is made with: connections are kept, and a CA bundle replaces the built-in certificates. */
export interface AgentOptions {
  keepAlive: true;
  maxSockets: number;
  ca?: Buffer;
}

type CreateAgents = (options: AgentOptions) => { http: HttpAgent; https: HttpsAgent };

/**
 * One pool of kept connections.
 * @param bundle a file of PEM certificates, default `AWS_CA_BUNDLE`
 * @param createAgents e.g. agents that go through a proxy; default direct ones
 * @throws TrailSealError CONFIGURATION where the bundle cannot be read
 */
export const createNetwork = ({
  timeouts: { connectMs = 5_000, silenceMs = 20_000 } = {},
  bundle = process.env.AWS_CA_BUNDLE,
  createAgents = (options) => ({ http: new HttpAgent(options), https: new HttpsAgent(options) }),
}: {
  timeouts?: Timeouts | undefined;
  bundle?: string | undefined;
  createAgents?: CreateAgents | undefined;
} = {}): RequestHandler => {
  const agents = createAgents({
    keepAlive: true,
    maxSockets: MAX_SOCKETS_PER_ENDPOINT,
    ...(bundle ? { ca: certificatesIn(bundle) } : {}),
  });
  return new NodeHttpHandler({
    connectionTimeout: connectMs,
    socketTimeout: silenceMs,
    httpAgent: agents.http,
    httpsAgent: agents.https,
  }) as RequestHandler;
};

/** The AWS CLI and the other SDKs read AWS_CA_BUNDLE; the one for JavaScript leaves it to its caller. */
const certificatesIn = (bundle: string): Buffer => {
  try {
    return readFileSync(bundle);
  } catch (cause) {
    throw new TrailSealError('CONFIGURATION', `AWS_CA_BUNDLE names ${bundle}, which cannot be read.`, { cause });
  }
};
