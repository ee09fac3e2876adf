import { type Control, fail, notApplicable, pass, unverified } from './control.ts';
import { keyBy } from './evidence-of.ts';

export const trailKeyRotation: Control = {
  id: 'trail-key-rotation',
  title: 'The key rotates',
  severity: 'MEDIUM',
  resource: 'key',
  rationale:
    'Rotation limits how much is protected by one piece of key material, and costs nothing in operation: old logs stay readable.',
  reads: ['kms:GetKeyRotationStatus', 'kms:DescribeKey'],
  decision:
    'Automatic rotation is on. Not applicable to AWS managed keys, imported material, custom key stores and asymmetric keys, which KMS cannot rotate by itself.',
  expected: 'Automatic rotation is on',
  remediation: 'aws kms enable-key-rotation --key-id KEY (optionally --rotation-period-in-days 90–2560).',
  reasons: { ROTATION_OFF: { severity: 'MEDIUM', words: 'Rotation is off', fix: 'aws kms enable-key-rotation.' } },
  sources: ['AWS KMS Developer Guide: Rotate AWS KMS keys', 'CIS AWS Foundations Benchmark 3.0.0, 3.6'],
  decide({ facts }) {
    const evidence = keyBy(facts, 'GetKeyRotationStatus');
    const description = facts.inspection?.description;
    if (facts.state === 'NOT_FOUND') return notApplicable('KEY_NOT_FOUND', 'The key no longer exists');
    if (!description?.ok) return unverified(facts.unknownBecause ?? 'KEY_NOT_INSPECTED', null);
    const { manager, origin, spec } = description.value;
    if (manager !== 'CUSTOMER') return notApplicable('AWS_MANAGED_KEY', 'AWS rotates its own keys every year');
    if (origin !== 'AWS_KMS') return notApplicable('ORIGIN_NOT_ROTATED', `The key material is ${origin}`);
    if (spec !== 'SYMMETRIC_DEFAULT') return notApplicable('ASYMMETRIC_KEY', `The key is ${spec}`);
    const rotation = facts.inspection?.rotation;
    if (!rotation?.ok)
      return unverified(rotation ? `ROTATION_${rotation.failure.kind}` : 'ROTATION_NOT_READ', null, { evidence });
    const { enabled, periodDays } = rotation.value;
    return enabled
      ? pass('ROTATION_ON', `Rotation is on${periodDays ? `, every ${periodDays} days` : ''}`, { evidence })
      : fail('ROTATION_OFF', 'Rotation is off', { evidence });
  },
};
