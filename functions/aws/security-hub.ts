import { setTimeout as delay } from 'node:timers/promises';
import {
  type AwsSecurityFinding,
  BatchImportFindingsCommand,
  GetFindingsCommand,
  type ImportFindingsError,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { TrailSealError } from '../domain/model/errors.ts';
import type { AwsAccess } from './calls/clients.ts';
import { failureOf, isAbort } from './calls/failure.ts';

/**
 * BatchImportFindings takes so many, of 240 KB each and 6 MB in all.
 * @see https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html
 */
const FINDINGS_AT_MOST = 100;
const BYTES_AT_MOST = 240 * 1_024;
const BATCH_BYTES_AT_MOST = 5 * 1_024 * 1_024;
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
  let inBatch = 0;
  for await (const finding of request.findings) {
    const bytes = Buffer.byteLength(JSON.stringify(finding));
    if (bytes > BYTES_AT_MOST) {
      fail(finding.Id, 'TOO_LARGE', `${bytes} bytes, and ${BYTES_AT_MOST} are the most`);
      continue;
    }
    if (batch.length === FINDINGS_AT_MOST || inBatch + bytes > BATCH_BYTES_AT_MOST) {
      await importBatch(batch);
      batch = [];
      inBatch = 0;
    }
    batch.push(finding);
    inBatch += bytes;
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
    const { code, message } = failureOf('BatchImportFindings', error);
    if (code === 'InvalidInputException' || code === 'ValidationException') return { ok: false, code, message };
    throw refusal('BatchImportFindings', error, region);
  }
}

/** A fault of the service, not of the finding. */
const isPassing = ({ ErrorCode }: ImportFindingsError): boolean =>
  /internal|throttl|limit|unavailable|concurrent|timeout/i.test(ErrorCode ?? '');

function refusal(operation: 'BatchImportFindings' | 'GetFindings', error: unknown, region: string): TrailSealError {
  const { kind, code, message } = failureOf(operation, error);
  return new TrailSealError('SECURITY_HUB', sentence(), { cause: error });

  function sentence(): string {
    if (code === 'InvalidAccessException')
      return `Security Hub is not enabled in ${region} for this account: aws securityhub enable-security-hub --region ${region} --no-enable-default-standards.`;
    if (kind !== 'DENIED' && kind !== 'DENIED_BY_SCP')
      return `Security Hub in ${region} did not answer ${operation} as it should: ${code}: ${message}`;
    return operation === 'GetFindings'
      ? `These credentials may not read findings of Security Hub in ${region}: they need securityhub:GetFindings. AWS says: ${message}`
      : `These credentials may not import findings into Security Hub in ${region}: they need securityhub:BatchImportFindings on the default product. AWS says: ${message}`;
  }
}

/** As an import takes it back. */
const taken = (finding: AwsSecurityFinding) => ({
  SchemaVersion: finding.SchemaVersion,
  Id: finding.Id,
  ProductArn: finding.ProductArn,
  GeneratorId: finding.GeneratorId,
  AwsAccountId: finding.AwsAccountId,
  Types: finding.Types,
  CreatedAt: finding.CreatedAt,
  UpdatedAt: finding.UpdatedAt,
  Severity: { Label: finding.Severity?.Label, Original: finding.Severity?.Original },
  Title: finding.Title,
  Description: finding.Description,
  ProductFields: finding.ProductFields,
  Resources: finding.Resources,
});
export type StoredFinding = ReturnType<typeof taken>;

/**
 * Findings that a product imported itself and that are active, by id. Security Hub is asked for them alone; what it
 * sends beside them is left out.
 * @throws TrailSealError SECURITY_HUB where they cannot be read
 */
export async function activeFindings(request: {
  access: AwsAccess;
  region: string;
  productArn: string;
  /** How their generators begin. */
  generators: string;
  /** A product field that they all have. */
  field: { Key: string; Value: string };
  signal?: AbortSignal | undefined;
}): Promise<Map<string, StoredFinding>> {
  const { access, region, productArn, generators, field, signal } = request;
  const found = new Map<string, StoredFinding>();
  let token: string | undefined;
  do {
    try {
      const command = new GetFindingsCommand({
        Filters: {
          ProductArn: [{ Value: productArn, Comparison: 'EQUALS' }],
          GeneratorId: [{ Value: generators, Comparison: 'PREFIX' }],
          ProductFields: [{ ...field, Comparison: 'EQUALS' }],
          RecordState: [{ Value: 'ACTIVE', Comparison: 'EQUALS' }],
        },
        MaxResults: FINDINGS_AT_MOST,
        ...(token !== undefined && { NextToken: token }),
      });
      const page = await access.own(SecurityHubClient, region).send(command, signal ? { abortSignal: signal } : {});
      for (const finding of page.Findings ?? []) {
        const isOurs = finding.ProductArn === productArn && finding.GeneratorId?.startsWith(generators);
        if (!isOurs || finding.ProductFields?.[field.Key] !== field.Value || finding.RecordState !== 'ACTIVE') continue;
        if (finding.Id !== undefined) found.set(finding.Id, taken(finding));
      }
      token = page.NextToken || undefined;
    } catch (error) {
      if (isAbort(error)) throw error;
      throw refusal('GetFindings', error, region);
    }
  } while (token !== undefined);
  return found;
}
