import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { oscalJson } from '../../../functions/report/exports/oscal.ts';
import { uuidOf } from '../../../functions/report/exports/uuid.ts';
import type { FindingRow, RunRow } from '../../../functions/report/tables/columns.ts';
import { findingRow, runRow } from '../tables/sample-rows.ts';
import { FINDINGS } from './hostile-findings.ts';

const schema = JSON.parse(
  readFileSync(new URL('schemas/oscal-1.1.3-assessment-results.schema.json', import.meta.url), 'utf8'),
) as object;
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: true });
(addFormats as unknown as (a: Ajv) => void)(ajv);
const validate = ajv.compile(schema);

interface Oscal {
  'assessment-results': {
    'import-ap': { href: string };
    'back-matter': { resources: { uuid: string; base64: { value: string } }[] };
    results: {
      'reviewed-controls': {
        'control-selections': { description: string; 'include-controls': { 'control-id': string }[] }[];
      };
      observations?: { uuid: string; props: { name: string; value: string }[] }[];
      findings?: {
        uuid: string;
        target: { 'target-id': string; status: { state: string; reason: string; remarks: string } };
        'related-observations': { 'observation-uuid': string }[];
      }[];
      props: { name: string; value: string }[];
      description: string;
    }[];
  };
}

async function document(findings: readonly FindingRow[], run: RunRow = runRow()): Promise<Oscal> {
  let text = '';
  for await (const chunk of oscalJson({ findings: () => findings, run })) text += chunk;
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  return JSON.parse(text) as Oscal;
}

describe('OSCAL', () => {
  it.each([
    ['every kind of finding', FINDINGS, runRow()],
    [
      'a partial run of a part',
      FINDINGS,
      runRow({ status: 'PARTIAL', scope: 'FILTERED', scope_filter: ' --ou \n x ' }),
    ],
    ['no finding at all', [], runRow({ organization_id: null, manifest_sha256: null })],
  ])('is valid by the schema of 1.1.3: %s', async (_, findings, run) => {
    validate(await document(findings, run));
    expect(validate.errors).toBeNull();
  });

  it('would be told of what the schema does not allow', async () => {
    const made = await document(FINDINGS);
    const [result] = made['assessment-results'].results;
    if (result) result.findings = [];
    expect(validate(made)).toBe(false);
  });

  it('leaves targets that pass to the coverage table, and gives what does not apply no finding', async () => {
    const [result] = (await document(FINDINGS))['assessment-results'].results;
    const ids = (name: string) =>
      result?.observations?.flatMap((o) => o.props.filter((p) => p.name === name).map((p) => p.value)) ?? [];
    expect(result?.observations).toHaveLength(FINDINGS.length - 1);
    expect(ids('resource-arn')).toContain('333333333333/eu-west-1');
    expect(ids('resource-arn')).not.toContain('444444444444/eu-west-1');
    expect(result?.findings).toHaveLength(FINDINGS.length - 2);
    const observed = new Set(result?.observations?.map((o) => o.uuid));
    for (const finding of result?.findings ?? []) {
      expect(observed.has(finding['related-observations'][0]?.['observation-uuid'] ?? '')).toBe(true);
    }
  });

  it.each([
    ['PASS', 'satisfied', 'pass'],
    ['FAIL', 'not-satisfied', 'fail'],
    ['UNVERIFIED', 'not-satisfied', 'other'],
    ['WAIVED', 'not-satisfied', 'other'],
  ] as const)('%s is %s', async (status, state, reason) => {
    const waiver = { waiver_id: 'w-1', waived_by: 'Ann', waived_until: '2026-12-31T23:59:59.999Z' };
    const [result] = (await document([findingRow({ status, ...(status === 'WAIVED' ? waiver : {}) })]))[
      'assessment-results'
    ].results;
    const target = result?.findings?.[0]?.target;
    expect(target).toMatchObject({ 'target-id': 'trail-kms-encrypted', status: { state, reason } });
    if (status === 'WAIVED')
      expect(target?.status.remarks).toContain('Waived by Ann until 2026-12-31 (w-1); a waived finding does not pass.');
    if (status === 'UNVERIFIED') expect(target?.status.remarks).toContain('never counts as a pass');
  });

  it('is the same document for the same run, and says when the run is PARTIAL', async () => {
    const run = runRow({ status: 'PARTIAL' });
    expect(await document(FINDINGS, run)).toEqual(await document(FINDINGS, run));
    expect((await document(FINDINGS, run))['assessment-results'].results[0]?.description).toContain(
      'not everything could be looked at',
    );
  });

  it('imports an assessment plan that is in it, and that names what was reviewed', async () => {
    const made = (await document(FINDINGS))['assessment-results'];
    const [resource] = made['back-matter'].resources;
    expect(made['import-ap'].href).toBe(`#${resource?.uuid}`);
    const { 'assessment-plan': plan } = JSON.parse(Buffer.from(resource?.base64.value ?? '', 'base64').toString());
    expect(plan['import-ssp'].href).toBe(`#${plan['back-matter'].resources[0].uuid}`);
    const selected = (of: Oscal['assessment-results']['results'][number]['reviewed-controls'] | undefined) =>
      of?.['control-selections'].map((s) => s['include-controls']);
    expect(selected(plan['reviewed-controls'])).toEqual(selected(made.results[0]?.['reviewed-controls']));
  });

  it("selects the controls of NIST's catalogues by the ids that they have there", async () => {
    const [result] = (await document(FINDINGS))['assessment-results'].results;
    const ids = (framework: string) =>
      result?.['reviewed-controls']['control-selections']
        .find((s) => s.description === framework)
        ?.['include-controls'].map((c) => c['control-id']);
    expect(ids('NIST SP 800-53 Revision 5')).toEqual(expect.arrayContaining(['au-9', 'au-9.3', 'sc-12.2', 'sc-28.1']));
    // Only vendors map this one.
    expect(ids('NIST SP 800-53 Revision 5')).not.toContain('ca-9.1');
    expect(ids('NIST SP 800-171 Revision 3')).toContain('SP_800_171_03.03.08');
    // Withdrawn.
    expect(ids('NIST SP 800-53 Revision 4')).toBeUndefined();
  });

  it('reads the rows twice and holds none of them', async () => {
    let open = 0;
    let read = 0;
    async function* rows() {
      open += 1;
      for (let i = 0; i < 1_000; i++) {
        read += 1;
        yield findingRow({ finding_id: `f-${i}` });
      }
    }
    let behind = 0;
    for await (const chunk of oscalJson({ findings: rows, run: runRow() })) behind = Math.max(behind, chunk.length);
    expect([open, read]).toEqual([2, 2_000]);
    expect(behind).toBeLessThan(256_000);
  });
});

it('uuidOf makes version 5 UUIDs that differ by name', () => {
  expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuidOf('a')).toBe(uuidOf('a'));
  expect(uuidOf('a')).not.toBe(uuidOf('b'));
});
