import { control } from '../control.ts';
import { keyBy } from '../evidence-of.ts';
import { unknownKey } from '../reasons/key.ts';
import { fail, notApplicable, pass, unverified } from '../reasons/reason.ts';
import { type Filing, unread } from '../reasons/unread.ts';

const FILING: Filing = { kind: 'KEY_SETTINGS', severity: 'HIGH' };

export const trailKeyRotation = control({
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
  remediation:
    'Enable rotation: aws kms enable-key-rotation --key-id KEY, optionally with --rotation-period-in-days 90 to 2560.',
  audit: {
    console: "KMS, the Region in the key's ARN, the key, Key rotation: Automatic key rotation is Enabled.",
    commands: ['aws kms get-key-rotation-status --region KEY_REGION --key-id KEY_ARN --query KeyRotationEnabled'],
    expected: 'It prints true. A key that is pending deletion shows false, whatever it was.',
  },
  page: 'https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html',
  sources: ['AWS KMS Developer Guide: Rotate AWS KMS keys', 'CIS AWS Foundations Benchmark 3.0.0, 3.6'],
  reasons: {
    ...unknownKey(FILING),
    ...unread('ROTATION', {
      what: ({ words }) => `whether ${words} rotates`,
      words: 'whether the key rotates',
      action: 'kms:GetKeyRotationStatus',
      filing: FILING,
    }),
    ROTATION_ON: pass('Automatic rotation is on'),
    ROTATION_OFF: fail('Rotation is off', {
      kind: 'KEY_SETTINGS',
      severity: 'MEDIUM',
      fix: 'Enable rotation (aws kms enable-key-rotation).',
    }),
    ROTATION_NOT_READ: unverified('Whether the key rotates was not read', {
      ...FILING,
      fix: 'Give the audit role the read that is missing (kms:GetKeyRotationStatus), in the account that owns the key.',
    }),
    KEY_NOT_FOUND: notApplicable('The key no longer exists'),
    AWS_MANAGED_KEY: notApplicable('AWS rotates its own keys'),
    ORIGIN_NOT_ROTATED: notApplicable('The key material is imported, or in a custom key store'),
    ASYMMETRIC_KEY: notApplicable('The key is asymmetric'),
  },
  decide({ facts }, say) {
    const evidence = keyBy(facts, 'GetKeyRotationStatus');
    const description = facts.inspection?.description;
    if (facts.state === 'NOT_FOUND') return say('KEY_NOT_FOUND', 'The key no longer exists');
    if (!description?.ok) return say(facts.unknownBecause ?? 'KEY_NOT_INSPECTED', null);
    const { manager, origin, spec } = description.value;
    if (manager !== 'CUSTOMER') return say('AWS_MANAGED_KEY', 'AWS rotates its own keys every year');
    if (origin !== 'AWS_KMS') return say('ORIGIN_NOT_ROTATED', `The key material is ${origin}`);
    if (spec !== 'SYMMETRIC_DEFAULT') return say('ASYMMETRIC_KEY', `The key is ${spec}`);
    const rotation = facts.inspection?.rotation;
    if (!rotation?.ok)
      return say(rotation ? `ROTATION_${rotation.failure.kind}` : 'ROTATION_NOT_READ', null, { evidence });
    const { enabled, periodDays } = rotation.value;
    return enabled
      ? say('ROTATION_ON', `Rotation is on${periodDays ? `, every ${periodDays} days` : ''}`, { evidence })
      : say('ROTATION_OFF', 'Rotation is off', { evidence });
  },
});
