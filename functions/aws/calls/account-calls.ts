import { type EvidenceRecord, evidenceRef } from '../../domain/model/evidence.ts';
import type { Delays } from '../../domain/model/reading.ts';
import { answered, failed, type Reading } from '../../domain/model/reading.ts';
import { CallError } from '../../reads/call-error.ts';
import type { Answer, Question, ReadCalls } from '../../reads/read.ts';
import type { CallIdentity } from './call-identity.ts';
import type { AwsAccess } from './clients.ts';
import { secretsIn } from './credentials-in-text.ts';
import { abortError, failureOf, httpStatusOf, isAbort, isExpired, mayBeExpired } from './failure.ts';
import { createGate, type Gate } from './gate.ts';
import type { AwsCredentials } from './sigv4.ts';

/** Credentials this close to their end are replaced before they are used. Milliseconds. */
const EXPIRY_MARGIN_MS = 60_000;

/** Every region of a partition at once, each with a call or two: AWS counts by account, region and operation. */
const CALLS_AT_ONCE = 64;

/** Calls in one account, under its credentials: counted, recorded, held back when throttled, renewed when expired. */
export interface AccountCalls extends ReadCalls {
  principalArn(): string;
  count(): number;
  delays(): Delays;
  takeEvidence(): EvidenceRecord[];
}

/** What an account's calls are signed with, and how to come by it again. */
export interface Session {
  principalArn: string;
  credentials(): Promise<AwsCredentials>;
  /** When they end, where that is known. */
  expiresAt: Date | null;
}

export const isEnding = ({ expiresAt }: Session, now: Date): boolean =>
  expiresAt !== null && expiresAt.getTime() < now.getTime() + EXPIRY_MARGIN_MS;

export interface AccountCallsOptions {
  accountId: string;
  access: AwsAccess;
  session: Session;
  /** Assumes the role again; absent where there is no role to assume. */
  renew?: (() => Promise<Session>) | undefined;
  signal?: AbortSignal | undefined;
  log: CallLog;
}

/** Counts and keeps what was answered. */
export interface CallLog {
  sent(): void;
  throttled(): void;
  /** Milliseconds. */
  waited(ms: number): void;
  keep(record: EvidenceRecord): void;
  count(): number;
  delays(): Delays;
  takeEvidence(): EvidenceRecord[];
}

export const createCallLog = (): CallLog => {
  let calls = 0;
  let throttled = 0;
  let waitedMs = 0;
  let records: EvidenceRecord[] = [];
  return {
    sent: () => {
      calls++;
    },
    throttled: () => {
      throttled++;
    },
    waited: (ms) => {
      waitedMs += ms;
    },
    delays: () => ({ throttled, waitedMs: Math.round(waitedMs) }),
    keep: (record) => {
      records.push(record);
    },
    count: () => calls,
    takeEvidence: () => {
      const taken = records;
      records = [];
      return taken;
    },
  };
};

export const createAccountCalls = (options: AccountCallsOptions): AccountCalls => {
  const { accountId, access, renew, signal, log } = options;
  let session = options.session;
  let renewing: Promise<Session> | null = null;
  const gate = createGate({ max: CALLS_AT_ONCE });

  /** Replaces the session that was found wanting; callers that found it together share one AssumeRole. */
  const renewed = async (spent: Session): Promise<Session> => {
    if (session !== spent || !renew) return session;
    renewing ??= renew().finally(() => {
      renewing = null;
    });
    session = await renewing;
    return session;
  };
  const attempt = <O extends Answer>(question: Question<O>, { credentials, principalArn }: Session): Promise<O> => {
    const identity = { credentials, signal, ...delaysIn(log, gate) };
    return sendOnce({ question, access, identity, accountId, principalArn, log });
  };

  return {
    accountId,
    homeRegion: access.region,
    globalRegion: access.globalRegion,
    clock: access.clock,
    client: access.forAccount,
    ask: (question) =>
      gate.run(async () => {
        if (signal?.aborted) throw abortError(signal);
        log.sent();
        const first = isEnding(session, access.clock()) ? await renewed(session) : session;
        try {
          return await attempt(question, first);
        } catch (error) {
          if (!(error instanceof CallError && mayBeExpired(error.failure) && renew)) throw error;
        }
        return attempt(question, await renewed(first));
      }),
    read: readingOf,
    principalArn: () => session.principalArn,
    count: log.count,
    delays: log.delays,
    takeEvidence: log.takeEvidence,
  };
};

/** What holds a call up is counted, and narrows the gate. */
export const delaysIn = (log: CallLog, gate?: Gate): Pick<CallIdentity, 'onThrottle' | 'onWait'> => ({
  onThrottle: () => {
    log.throttled();
    gate?.throttled();
  },
  onWait: log.waited,
});

export const readingOf = async <T>(operation: string, work: () => Promise<T>): Promise<Reading<T>> => {
  try {
    return answered(await work());
  } catch (error) {
    if (isAbort(error)) throw error;
    return failed(failureOf(operation, error));
  }
};

/** Sends one question in the name of `identity` and keeps its answer, or its refusal, as evidence. */
export const sendOnce = async <O extends Answer>({
  question,
  access,
  identity,
  accountId,
  principalArn,
  log,
}: {
  question: Question<O>;
  access: AwsAccess;
  identity: CallIdentity;
  accountId: string;
  principalArn: string;
  log: CallLog;
}): Promise<O> => {
  const { service, operation, region, isGlobal, input, subject, page = 1 } = question;
  const refRegion = isGlobal ? '*' : region;
  const ref = evidenceRef({ accountId, region: refRegion, operation, ...(subject === undefined ? {} : { subject }) });
  const keep = (requestId: string | undefined, outcome: EvidenceRecord['outcome']) =>
    log.keep({
      ref: page === 1 ? ref : `${ref}#${page}`,
      service,
      operation,
      region,
      accountId,
      principalArn,
      requestId: requestId ?? null,
      at: access.clock().toISOString(),
      input,
      outcome,
    });
  try {
    const output = await access.signAs(identity, question.send);
    keep(output.$metadata.requestId, {
      ok: true,
      output: question.keptAsEvidence?.(output) ?? withoutMetadata(output),
    });
    return output;
  } catch (error) {
    if (identity.signal?.aborted) throw abortError(identity.signal);
    // No refusal that quotes what signed the call is kept.
    const failure = failureOf(operation, error, await heldBy(identity.credentials));
    // An expired session says nothing about the account; the answer after renewal is the evidence.
    if (!isExpired(failure)) {
      const { $metadata } = error as { $metadata?: { requestId?: string } };
      keep($metadata?.requestId, {
        ok: false,
        code: failure.code,
        message: failure.message,
        httpStatus: httpStatusOf(error),
      });
    }
    throw new CallError(failure, { cause: error });
  }
};

/** None where there are no credentials to be had, which is then what failed. */
const heldBy = async (credentials: () => Promise<AwsCredentials>): Promise<string[]> => {
  try {
    return secretsIn(await credentials());
  } catch {
    return [];
  }
};

const withoutMetadata = ({ $metadata: _, ...output }: Answer): unknown => output;
