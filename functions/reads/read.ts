import type { Reading } from '../domain/model/reading.ts';
import type { Grant } from './grants.ts';
import type { ChangedBy } from './watched/change.ts';

/** One read of AWS, declared once: session policy, roles, their documentation and the evidence are made from it. */
export interface Read {
  /** As SigV4 and the evidence name it. */
  service: string;
  /** As CloudTrail names it. */
  operation: string;
  /**
   * The IAM actions that allow it; several where the call needs them all, none where those of another read allow it.
   * Source: the Service Authorization Reference, where an action's name differs from the operation's.
   */
  actions: readonly string[];
  /** The statement of the audit role that grants them. */
  grant: Grant;
  /** The events after which the answer may be another: what the deployment's setting `watch` listens for. */
  changedBy: ChangedBy;
  /** The answer is about no region, wherever it was asked for: its evidence goes by the region `*`. */
  isGlobal?: true;
}

/** One page of one AWS operation. */
export interface Question<O extends Answer> {
  service: string;
  operation: string;
  region: string;
  /** The answer is about no region, wherever it was asked for: its evidence goes by the region `*`. */
  isGlobal?: boolean;
  input: object;
  /** What the call names (a trail ARN, a key ARN, a bucket), where it names anything. */
  subject?: string;
  /** From 1. Later pages are evidence of their own, `<ref>#2` and so on. */
  page?: number;
  /** An output as evidence may hold it; the default drops the SDK's metadata only. */
  keptAsEvidence?(output: O): unknown;
  send(): Promise<O>;
}

export interface Answer {
  $metadata: { requestId?: string | undefined };
}

/** What a read needs of the account that it is made in. */
export interface ReadCalls {
  readonly accountId: string;
  readonly homeRegion: string;
  /** Where to ask what is about no region: the home region, or one that is on in every account. */
  readonly globalRegion: string;
  readonly clock: () => Date;
  /** A client that signs with the account's credentials. */
  client<C>(Client: new (config: never) => C, region: string): C;
  /** @throws CallError, classified; an AbortError where the signal fired */
  ask<O extends Answer>(question: Question<O>): Promise<O>;
  /** Runs `work`; whatever fails in it but an abort becomes data. */
  read<T>(operation: string, work: () => Promise<T>): Promise<Reading<T>>;
}
