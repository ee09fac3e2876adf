import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { junitXml } from '../../../functions/report/exports/junit.ts';
import { ocsfLines } from '../../../functions/report/exports/ocsf.ts';
import { oscalJson } from '../../../functions/report/exports/oscal.ts';
import { sarifJson } from '../../../functions/report/exports/sarif.ts';
import { runRow } from '../tables/sample-rows.ts';
import { FINDINGS } from './hostile-findings.ts';

/** A Python with `compliance-trestle==5.2.0 py-ocsf-models==0.10.0 jsonschema==4.26.0 xmlschema==4.3.2`: none of them was written here. */
const PYTHON = process.env.TRAILSEAL_EXPORT_READERS ?? 'python3';
const python = (script: string, ...given: string[]) =>
  spawnSync(PYTHON, ['-c', script, ...given], { encoding: 'utf8', timeout: 60_000 });
const isInstalled = python('import trestle, py_ocsf_models, jsonschema, xmlschema').status === 0;
const describeWithReaders = isInstalled || process.env.TRAILSEAL_CI === '1' ? describe : describe.skip;

const folder = mkdtempSync(join(tmpdir(), 'export-readers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const whole = async (chunks: AsyncIterable<string>): Promise<string> => {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
};
/** All of them were open: what is met now is closed. */
const OPEN_BEFORE = new Map(FINDINGS.map(({ finding_id }) => [finding_id, true]));
const RUNS = [runRow({ organization_id: 'o-abcde12345' }), runRow({ organization_id: null, status: 'PARTIAL' })];

describeWithReaders('the exports, read by others', () => {
  const TRESTLE = `
import pathlib, sys
from trestle.oscal.assessment_plan import AssessmentPlan
from trestle.oscal.assessment_results import AssessmentResults
model = {'results': AssessmentResults, 'plan': AssessmentPlan}[sys.argv[1]]
read = model.oscal_read(pathlib.Path(sys.argv[2]))
chosen = (read.results[0] if sys.argv[1] == 'results' else read).reviewed_controls.control_selections
print(sum(len(c.include_controls) for c in chosen))`;

  it('compliance-trestle reads the assessment results, and the assessment plan in them', async () => {
    for (const run of RUNS) {
      const text = await whole(oscalJson({ findings: () => FINDINGS, run }));
      const results = python(TRESTLE, 'results', file('results.json', text));
      expect(results).toMatchObject({ status: 0, stderr: '' });
      const plan = Buffer.from(
        JSON.parse(text)['assessment-results']['back-matter'].resources[0].base64.value,
        'base64',
      ).toString();
      expect(python(TRESTLE, 'plan', file('plan.json', plan))).toMatchObject({ status: 0, stdout: results.stdout });
      expect(Number(results.stdout)).toBeGreaterThan(20);
    }
    const wrong = file('wrong.json', '{"assessment-results":{"uuid":"x"}}');
    expect(python(TRESTLE, 'results', wrong).status).not.toBe(0);
  }, 120_000);

  const OCSF = `
import json, sys
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
for line in open(sys.argv[1], encoding='utf8'):
    ComplianceFinding(**json.loads(line))
    print('event')`;

  it('py-ocsf-models reads every event', async () => {
    for (const run of RUNS) {
      const text = await whole(ocsfLines({ findings: FINDINGS, run, before: OPEN_BEFORE }));
      const read = python(OCSF, file('events.ndjson', text));
      expect(read).toMatchObject({ status: 0, stderr: '' });
      expect(read.stdout.trim().split('\n')).toHaveLength(text.trim().split('\n').length);
    }
    expect(python(OCSF, file('wrong.ndjson', '{"activity_id":77}\n')).status).not.toBe(0);
  }, 120_000);

  const SCHEMA = `
import json, jsonschema, sys
schema = json.load(open(sys.argv[1], encoding='utf8'))
validator = jsonschema.validators.validator_for(schema)(schema)
for line in open(sys.argv[2], encoding='utf8'):
    validator.validate(json.loads(line))`;
  const schemas = new URL('schemas/', import.meta.url);

  it('jsonschema accepts every event, and refuses one that is none', async () => {
    const schema = new URL('ocsf-1.8.0-compliance_finding.schema.json', schemas).pathname;
    for (const run of RUNS) {
      const events = file('events.ndjson', await whole(ocsfLines({ findings: FINDINGS, run, before: OPEN_BEFORE })));
      expect(python(SCHEMA, schema, events)).toMatchObject({ status: 0, stderr: '' });
    }
    expect(python(SCHEMA, schema, file('wrong.ndjson', '{"time":"x"}\n')).status).not.toBe(0);
  }, 120_000);

  it('jsonschema accepts the SARIF log, and refuses one that is none', async () => {
    const schema = new URL('sarif-2.1.0-rtm.5.schema.json', schemas).pathname;
    for (const run of RUNS) {
      const log = await whole(
        sarifJson({
          findings: (async function* () {
            yield* FINDINGS;
          })(),
          run,
        }),
      );
      expect(python(SCHEMA, schema, file('log.sarif', JSON.stringify(JSON.parse(log))))).toMatchObject({
        status: 0,
        stderr: '',
      });
      const wrong = file('wrong.sarif', JSON.stringify(JSON.parse(log.replace('"ruleId"', '"rule"'))));
      expect(python(SCHEMA, schema, wrong).status).not.toBe(0);
    }
  }, 120_000);

  const XSD = `
import sys, xmlschema
xmlschema.XMLSchema(sys.argv[1]).validate(sys.argv[2])`;

  it('xmlschema accepts the JUnit report as Jenkins reads it, and refuses one that is none', async () => {
    // Since then Jenkins reads why a test was skipped from its message, as it does of failures.
    const skipped = '<xs:element name="skipped" type="xs:string"/>';
    const published = readFileSync(new URL('jenkins-junit.xsd', schemas), 'utf8');
    expect(published).toContain(skipped);
    const attribute = '<xs:complexType><xs:attribute name="message" type="xs:string"/></xs:complexType>';
    const schema = file(
      'junit.xsd',
      published.replace(skipped, `<xs:element name="skipped">${attribute}</xs:element>`),
    );
    for (const run of RUNS) {
      const findings = async function* () {
        yield* FINDINGS;
      };
      const report = await whole(junitXml({ findings, run, options: { allTargets: true } }));
      expect(python(XSD, schema, file('report.xml', report))).toMatchObject({ status: 0, stderr: '' });
      const wrong = file('wrong.xml', report.replace('<testcase', '<case').replace('</testcase', '</case'));
      expect(python(XSD, schema, wrong).status).not.toBe(0);
    }
  }, 120_000);
});
