import { ProxyAgent } from 'proxy-agent';
import { createNetwork } from '../calls/network.ts';
import type { RequestHandler } from '../calls/request-handler.ts';

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];

/**
 * Connections as the environment wants them: through the proxy of `HTTPS_PROXY` or `HTTP_PROXY` unless `NO_PROXY` names
 * the host (upper or lower case), trusting the certificates of the CA bundle. `NO_PROXY` is read for each host.
 * @param bundle default `AWS_CA_BUNDLE`
 * @throws TrailSealError CONFIGURATION where the bundle cannot be read
 */
export const networkOfEnvironment = (bundle?: string): RequestHandler =>
  createNetwork({
    bundle: process.env.AWS_CA_BUNDLE || bundle,
    ...(hasProxy(process.env)
      ? {
          createAgents: (options) => {
            const agent = new ProxyAgent(options);
            return { http: agent, https: agent as never };
          },
        }
      : {}),
  });

const hasProxy = (env: Readonly<Record<string, string | undefined>>): boolean =>
  VARIABLES.some((name) => env[name] || env[name.toLowerCase()]);
