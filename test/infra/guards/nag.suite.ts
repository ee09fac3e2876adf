import { describe, expect, test } from '@jest/globals';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, type NagPack, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { SETTINGS_IN_FULL } from '../settings-in-full.ts';
import { builtAgain } from '../synthesized.ts';

const PACKS = [AwsSolutionsChecks, NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks];

/** `rule | construct path` for every resource that a pack objects to. */
const findings = (app: IConstruct, ignoreAcknowledgements: boolean): string[] =>
  PACKS.flatMap((Pack) => {
    const pack: NagPack = new Pack(app);
    if (ignoreAcknowledgements) Object.defineProperty(pack, 'isAcknowledged', { value: () => false });
    return pack
      .validateScope(app)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => `${ruleName} | ${constructPath}`),
      );
  });

const acknowledgements = (app: IConstruct) =>
  app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) =>
        Object.entries(data as Record<string, string>).map(([id, reason]) => ({
          path: construct.node.path,
          id: id.replace(/^annotation::/i, ''),
          reason,
        })),
      ),
  );

describe.each([
  ['the default settings', {}],
  ['every option turned on', SETTINGS_IN_FULL],
])('cdk-nag, with %s', (_, settings) => {
  const { app } = builtAgain(settings);
  const raw = findings(app, true);

  test('the packs look at this app at all', () => {
    expect(raw.length).toBeGreaterThan(20);
  });

  test('AwsSolutions, NIST 800-53 r5, HIPAA and PCI DSS object to nothing that is not answered for', () => {
    expect(findings(app, false)).toEqual([]);
  });

  test('every answer has a reason, and is given close to what it is about', () => {
    for (const { path, id, reason } of acknowledgements(app)) {
      expect(`${id} ${reason}`).toMatch(/^\S{8,} \S.{30,}\.$/);
      // Not on a stack or the app, where it would cover what is added tomorrow.
      expect(path.split('/').length).toBeGreaterThan(1);
    }
  });
});

test('no answer is left over from something that is gone', () => {
  const answered = [{}, SETTINGS_IN_FULL].map((settings) => {
    const { app } = builtAgain(settings);
    const raw = findings(app, true);
    return acknowledgements(app).map(({ path, id }) => ({
      answer: `${id} | ${path}`,
      isNeeded: raw.some((finding) => finding.startsWith(`${id} | ${path}`)),
    }));
  });
  const needed = new Set(answered.flat().flatMap(({ answer, isNeeded }) => (isNeeded ? [answer] : [])));
  expect(
    answered
      .flat()
      .map(({ answer }) => answer)
      .filter((answer) => !needed.has(answer)),
  ).toEqual([]);
});
