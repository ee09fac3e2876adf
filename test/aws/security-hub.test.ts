import { describe, expect, test } from '@jest/globals';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { activeFindings, publishFindings } from '../../functions/aws/security-hub.ts';
import { type WireAnswer, type WireCall, wire } from './wire.ts';

interface Imported {
  Findings: { Id: string }[];
}

const imported = (input: WireCall['input']): string[] => (input as unknown as Imported).Findings.map((f) => f.Id);
const taken = (call: WireCall): WireAnswer => ({
  body: { SuccessCount: imported(call.input).length, FailedCount: 0, FailedFindings: [] },
});
const refused = (code: string, status = 400): WireAnswer => ({
  status,
  headers: { 'x-amzn-errortype': code },
  body: { Code: code, Message: `${code} it is` },
});

const hub = (answer: (call: WireCall) => WireAnswer) => {
  const { handler, calls } = wire(answer);
  const access = createAwsAccess({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    requestHandler: handler,
    retry: { delayFactor: 0 },
  });
  return { access, calls };
};
const publisher = (answer: (call: WireCall) => WireAnswer) => {
  const { access, calls } = hub(answer);
  const publish = (findings: Iterable<{ Id: string }>) =>
    publishFindings({ access, region: 'eu-west-1', findings, retryAfterMs: 0 });
  return { calls, publish };
};
const findings = (count: number) => Array.from({ length: count }, (_, i) => ({ Id: `f-${i}` }));

describe('publishing to Security Hub', () => {
  test('imports a hundred findings a request, in the Region asked for', async () => {
    const { calls, publish } = publisher(taken);
    expect(await publish(findings(230))).toEqual({ imported: 230, failed: 0, batches: 3, failures: [] });
    expect(calls.map(({ region, input }) => [region, imported(input).length])).toEqual([
      ['eu-west-1', 100],
      ['eu-west-1', 100],
      ['eu-west-1', 30],
    ]);
  });

  test('sends no more than 6 MB a request', async () => {
    const { calls, publish } = publisher(taken);
    const large = Array.from({ length: 60 }, (_, i) => ({ Id: `f-${i}`, Description: 'x'.repeat(200_000) }));
    expect(await publish(large)).toMatchObject({ imported: 60, failed: 0 });
    for (const { input } of calls) expect(JSON.stringify(input).length).toBeLessThan(6_000_000);
  });

  test('sends nothing where there is nothing', async () => {
    const { calls, publish } = publisher(taken);
    expect(await publish([])).toMatchObject({ imported: 0, failed: 0 });
    expect(calls).toEqual([]);
  });

  test('sends again only what the service failed on, and reports what it refuses', async () => {
    let first = true;
    const { calls, publish } = publisher(({ input }) => {
      const ids = imported(input);
      const failed = [
        ...(first ? [{ Id: 'f-1', ErrorCode: 'InternalError', ErrorMessage: 'try again' }] : []),
        ...(ids.includes('f-2') ? [{ Id: 'f-2', ErrorCode: 'InvalidInput', ErrorMessage: 'no such field' }] : []),
      ];
      first = false;
      return { body: { SuccessCount: ids.length - failed.length, FailedCount: failed.length, FailedFindings: failed } };
    });
    expect(await publish(findings(4))).toEqual({
      imported: 3,
      failed: 1,
      batches: 2,
      failures: [{ id: 'f-2', code: 'InvalidInput', message: 'no such field' }],
    });
    expect(calls.map(({ input }) => imported(input))).toEqual([['f-0', 'f-1', 'f-2', 'f-3'], ['f-1']]);
  });

  test('gives up on a finding that the service never takes', async () => {
    const { calls, publish } = publisher(({ input }) => ({
      body: {
        FailedFindings: imported(input).map((Id) => ({ Id, ErrorCode: 'InternalError', ErrorMessage: 'still' })),
      },
    }));
    expect(await publish(findings(2))).toMatchObject({ imported: 0, failed: 2 });
    expect(calls).toHaveLength(4);
  });

  test('finds the one finding that makes a request invalid, and imports all others', async () => {
    const { publish } = publisher((call) =>
      imported(call.input).includes('f-37') ? refused('InvalidInputException') : taken(call),
    );
    const outcome = await publish(findings(100));
    expect(outcome).toMatchObject({ imported: 99, failed: 1 });
    expect(outcome.failures).toEqual([{ id: 'f-37', code: 'InvalidInputException', message: expect.any(String) }]);
    expect(outcome.batches).toBeLessThan(20);
  });

  test('is tried again when throttled', async () => {
    let calls = 0;
    const { publish } = publisher((call) => (calls++ < 2 ? refused('TooManyRequestsException', 429) : taken(call)));
    expect(await publish(findings(1))).toMatchObject({ imported: 1, failed: 0 });
    expect(calls).toBe(3);
  });

  test.each([
    ['InvalidAccessException', 401, /Security Hub is not enabled in eu-west-1/],
    ['AccessDeniedException', 403, /need securityhub:BatchImportFindings/],
  ])('says plainly what is in the way: %s', async (code, status, sentence) => {
    const { publish } = publisher(() => refused(code, status));
    await expect(publish(findings(3))).rejects.toThrow(sentence);
  });

  test('does not send a finding that is too large, and tells at most a hundred failures', async () => {
    const { calls, publish } = publisher(taken);
    const large = Array.from({ length: 120 }, (_, i) => ({ Id: `f-${i}`, Description: 'x'.repeat(250_000) }));
    const outcome = await publish([...large, { Id: 'small' }]);
    expect(outcome).toMatchObject({ imported: 1, failed: 120 });
    expect(outcome.failures).toHaveLength(100);
    expect(outcome.failures[0]?.code).toBe('TOO_LARGE');
    expect(calls).toHaveLength(1);
  });
});

