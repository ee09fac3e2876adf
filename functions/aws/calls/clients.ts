import { STSClient } from '@aws-sdk/client-sts';
import type { CallIdentity } from './call-identity.ts';
import { defaultOnRegion } from './default-on-region.ts';
import { callDirectly, canCallDirectly } from './direct-calls.ts';
import { createNetwork, type Timeouts } from './network.ts';
import type { RequestHandler } from './request-handler.ts';
import { createRetries, type RetryStrategyOptions } from './retry.ts';
import type { AwsCredentials } from './sigv4.ts';
import { refusingWebPages } from './web-page.ts';

type ClientClass<C> = new (config: never) => C;

/** Of the scanner's own calls, those made by the thousand, or in the name of a task that may be stopped. */
const OWN_DIRECT = new Set(['STS', 'Organizations']);

/** Every SDK client there is, over one connection pool. Nothing else in this repository makes one. */
export interface AwsAccess {
  /** The home region. */
  readonly region: string;
  /** For calls that are about no region (STS, DescribeRegions): the home region, or one that is on in every account. */
  readonly globalRegion: string;
  /** Nobody named the home region: us-east-1 was taken. */
  readonly regionAssumed: boolean;
  /** The profile asked for, or that of `AWS_PROFILE`. */
  readonly profile: string | undefined;
  readonly clock: () => Date;
  /** Requests that have left so far, repeated ones included, and those that AWS throttled. */
  readonly traffic: { readonly requests: number; readonly throttled: number };
  /** A client that signs with the scanner's own credentials. */
  own<C>(Client: ClientClass<C>, region?: string): C;
  /** A client that signs with the identity of the `signAs` it is used in, and refuses to sign outside one: used at once, never kept. */
  forAccount<C>(Client: ClientClass<C>, region?: string): C;
  /** Makes the calls that `work` begins before it waits for anything in the name of `identity`. */
  signAs<T>(identity: CallIdentity, work: () => Promise<T>): Promise<T>;
  /** From the ordinary chain, renewed when they expire. */
  ownCredentials(): Promise<AwsCredentials>;
  /** Closes the pool. Clients cannot be used afterwards. */
  close(): void;
}

export interface AwsAccessOptions {
  region: string;
  regionAssumed?: boolean | undefined;
  profile?: string | undefined;
  /** Instead of the ordinary credential chain. */
  credentials?: AwsCredentials | (() => Promise<AwsCredentials>) | undefined;
  /** Answers in place of the network, e.g. the simulated organization. */
  requestHandler?: RequestHandler | undefined;
  /** Default `AWS_ENDPOINT_URL` and its kin, as the SDK reads them; else the partition's own endpoints. */
  endpoint?: string | undefined;
  retry?: RetryStrategyOptions | undefined;
  timeouts?: Timeouts | undefined;
  /** Sent as `trailseal/<version>` in the user agent. */
  version?: string | undefined;
  clock?: (() => Date) | undefined;
}

/**
 * @example
 * const access = createAwsAccess({ region: 'eu-west-1', profile: 'audit' });
 * const regions = await access.own(EC2Client).send(new DescribeRegionsCommand({}));
 */
export const createAwsAccess = (options: AwsAccessOptions): AwsAccess => {
  quietAboutNode();
  /** Held only while a call begins, never across a wait: Node 20 and 22 make each promise dearer where an identity follows it. */
  let current: CallIdentity | null = null;
  const traffic = { requests: 0, throttled: 0 };
  const requestHandler = counted(
    refusingWebPages(options.requestHandler ?? createNetwork({ timeouts: options.timeouts })),
    () => {
      traffic.requests += 1;
    },
  );
  const retries = createRetries({
    ...options.retry,
    onThrottle: () => {
      traffic.throttled += 1;
    },
  });
  // S3 alone reads forcePathStyle: a custom endpoint rarely answers to bucket.<host>.
  const customEndpoint = options.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const shared = {
    requestHandler,
    retryStrategy: retries.strategy(),
    maxAttempts: retries.attempts,
    customUserAgent: [options.version === undefined ? ['trailseal'] : ['trailseal', options.version]],
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(customEndpoint ? { forcePathStyle: true } : {}),
  };

  // One client's provider serves all, and keeps what it got: a profile's role or an SSO token is fetched once.
  const { credentials } = options;
  const chain = new STSClient({ ...shared, region: options.region, ...(credentials ? { credentials } : {}) } as never);
  const ownCredentials = async (): Promise<AwsCredentials> => chain.config.credentials();

  const ownCall = (): CallIdentity => ({ ...current, credentials: ownCredentials });
  const accountCall = (): CallIdentity => {
    if (!current) throw new Error('no account session: refusing to sign');
    return current;
  };

  const cacheOf = (call: () => CallIdentity, isDirect: (serviceId: string) => boolean) => {
    const provider = memoized(async () => call().credentials());
    const clients = new Map<ClientClass<unknown>, Map<string, unknown>>();
    return <C>(Client: ClientClass<C>, region = options.region): C => {
      const byRegion = clients.get(Client) ?? new Map<string, unknown>();
      clients.set(Client, byRegion);
      const known = byRegion.get(region);
      if (known) return known as C;
      const client = new Client({ ...shared, region, credentials: provider } as never);
      if (canCallDirectly(client) && isDirect(client.config.serviceId)) {
        callDirectly(client, { currentCall: call, retries: retries.strategy });
      }
      byRegion.set(region, client);
      return client;
    };
  };
  const accountClients = cacheOf(accountCall, () => true);

  return {
    region: options.region,
    globalRegion: defaultOnRegion(options.region),
    regionAssumed: options.regionAssumed ?? false,
    profile: options.profile ?? process.env.AWS_PROFILE,
    clock: options.clock ?? (() => new Date()),
    traffic,
    own: cacheOf(ownCall, (serviceId) => OWN_DIRECT.has(serviceId)),
    forAccount: (Client, region = options.region) => {
      const client = accountClients(Client, region);
      if (canCallDirectly(client) || !current) return client;
      // One that asks for credentials late, after the call has waited, is made for this call alone.
      const { credentials, signal } = current;
      return new Client({
        ...shared,
        region,
        credentials: memoized(credentials),
        retryStrategy: retries.strategy(current),
        requestHandler: heeding(requestHandler, signal),
      } as never);
    },
    signAs: (identity, work) => {
      const before = current;
      current = identity;
      try {
        return work();
      } finally {
        current = before;
      }
    },
    ownCredentials,
    close: () => requestHandler.destroy?.(),
  };
};

/** The SDK wraps a plain function in a cache of its own, and would go on signing with its first account. */
const memoized = (credentials: () => Promise<AwsCredentials>) => Object.assign(() => credentials(), { memoized: true });

const counted = (inner: RequestHandler, count: () => void): RequestHandler => ({
  destroy: () => inner.destroy?.(),
  handle: (request, options) => {
    count();
    return inner.handle(request, options);
  },
});

/** Hands the signal to the connection alone: the SDK, given one, races it against every step of a call. */
const heeding = (inner: RequestHandler, abortSignal: AbortSignal | undefined): RequestHandler => ({
  handle: (request, options) =>
    inner.handle(request, abortSignal ? ({ ...(options as object | undefined), abortSignal } as never) : options),
});

/** The engines field of package.json says which Node versions are supported; the SDK need not say it again. */
export const quietAboutNode = (): void => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
};
