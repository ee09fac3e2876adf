import type { AwsCredentials } from './sigv4.ts';

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