describe('what is active in Security Hub', () => {
  const ours = {
    ProductArn: 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default',
    GeneratorId: 'trailseal/trail-kms-encrypted',
    ProductFields: { 'trailseal/OrganizationId': 'o-1' },
    RecordState: 'ACTIVE',
  };
  const asked = (access: ReturnType<typeof hub>['access']) =>
    activeFindings({
      ...{ access, region: 'eu-west-1', productArn: ours.ProductArn, generators: 'trailseal/' },
      field: { Key: 'trailseal/OrganizationId', Value: 'o-1' },
    });

  test('is listed to the last page, and nothing else is taken for it', async () => {
    const others = [
      { ...ours, Id: 'of another account', ProductArn: ours.ProductArn.replaceAll('1111', '9999') },
      { ...ours, Id: 'of another product', GeneratorId: 'security-control/CloudTrail.2' },
      { ...ours, Id: 'of another organization', ProductFields: { 'trailseal/OrganizationId': 'o-2' } },
      { ...ours, Id: 'without an organization', ProductFields: undefined },
      { ...ours, Id: 'archived', RecordState: 'ARCHIVED' },
    ];
    const { access, calls } = hub(({ input }) => ({
      body: input.NextToken
        ? { Findings: [{ ...ours, Id: 'b' }], NextToken: '' }
        : { Findings: [{ ...ours, Id: 'a', Title: 'T', ProcessedAt: 'by Security Hub' }, ...others], NextToken: '2' },
    }));
    const found = await asked(access);
    expect([...found.keys()]).toEqual(['a', 'b']);
    expect(found.get('a')).toMatchObject({ Title: 'T', ProductFields: ours.ProductFields });
    expect(found.get('a')).not.toHaveProperty('ProcessedAt');
    expect(calls.map(({ region, input }) => [region, input.Filters])).toEqual(
      [1, 2].map(() => [
        'eu-west-1',
        {
          ProductArn: [{ Value: ours.ProductArn, Comparison: 'EQUALS' }],
          GeneratorId: [{ Value: 'trailseal/', Comparison: 'PREFIX' }],
          ProductFields: [{ Key: 'trailseal/OrganizationId', Value: 'o-1', Comparison: 'EQUALS' }],
          RecordState: [{ Value: 'ACTIVE', Comparison: 'EQUALS' }],
        },
      ]),
    );
  });

  test('may be denied, which is said', async () => {
    const { access } = hub(() => refused('AccessDeniedException', 403));
    await expect(asked(access)).rejects.toThrow(/may not read findings .* need securityhub:GetFindings/);
  });
});
