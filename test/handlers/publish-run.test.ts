import { beforeAll, expect, test } from '@jest/globals';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { publishedOrWhyNot } from '../../functions/handlers/publish-run.ts';
import { writeTable } from '../../functions/report/tables/tables.ts';
import { type WireAnswer, wire } from '../aws/wire.ts';
import { coverageRow, findingRow, RUN, runRow, trailRow } from '../report/tables/sample-rows.ts';
import { memoryStore } from '../statemachine/memory-store.ts';

const store = memoryStore();
const run = { row: runRow(), runDate: '2026-11-02' };
beforeAll(async () => {
  const of = { store, runId: RUN, runDate: run.runDate };
  await writeTable({ ...of, table: 'trails', rows: [trailRow()] });
  await writeTable({ ...of, table: 'findings', rows: [findingRow()] });
  await writeTable({ ...of, table: 'coverage', rows: [coverageRow()] });
});

const refused = (code: string): WireAnswer => ({
  status: 403,
  headers: { 'x-amzn-errortype': code },
  body: { Code: code, Message: `${code} it is` },
});
const published = (importing: WireAnswer, listing: WireAnswer, signal?: AbortSignal) => {
  const { handler } = wire(({ input, signal }) => {
    signal?.throwIfAborted();
    return 'Findings' in input ? importing : listing;
  });
  const access = createAwsAccess({
    ...{ region: 'eu-west-1', requestHandler: handler, retry: { delayFactor: 0 } },
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 's' },
  });
  const publisher = { accountId: '111122223333', region: 'eu-west-1', partition: 'aws' };
  return publishedOrWhyNot({ access, publisher, store, run, signal });
};
const TAKEN = { body: { SuccessCount: 1, FailedCount: 0, FailedFindings: [] } };
const NOTHING = { body: { Findings: [] } };

test('the message of a run says what was imported', async () => {
  expect(await published(TAKEN, NOTHING)).toBe(
    '1 findings imported into Security Hub of 111122223333 in eu-west-1, 0 not.',
  );
});

test('that a Security Hub which is not enabled took nothing, and does not fail', async () => {
  const no = refused('InvalidAccessException');
  expect(await published(no, no)).toMatch(
    /^The findings are not in Security Hub.*not enabled in eu-west-1 .*: aws securityhub enable-security-hub .*\. `trailseal export/,
  );
});

test('that nothing could be archived by those who may import and not read', async () => {
  expect(await published(TAKEN, refused('AccessDeniedException'))).toMatch(
    /^1 findings imported .* stay open: These credentials may not read .* securityhub:GetFindings/,
  );
});

test('that time ran out', async () => {
  expect(await published(TAKEN, NOTHING, AbortSignal.abort())).toMatch(/not all of them: .*abort/i);
});
