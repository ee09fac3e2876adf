import { describe, expect, it } from '@jest/globals';
import { parsePolicy } from '../../../../functions/domain/policy/document.ts';
import { evaluatePolicy } from '../../../../functions/domain/policy/evaluate.ts';
import { keyPolicyAssessment } from '../../../../functions/domain/policy/key-policy-assessment.ts';
import type { TrailSubject } from '../../../../functions/domain/remediation/decide/subject.ts';
import { trailKeyPolicy } from '../../../../functions/domain/remediation/policies/key-policy.ts';
import { remediations } from '../../../../functions/domain/remediation/remediate.ts';
import { PROBLEMS } from '../problems.ts';
import { KEY_ARN, LOG_ARCHIVE, MANAGEMENT, trailOf } from '../subjects.ts';

const OUTSIDER = '999900001111';
const CONTEXT = 'kms:encryptioncontext:aws:cloudtrail:arn';

const assess = (policyText: string, trail: TrailSubject, keyArn: string) =>
  keyPolicyAssessment({
    policyText,
    keyArn,
    partition: trail.partition,
    trails: [{ trailArn: trail.trailArn, ownerAccountId: trail.ownerAccountId }],
    organizationId: trail.organizationId,
  });

/** What the policy says to a principal of an account, with or without the encryption context that logs carry. */
function decrypt(policyText: string, accountId: string, context: string | null): string {
  const parsed = parsePolicy(policyText);
  if (!parsed.ok) throw new Error(parsed.detail);
  return evaluatePolicy(parsed.document, {
    caller: { kind: 'AWS', arn: `arn:aws:iam::${accountId}:role/reader` } as never,
    action: 'kms:Decrypt',
    resourceArn: KEY_ARN,
    context: (key) => (key === CONTEXT ? [context === null ? null : [context]] : undefined),
  }).decision;
}

describe('the key policy', () => {
  const made = Object.entries(PROBLEMS).flatMap(([name, { problem }]) => {
    if (problem.problem !== 'trail') return [];
    const [found] = [...remediations({ problems: [problem], format: 'aws-cli' })];
    const keys = found?.ok ? found.plan.changes.flatMap((c) => (c.do === 'create-key' ? [c.key] : [])) : [];
    return keys.length === 0 ? [] : [[name, problem.trail, keys] as const];
  });

  it.each(made)('of a new key lets CloudTrail in for this trail, and nobody else: %s', (_, trail, keys) => {
    for (const key of keys) {
      const keyArn = `arn:${key.partition}:kms:${key.region}:${key.accountId}:key/11111111-2222-3333-4444-555555555555`;
      const policy = JSON.stringify(key.policy);
      const own = assess(policy, trail, keyArn);
      expect(own).toMatchObject({ status: 'PASS', allowsCloudTrail: true });
      expect(own.uses[0]).toMatchObject({ verdict: 'YES', scoped: 'YES', describeKey: 'YES', decrypt: 'YES' });
      for (const outsider of [
        { ownerAccountId: OUTSIDER },
        { trailName: 'another-trail' },
        { homeRegion: 'ap-southeast-2' },
      ]) {
        const other = trailOf({ partition: trail.partition, ...outsider });
        expect(assess(policy, other, keyArn).allowsCloudTrail).toBe(false);
      }
    }
  });

  it('of 250 trails names them one by one, within 32 KB', () => {
    const trails = Array.from({ length: 250 }, (_, i) => trailOf({ ownerAccountId: String(100_000_000_000 + i) }));
    const policy = JSON.stringify(
      trailKeyPolicy({
        partition: 'aws',
        keyAccountId: LOG_ARCHIVE,
        trails,
        organizationId: null,
        readerAccountIds: [LOG_ARCHIVE],
      }),
    );
    const [first] = trails;
    if (!first) throw new Error('no trail');
    expect(assess(policy, first, KEY_ARN)).toMatchObject({ status: 'PASS', allowsCloudTrail: true });
    expect(assess(policy, trailOf({ ownerAccountId: OUTSIDER }), KEY_ARN).allowsCloudTrail).toBe(false);
  });

  it('lets the readers decrypt logs and nothing else, and no outsider anything', () => {
    const trail = trailOf();
    const policy = JSON.stringify(
      trailKeyPolicy({
        partition: 'aws',
        keyAccountId: MANAGEMENT,
        trails: [trail],
        organizationId: null,
        readerAccountIds: [MANAGEMENT, LOG_ARCHIVE],
      }),
    );
    expect(decrypt(policy, LOG_ARCHIVE, trail.trailArn)).toBe('ALLOWED');
    expect(decrypt(policy, LOG_ARCHIVE, null)).toBe('DENIED');
    expect(decrypt(policy, OUTSIDER, trail.trailArn)).toBe('DENIED');
    expect(policy).not.toMatch(/"kms:\*"|"AWS":"\*"|"Principal":"\*"/);
  });
});
