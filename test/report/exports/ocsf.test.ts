import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ocsfFinding, ocsfLines } from '../../../functions/report/exports/ocsf.ts';
import { coverageRow, findingRow, runRow } from '../tables/sample-rows.ts';
import { EXPORTED, FINDINGS } from './hostile-findings.ts';

const schema = JSON.parse(
  readFileSync(new URL('schemas/ocsf-1.8.0-compliance_finding.schema.json', import.meta.url), 'utf8'),
) as object;
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
const RUN = runRow({ organization_id: 'o-abcde12345' });

const text = async (chunks: AsyncIterable<string>): Promise<string> => {
  let all = '';
  for await (const chunk of chunks) all += chunk;
  return all;
};

describe('OCSF', () => {
  it.each(FINDINGS.map((f) => [f.finding_id, f] as const))('is valid by the schema of 1.8.0: %s', (_, finding) => {
    for (const run of [RUN, runRow({ organization_id: null, status: 'PARTIAL' })]) {
      const event = ocsfFinding(finding, run);
      validate(JSON.parse(JSON.stringify(event)));
      expect(validate.errors).toBeNull();
    }
  });

  it('would be told of an attribute that OCSF does not have', () => {
    expect(validate({ ...ocsfFinding(findingRow(), RUN), nonsense: 1 })).toBe(false);
    expect(validate({ ...ocsfFinding(findingRow(), RUN), time: '2026' })).toBe(false);
  });

  it.each([
    ['PASS', { status_id: 1 }, undefined, 1],
    ['UNVERIFIED', { status_id: 2 }, 1, 4],
    ['FAIL', { status_id: 3 }, 1, 4],
    ['WAIVED', { status_id: 3 }, 3, 4],
    ['NOT_APPLICABLE', { status_id: 99 }, undefined, 1],
  ] as const)('%s is %j', (status, compliance, lifecycle, severity) => {
    const event = ocsfFinding(findingRow({ status }), RUN);
    expect(event.compliance).toMatchObject(compliance);
    expect([event.status_id, event.severity_id]).toEqual([lifecycle, severity]);
  });

  it.each([
    ['the run saw it first', 1, 1, 'Create'],
    ['an earlier run had seen it', -1, 2, 'Update'],
    ['it is met', null, 1, 'Create'],
  ] as const)('is a new event or an update: %s', (_, offset, id, name) => {
    const first = offset === null ? null : new Date(Date.parse(RUN.started_at) + offset).toISOString();
    const event = ocsfFinding(findingRow({ status: offset === null ? 'PASS' : 'FAIL', first_seen_at: first }), RUN);
    expect(event).toMatchObject({
      activity_id: id,
      activity_name: name,
      type_uid: 200300 + id,
      type_name: `Compliance Finding: ${name}`,
    });
    validate(JSON.parse(JSON.stringify(event)));
    expect(validate.errors).toBeNull();
  });

  it('closes what was not met in the run before and is met now, targets too, and updates what was there', async () => {
    const [met, kept, fresh] = ['was-open', 'was-there', 'is-new'];
    const before = new Map([
      [met, true],
      [kept, false],
    ]);
    const findings = [met, kept, fresh].map((finding_id) =>
      findingRow({
        finding_id,
        status: 'PASS',
        resource_type: finding_id === met ? 'target' : 'trail',
        first_seen_at: null,
      }),
    );
    const events = (await text(ocsfLines({ findings, run: RUN, before })))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map((event) => [event.activity_name, event.status_id, event.status])).toEqual([
      ['Close', 4, 'Resolved'],
      ['Update', undefined, undefined],
      ['Create', undefined, undefined],
    ]);
    for (const event of events) {
      validate(event);
      expect(validate.errors).toBeNull();
    }
  });

  it.each([
    ['closes what is gone', { state: 'SCANNED' }, {}, true],
    ['leaves open what is in an account that refused', { state: 'ACCOUNT_INACTIVE' }, {}, false],
    ['leaves open what a narrowed run did not look at', { state: 'SCANNED' }, { scope: 'FILTERED' }, false],
    ['leaves open what a PARTIAL run did not find', { state: 'SCANNED' }, { status: 'PARTIAL' }, false],
  ] as const)('%s', async (_, coverage, run, isClosed) => {
    const [here, gone, passed] = ['here', 'gone', 'passed'].map((finding_id) => findingRow({ finding_id }));
    if (!here || !gone || !passed) throw new Error('no rows');
    const lines = await text(
      ocsfLines({
        run: { ...RUN, status: 'COMPLETE', ...run },
        findings: [here],
        before: new Map([
          ['here', true],
          ['gone', true],
          ['passed', false],
        ]),
        earlier: () => [here, gone, passed],
        coverage: () => [coverageRow({ account_id: gone.account_id ?? '', region: gone.region ?? '', ...coverage })],
      }),
    );
    const events = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.map((event) => [(event.finding_info as { uid: string }).uid, event.status])).toEqual([
      ['here', 'New'],
      ...(isClosed ? [['gone', 'Resolved']] : []),
    ]);
    for (const event of events) {
      validate(event);
      expect(validate.errors).toBeNull();
    }
  });

  it('names the account, the organization, the requirements that hold without a condition, and the fix', () => {
    const event = ocsfFinding(findingRow(), RUN);
    expect(event.cloud).toMatchObject({
      provider: 'AWS',
      account: { uid: '111111111111' },
      org: { uid: 'o-abcde12345' },
    });
    const { requirements, standards } = event.compliance as { requirements: string[]; standards: string[] };
    // A missing key fails no requirement to protect logs from modification, nor one that nobody is audited by any more.
    expect(requirements).toContain('PCI DSS 4.0.1/10.3.2 (supports)');
    expect(requirements).toContain('NIST SP 800-53 Revision 5/AU-9');
    expect(requirements).toContain('CIS Amazon Web Services Foundations Benchmark 1.4.0/3.7 (superseded)');
    expect(requirements).not.toContain('PCI DSS 4.0.1/3.5.1');
    expect(standards).toContain('pci-dss-4.0.1');
    expect(standards.filter((id) => /pci-dss-3|cis-aws-1/.test(id))).toEqual([]);
    expect(event.remediation).toEqual({ desc: 'Create one key and set it on the trail.' });
  });

  it('is a line for each finding, without control characters, and without targets that pass unless asked for', async () => {
    const lines = (await text(ocsfLines({ findings: FINDINGS, run: RUN }))).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { finding_info: { uid: string } }).finding_info.uid)).toEqual(
      EXPORTED,
    );
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const all = await text(ocsfLines({ findings: FINDINGS, run: RUN, options: { allTargets: true } }));
    expect(all.trimEnd().split('\n')).toHaveLength(FINDINGS.length);
  });
});
