import { parseKeyArn } from '../model/arn.ts';
import { type Control, fail, notApplicable, pass, unverified } from './control.ts';
import { sampleBy } from './evidence-of.ts';

/** Only with `--sample-logs`: it needs s3:GetObject on the log bucket, which nothing else here does. */
export const deliveredLogsEncrypted: Extract<Control, { resource: 'trail' }> = {
  id: 'delivered-logs-encrypted',
  title: 'Delivered log objects really carry the key',
  severity: 'HIGH',
  resource: 'trail',
  rationale:
    'Settings are promises; the header of the newest log object is the fact. It shows a key that was set but never used, and a bucket that is fed by someone else.',
  reads: ['s3:ListBucket', 's3:GetObject (HeadObject)'],
  decision:
    "The newest log object of today or yesterday, in the trail's home region, has x-amz-server-side-encryption aws:kms with the trail's key id: of the trail's owner, and with --sample-accounts (`sampleAccounts`) also of every live account that an organization trail covers, a finding each. An account that nothing was delivered for in these two days is UNVERIFIED. Logs kept from before the key was set are not looked at.",
  expected: 'The newest delivered log object is aws:kms under the key of the trail',
  remediation:
    'Set a customer key on the trail; objects already delivered keep the encryption they were written with (copy them in place to change it).',
  sources: [
    'Amazon S3 API Reference: HeadObject',
    'AWS CloudTrail User Guide: Encrypting CloudTrail log files with AWS KMS keys',
  ],
  decide(trail) {
    const { sample } = trail;
    const { kmsKeyId } = trail.facts.trail;
    if (!sample) return unverified('NOT_SAMPLED', null, { detail: 'The bucket could not be looked into.' });
    const evidence = sampleBy(trail);
    if (!sample.ok)
      return unverified(`SAMPLE_${sample.failure.kind}`, null, { detail: sample.failure.message, evidence });
    const object = sample.value;
    if (!object) return unverified('NO_RECENT_OBJECT', 'No log object of today or yesterday', { evidence });
    const observed = `${object.key} (${object.lastModified}): ${object.encryption ?? 'no encryption header'}${object.kmsKeyId ? ` with ${object.kmsKeyId}` : ''}`;
    if (!kmsKeyId && object.encryption?.startsWith('aws:kms')) return notApplicable('NO_KEY_ON_TRAIL', observed);
    if (!object.encryption?.startsWith('aws:kms')) return fail('NOT_KMS', observed, { evidence });
    if (!object.kmsKeyId) return unverified('KEY_NOT_SHOWN', observed, { evidence });
    // An alias or a bare id may well be that key: nobody here can tell.
    if (kmsKeyId && !parseKeyArn(kmsKeyId)) return unverified('KEY_ID_NOT_AN_ARN', observed, { evidence });
    return object.kmsKeyId === kmsKeyId
      ? pass('KMS_WITH_KEY', observed, { evidence })
      : fail('OTHER_KEY', observed, { evidence });
  },
};
