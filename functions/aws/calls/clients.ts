import { AsyncLocalStorage } from 'node:async_hooks';
import { STSClient } from '@aws-sdk/client-sts';
import { defaultOnRegion } from './default-on-region.ts';
import { callDirectly, canCallDirectly } from './direct-calls.ts';
import { createNetwork, type Timeouts } from './network.ts';
import type { RequestHandler } from './request-handler.ts';
import { createRetryStrategy, type RetryStrategyOptions } from './retry.ts';
import type { AwsCredentials } from './sigv4.ts';
import { refusingWebPages } from './web-page.ts';

/** In whose name a call is signed, and what is reported about it. */
export interface CallIdentity {
  credentials(): Promise<AwsCredentials>;
  /** Ends the call under way, and waits between attempts. */
  signal?: AbortSignal | undefined;
  /** Called for every throttled attempt, the ones that are retried included. */
  onThrottle?(): void;
  /** Called before each wait between two attempts, in milliseconds. */
  onWait?(ms: number): void;
}

type ClientClass<C> = new (config: never) => C;

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
  /** A client that signs with the identity of the `signAs` it is used in, and refuses to sign outside one. */
  forAccount<C>(Client: ClientClass<C>, region?: string): C;
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
  const identities = new AsyncLocalStorage<CallIdentity>();
  const traffic = { requests: 0, throttled: 0 };
  const requestHandler = heedingSignal(
    refusingWebPages(options.requestHandler ?? createNetwork({ timeouts: options.timeouts })),
    () => {
      traffic.requests += 1;
      return identities.getStore()?.signal;
    },
  );
  const retryStrategy = createRetryStrategy({
    ...options.retry,
    currentCall: () => identities.getStore(),
    onThrottle: () => {
      traffic.throttled += 1;
    },
  });
  const maxAttempts = retryStrategy.attempts;
  // S3 alone reads forcePathStyle: a custom endpoint rarely answers to bucket.<host>.
  const customEndpoint = options.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const shared = {
    requestHandler,
    retryStrategy,
    maxAttempts,
    customUserAgent: [options.version === undefined ? ['trailseal'] : ['trailseal', options.version]],
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(customEndpoint ? { forcePathStyle: true } : {}),
  };

  // One client's provider serves all, and keeps what it got: a profile's role or an SSO token is fetched once.
  const { credentials } = options;
  const chain = new STSClient({ ...shared, region: options.region, ...(credentials ? { credentials } : {}) } as never);
  const ownCredentials = async (): Promise<AwsCredentials> => chain.config.credentials();

  const accountCredentials = async (): Promise<AwsCredentials> => {
    const identity = identities.getStore();
    if (!identity) throw new Error('no account session: refusing to sign');
    return identity.credentials();
  };

  const cacheOf = (credentials: () => Promise<AwsCredentials>, isBusy: (Client: unknown) => boolean) => {
    // The SDK wraps a plain function in a cache of its own, and would go on signing with its first account.
    const provider = Object.assign(() => credentials(), { memoized: true });
    const clients = new Map<ClientClass<unknown>, Map<string, unknown>>();
    return <C>(Client: ClientClass<C>, region = options.region): C => {
      const byRegion = clients.get(Client) ?? new Map<string, unknown>();
      clients.set(Client, byRegion);
      const known = byRegion.get(region);
      if (known) return known as C;
      const client = new Client({ ...shared, region, credentials: provider } as never);
      if (isBusy(Client) && canCallDirectly(client)) callDirectly(client, credentials);
      byRegion.set(region, client);
      return client;
    };
  };

  return {
    region: options.region,
    globalRegion: defaultOnRegion(options.region),
    regionAssumed: options.regionAssumed ?? false,
    profile: options.profile ?? process.env.AWS_PROFILE,
    clock: options.clock ?? (() => new Date()),
    traffic,
    own: cacheOf(ownCredentials, (Client) => Client === STSClient),
    forAccount: cacheOf(accountCredentials, () => true),
    signAs: (identity, work) => identities.run(identity, work),
    ownCredentials,
    close: () => {
      requestHandler.destroy?.();
      // Until then, Node 20 asks it about every promise of the process.
      identities.disable();
    },
  };
};

/**
 * Hands the signal to the connection alone. The SDK, given one, races it against every step of a call, and so pays a
 * dozen promises more for each: 2 % of a scan on Node 24, 7 % on Node 20.
 */
const heedingSignal = (inner: RequestHandler, signalOf: () => AbortSignal | undefined): RequestHandler => ({
  destroy: () => inner.destroy?.(),
  handle: (request, options) => {
    const abortSignal = signalOf();
    return inner.handle(
      request,
      abortSignal ? ({ ...(options as object | undefined), abortSignal } as never) : options,
    );
  },
});

/** The engines field of package.json says which Node versions are supported; the SDK need not say it again. */
export const quietAboutNode = (): void => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
};
