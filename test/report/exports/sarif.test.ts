import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { controlById } from '../../../functions/domain/controls/catalogue.ts';
import { sarifJson } from '../../../functions/report/exports/sarif.ts';
import { runRow } from '../tables/sample-rows.ts';
import { FINDINGS } from './hostile-findings.ts';

// Of draft 4 it uses nothing that later drafts read otherwise, but for the name of its own id.
const {
  id: _,
  $schema: __,
  ...schema
} = JSON.parse(readFileSync(new URL('schemas/sarif-2.1.0-rtm.5.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
(addFormats as unknown as (a: Ajv) => void)(ajv);
const validate = ajv.compile(schema);

it.each([runRow(), runRow({ status: 'PARTIAL' })])('is what the JSON schema of SARIF 2.1.0 asks for', async (run) => {
  const findings = async function* () {
    yield* FINDINGS;
  };
  let text = '';
  for await (const chunk of sarifJson({ findings: findings(), run })) text += chunk;
  expect([validate(JSON.parse(text)), validate.errors]).toEqual([true, null]);
  // GitHub sorts by a number; what a later version judged has no rule here.
  const [{ tool, results }] = JSON.parse(text).runs;
  const rules = new Map(tool.driver.rules.map((rule: { id: string }) => [rule.id, rule]));
  expect(results.length).toBeGreaterThan(4);
  for (const { ruleId } of results) {
    if (controlById(ruleId) === undefined) continue;
    const rule = rules.get(ruleId) as { properties: { 'security-severity': string } };
    expect(Number(rule.properties['security-severity'])).toBeGreaterThan(0);
  }
  const wrong = JSON.parse(text);
  wrong.runs[0].results[0].level = 'critical';
  expect(validate(wrong)).toBe(false);
});
