import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyPolicyAssessment } from '../../../../functions/domain/policy/key-policy-assessment.ts';
import { narrowedKeyPolicy } from '../../../../functions/domain/remediation/policies/narrowed-key-policy.ts';
import { mergedPolicy } from '../../../../functions/domain/remediation/policies/policy-statements.ts';
import { atDepth } from '../../../depth.ts';
import { KEY_ARN, trailOf } from '../subjects.ts';
import { keyPolicies } from './random-policies.ts';

const trail = trailOf();

describe('narrowedKeyPolicy', () => {
  it('lets CloudTrail in, says what stays wrong, and has nothing to do the second time', () => {
    let planned = 0;
    fc.assert(
      fc.property(keyPolicies, fc.boolean(), (policy, usedByEventDataStore) => {
        const question = { keyArn: KEY_ARN, partition: 'aws', organizationId: 'o-abcde12345', usedByEventDataStore };
        const found = narrowedKeyPolicy({ ...question, policy, trails: [trail] });
        if (!found.ok) return;
        planned += 1;
        const merged = mergedPolicy({ current: policy, statements: found.statements, replace: found.replace });
        if (!merged.ok) throw new Error(merged.reason);
        const trails = [{ trailArn: trail.trailArn, ownerAccountId: trail.ownerAccountId }];
        const assessed = keyPolicyAssessment({ ...question, policyText: merged.policy, trails });
        expect(assessed.allowsCloudTrail).toBe(true);
        // What is still wrong was said.
        if (assessed.status === 'FAIL') expect(found.left.length).toBeGreaterThan(0);
        expect(mergedPolicy({ ...found, current: merged.policy })).toMatchObject({ ok: true, changed: false });
      }),
      { numRuns: atDepth({ quick: 100, deep: 1000 }) },
    );
    expect(planned).toBeGreaterThan(10);
  });
});
