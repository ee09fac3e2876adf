import { setTimeout as delay } from 'node:timers/promises';
import {
  type AwsSecurityFinding,
  BatchImportFindingsCommand,
  type ImportFindingsError,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { TrailSealError } from '../domain/model/errors.ts';
import type { AwsAccess } from './calls/clients.ts';
import { failureOf, isAbort } from './calls/failure.ts';

/** BatchImportFindings takes so many, of 240 KB each. */
const FINDINGS_AT_MOST = 100;
const BYTES_AT_MOST = 240 * 1_024;
/** Attempts for findings that the service took in but could not import, the first included. */
const ATTEMPTS = 4;
const FAILURES_TOLD = 100;

/** What the import needs to know of a finding; `report/asff` makes them. */
export interface ImportableFinding {
  Id: string;
}

export interface ImportOutcome {
  imported: number;
  failed: number;
  /** Requests sent. */
  batches: number;
  /** Why, for the first hundred. */
  failures: { id: string; code: string; message: string }[];
}

/**
 * Imports findings into Security Hub under the caller's account, a hundred a request, one request after the other. A
 * finding that is refused is reported and holds up no other: a batch refused as a whole is halved until the one at
 * fault is alone. Importing again updates the same findings.
 * @throws TrailSealError SECURITY_HUB where nothing can be imported at all (not enabled, no permission)
 */
export async function publishFindings(request: {
  access: AwsAccess;
  region: string;
  findings: AsyncIterable<ImportableFinding> | Iterable<ImportableFinding>;
  signal?: AbortSignal | undefined;
  /** Milliseconds before the second attempt, doubled from then on; tests set 0. */
  retryAfterMs?: number;
}): Promise<ImportOutcome> {
  const outcome: ImportOutcome = { imported: 0, failed: 0, batches: 0, failures: [] };
  const fail = (id: string, code: string, message: string) => {
    outcome.failed += 1;
    if (outcome.failures.length < FAILURES_TOLD) outcome.failures.push({ id, code, message });
  };
  const send = sender(request, outcome);

  /** Halves until whatever is refused is alone. */
  async function importBatch(batch: readonly ImportableFinding[]): Promise<void> {
    const answer = await send(batch);
    if (!answer.ok) {
      const [only] = batch;
      if (batch.length === 1 && only) return fail(only.Id, answer.code, answer.message);
      const half = Math.ceil(batch.length / 2);
      await importBatch(batch.slice(0, half));
      return importBatch(batch.slice(half));
    }
    outcome.imported += batch.length - answer.refused.length;
    for (const { Id, ErrorCode, ErrorMessage } of answer.refused) fail(Id ?? '', ErrorCode ?? '', ErrorMessage ?? '');
  }

  let batch: ImportableFinding[] = [];
  for await (const finding of request.findings) {
    const bytes = Buffer.byteLength(JSON.stringify(finding));
    if (bytes > BYTES_AT_MOST) fail(finding.Id, 'TOO_LARGE', `${bytes} bytes, and ${BYTES_AT_MOST} are the most`);
    else batch.push(finding);
    if (batch.length === FINDINGS_AT_MOST) {
      await importBatch(batch);
      batch = [];
    }
  }
  if (batch.length > 0) await importBatch(batch);
  return outcome;
}

type Answer =
  | { ok: true; refused: ImportFindingsError[] }
  /** The request was refused because of what is in it. */
  | { ok: false; code: string; message: string };

/** One batch with all its attempts: those that the service failed on are sent again, the rest of it is not. */
function sender(
  { access, region, signal, retryAfterMs = 500 }: Parameters<typeof publishFindings>[0],
  outcome: ImportOutcome,
) {
  return async (batch: readonly ImportableFinding[]): Promise<Answer> => {
    const refused: ImportFindingsError[] = [];
    let rest = batch;
    for (let attempt = 1; rest.length > 0; attempt++) {
      const answer = await once({ access, region, signal }, rest);
      outcome.batches += 1;
      // Of a batch of which a part went in, what is left is refused one by one: there is nothing to halve.
      if (!answer.ok && attempt === 1) return answer;
      const errors = answer.ok
        ? answer.refused
        : rest.map(({ Id }) => ({ Id, ErrorCode: answer.code, ErrorMessage: answer.message }));
      const again = new Set(errors.filter((e) => answer.ok && isPassing(e) && attempt < ATTEMPTS).map((e) => e.Id));
      refused.push(...errors.filter((e) => !again.has(e.Id)));
      rest = rest.filter(({ Id }) => again.has(Id));
      if (rest.length > 0 && retryAfterMs > 0) {
        await delay(retryAfterMs * 2 ** (attempt - 1), undefined, signal ? { signal } : {});
      }
    }
    return { ok: true, refused };
  };
}

async function once(
  { access, region, signal }: { access: AwsAccess; region: string; signal: AbortSignal | undefined },
  batch: readonly ImportableFinding[],
): Promise<Answer> {
  try {
    const command = new BatchImportFindingsCommand({ Findings: batch as unknown as AwsSecurityFinding[] });
    const { FailedFindings } = await access
      .own(SecurityHubClient, region)
      .send(command, signal ? { abortSignal: signal } : {});
    return { ok: true, refused: FailedFindings ?? [] };
  } catch (error) {
    if (isAbort(error)) throw error;
    const { kind, code, message } = failureOf('BatchImportFindings', error);
    if (code === 'InvalidInputException' || code === 'ValidationException') return { ok: false, code, message };
    throw new TrailSealError('SECURITY_HUB', sentence(kind, code, message, region), { cause: error });
  }
}

/** A fault of the service, not of the finding. */
const isPassing = ({ ErrorCode }: ImportFindingsError): boolean =>
  /internal|throttl|limit|unavailable|concurrent|timeout/i.test(ErrorCode ?? '');

function sentence(kind: string, code: string, message: string, region: string): string {
  if (code === 'InvalidAccessException') {
    return `Security Hub is not enabled in ${region} for this account: aws securityhub enable-security-hub --region ${region} --no-enable-default-standards.`;
  }
  if (kind === 'DENIED' || kind === 'DENIED_BY_SCP') {
    return `These credentials may not import findings into Security Hub in ${region}: they need securityhub:BatchImportFindings on the default product. AWS says: ${message}`;
  }
  return `Security Hub in ${region} took no findings: ${code}: ${message}`;
}
