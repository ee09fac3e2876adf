import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CONTROL_IDS } from '../../../functions/domain/controls/catalogue.ts';
import { FRAMEWORKS } from '../../../functions/domain/frameworks/catalogue.ts';
import { decides, evidenceOf, type Framework } from '../../../functions/domain/frameworks/framework.ts';
import { frameworkResults, noCounts, type StatusCounts } from '../../../functions/domain/frameworks/results.ts';

const framework = (id: string): Framework => {
  const found = FRAMEWORKS.find((f) => f.id === id);
  if (!found) throw new Error(id);
  return found;
};
const pci = framework('pci-dss-4.0.1');
const counts = (by: Record<string, Partial<StatusCounts>>) =>
  new Map(Object.entries(by).map(([id, c]) => [id, { ...noCounts(), ...c }]));
const outcome = (requirementId: string, input: Partial<Parameters<typeof frameworkResults>[0]>) =>
  frameworkResults({ framework: pci, counts: new Map(), runStatus: 'COMPLETE', ...input }).requirements.find(
    (r) => r.requirementId === requirementId,
  );

describe('frameworkResults', () => {
  it.each([
    ['SUPPORTED', { PASS: 3 }, {}],
    ['SUPPORTED', { PASS: 3, NOT_APPLICABLE: 1 }, {}],
    ['NOT_SUPPORTED', { PASS: 3, FAIL: 1 }, {}],
    ['NOT_SUPPORTED', { FAIL: 1, UNVERIFIED: 1, WAIVED: 1 }, { runStatus: 'PARTIAL' as const }],
    ['INCONCLUSIVE', { PASS: 3, UNVERIFIED: 1 }, {}],
    ['INCONCLUSIVE', { PASS: 3 }, { runStatus: 'PARTIAL' as const }],
    ['INCONCLUSIVE', { PASS: 3 }, { unverifiedTargets: 1 }],
    ['INCONCLUSIVE', {}, { runStatus: 'PARTIAL' as const }],
    ['INCONCLUSIVE', { UNVERIFIED: 1, WAIVED: 1 }, {}],
    ['WAIVED', { PASS: 3, WAIVED: 1 }, {}],
    ['NO_EVIDENCE', { NOT_APPLICABLE: 2 }, {}],
    ['NO_EVIDENCE', {}, {}],
  ])('says %s for %j %j', (expected, trail, more) => {
    const result = outcome('10.3.4', { counts: counts({ 'trail-log-validation': trail }), ...more });
    expect(result?.outcome).toBe(expected);
    expect(result?.summary).not.toMatch(/compliant|10\.3\.4: |requirement (passe[ds]|is met)/i);
  });

  it.each([
    ['pci-dss-4.0.1', '10.3.4'],
    ['pci-dss-4.0.1', '10.3.2'],
    ['hipaa-security-rule', '164.312(c)(2)'],
    ['nist-800-53-r5', 'SI-7(6)'],
    ['nist-800-53-r5', 'AU-9(3)'],
  ])('of %s, %s does not fail for a missing key: validation decides it', (id, requirementId) => {
    const result = (validation: Partial<StatusCounts>, key: Partial<StatusCounts>) =>
      frameworkResults({
        framework: framework(id),
        counts: counts({ 'trail-log-validation': validation, 'trail-kms-encrypted': key }),
        runStatus: 'COMPLETE',
      }).requirements.find((r) => r.requirementId === requirementId);
    const unkeyed = result({ PASS: 2 }, { FAIL: 2 });
    expect(unkeyed).toMatchObject({ outcome: 'SUPPORTED', counts: { PASS: 2, FAIL: 2 } });
    expect(unkeyed?.summary).toBe(
      'Supported by 2 findings that pass. Also: 2 findings of checks that only support it fail.',
    );
    expect(unkeyed?.controls.filter((c) => c.decides).map((c) => c.id)).toContain('trail-log-validation');
    expect(result({ FAIL: 1 }, { PASS: 2 })?.outcome).toBe('NOT_SUPPORTED');
    expect(result({ PASS: 2 }, { UNVERIFIED: 1, WAIVED: 1 })?.outcome).toBe('SUPPORTED');
    expect(result({}, { PASS: 2 })?.outcome).toBe('NO_EVIDENCE');
  });

  it('has no evidence for what no control judges, whatever the run', () => {
    const { requirements, ...rest } = framework('cis-aws-7.0');
    const cis = { ...rest, requirements: requirements.map((r) => (r.id === '4.4' ? { ...r, support: [] } : r)) };
    const failing = counts({ 'trail-kms-encrypted': { FAIL: 1 } });
    for (const runStatus of ['COMPLETE', 'PARTIAL'] as const) {
      const result = frameworkResults({ framework: cis, counts: failing, runStatus, unverifiedTargets: 3 });
      expect(result.requirements.find((r) => r.requirementId === '4.4')).toMatchObject({
        outcome: 'NO_EVIDENCE',
        controls: [],
        summary: 'No evidence: no control judges it.',
      });
    }
  });

  it('counts account-data requirements only where account data is said to be in scope', () => {
    const failing = counts({ 'trail-key-rotation': { FAIL: 1 } });
    expect(outcome('3.7.4', { counts: failing })?.outcome).toBe('OUT_OF_SCOPE');
    expect(outcome('3.7.4', { counts: failing, accountDataInScope: true })?.outcome).toBe('NOT_SUPPORTED');
  });

  it('reports what only vendors map, and counts it apart', () => {
    const hipaa = framework('hipaa-security-rule');
    const result = frameworkResults({
      framework: hipaa,
      counts: counts({ 'trail-kms-encrypted': { FAIL: 1 } }),
      runStatus: 'COMPLETE',
    });
    const vendor = result.requirements.find((r) => r.requirementId === '164.312(e)(2)(ii)');
    expect(vendor).toMatchObject({ outcome: 'INCONCLUSIVE', vendorMappingOnly: true });
    expect(vendor?.summary).toBe(
      'Inconclusive. Only vendors map this requirement; it is counted apart. No check decides it: 1 finding of checks that only support it fails.',
    );
    expect(Object.values(result.outcomes).reduce((a, b) => a + b, 0)).toBe(hipaa.requirements.length - 1);
  });

  it('says what else it asks, which controls judged nothing, and the disclaimer', () => {
    const result = frameworkResults({
      framework: pci,
      counts: counts({ 'region-recorded': { PASS: 34 } }),
      runStatus: 'COMPLETE',
    });
    const recorded = result.requirements.find((r) => r.requirementId === '10.2.1');
    expect(recorded).toMatchObject({
      outcome: 'SUPPORTED',
      withoutEvidence: ['trail-delivering', 'bucket-access-logged', 'trail-monitored'],
    });
    expect(recorded?.summary).toBe('Supported by 34 findings that pass.');
    expect(recorded?.notEvidenced).toContain('data events');
    expect(result.disclaimer).toContain('do not by themselves ensure compliance');
  });

  it('never lets more failures, doubts or waivers improve an outcome', () => {
    const rank = { NOT_SUPPORTED: 0, INCONCLUSIVE: 1, WAIVED: 2, NO_EVIDENCE: 3, SUPPORTED: 4, OUT_OF_SCOPE: 5 };
    const status = fc.record({
      PASS: fc.nat(3),
      FAIL: fc.nat(1),
      UNVERIFIED: fc.nat(1),
      NOT_APPLICABLE: fc.nat(1),
      WAIVED: fc.nat(1),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...FRAMEWORKS),
        fc.dictionary(fc.constantFrom(...CONTROL_IDS), status),
        fc.constantFrom(...CONTROL_IDS),
        fc.constantFrom('FAIL' as const, 'UNVERIFIED' as const, 'WAIVED' as const),
        fc.boolean(),
        (chosen, found, worse, how, accountDataInScope) => {
          const before = new Map(Object.entries(found));
          const after = new Map(before);
          const had = before.get(worse) ?? noCounts();
          after.set(worse, { ...had, [how]: had[how] + 1 });
          const run = (c: Map<string, StatusCounts>) =>
            frameworkResults({ framework: chosen, counts: c, runStatus: 'COMPLETE', accountDataInScope }).requirements;
          const [a, b] = [run(before), run(after)];
          for (const [i, requirement] of chosen.requirements.entries()) {
            const was = a[i]?.outcome ?? 'SUPPORTED';
            const is = b[i]?.outcome ?? 'SUPPORTED';
            expect(rank[is]).toBeLessThanOrEqual(rank[was]);
            const deciding = evidenceOf(requirement).filter((control) => decides(requirement, control));
            const bearing = deciding.length > 0 ? deciding : evidenceOf(requirement);
            if (!bearing.includes(worse)) expect(is).toBe(was);
            if (deciding.length === 0) expect(is).not.toBe('NOT_SUPPORTED');
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('requirements that ask for a bucket that is not public', () => {
  it.each([
    ['cis-aws-2.0', '3.3'],
    ['cis-aws-1.2', '2.3'],
    ['pci-dss-4.0.1', '10.3.1'],
  ])('of %s, %s does not fail for a bucket that is only not versioned', (id, requirementId) => {
    const found = (publicBlocked: boolean) =>
      frameworkResults({
        framework: framework(id),
        counts: counts({
          'bucket-protected': { FAIL: 1 },
          'bucket-not-public': publicBlocked ? { PASS: 1 } : { FAIL: 1 },
          'trail-key-policy': { PASS: 1 },
        }),
        runStatus: 'COMPLETE',
      }).requirements.find((r) => r.requirementId === requirementId)?.outcome;
    expect([found(true), found(false)]).toEqual(['SUPPORTED', 'NOT_SUPPORTED']);
  });
});
