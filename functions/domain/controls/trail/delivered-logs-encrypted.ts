import { parseKeyArn } from '../../model/arn.ts';
import { control } from '../control.ts';
import { logObjectWords, oldestWords, sampleBy } from '../evidence-of.ts';
import { unlessDead } from '../reasons/key.ts';
import { type Cause, fail, notApplicable, pass, unverified } from '../reasons/reason.ts';
import { OF_TRAIL, unread } from '../reasons/unread.ts';
import { TRAIL_WITHOUT_KEY } from './trail-kms-encrypted.ts';

const OTHERWISE: Cause = {
  kind: 'DELIVERED_OTHERWISE',
  severity: 'HIGH',
  title: ({ words }) => `Logs delivered by ${words} do not carry its key`,
  fix: 'Look who writes them: a key set since, another trail with the same bucket and prefix, or nobody from CloudTrail.',
};
const LOOK_WHO =
  'look who writes them (a key set since, another trail with the same prefix). Nothing about the trail is to be changed for it.';
const LOOK =
  'Let the audit role list the bucket and read its log objects (s3:ListBucket, s3:GetObject), then scan again.';

/** Only with `--sample-logs`: it needs s3:GetObject on the log bucket, which nothing else here does. */
export const deliveredLogsEncrypted = control({
  id: 'delivered-logs-encrypted',
  title: 'Delivered log objects really carry the key',
  severity: 'HIGH',
  resource: 'trail',
  rationale:
    'Settings are promises; the header of the newest log object is the fact. It shows a key that was set but never used, and a bucket that is fed by someone else.',
  reads: ['s3:ListBucket', 's3:GetObject (HeadObject)'],
  decision:
    "The newest log object of today or yesterday, in the trail's home Region, has x-amz-server-side-encryption aws:kms with the trail's key id: of the trail's owner, and with --sample-accounts (`sampleAccounts`) also of every live account that an organization trail covers, a finding each. An account that nothing was delivered for in these two days is UNVERIFIED. Where trails with other keys write under the same prefix, the newest of the first 20 objects that carries none of these is taken. The detail tells the oldest object that is retained, which decides nothing: it may be from before the key was set.",
  expected: 'The newest delivered log object is aws:kms under the key of the trail',
  remediation:
    'Set a customer key on the trail; objects already delivered keep the encryption they were written with (copy them in place to change it).',
  noScript:
    'What delivered objects carry is repaired by nothing but their writer, so no script is written: look who writes under the prefix of the trail',
  audit: {
    console:
      "S3, the trail's bucket, AWSLogs/ACCOUNT/CloudTrail/REGION/, the newest object, Properties, Server-side encryption settings: AWS KMS key ARN is the trail's key.",
    commands: ["aws s3api head-object --bucket BUCKET --key LOG_OBJECT --query '[ServerSideEncryption,SSEKMSKeyId]'"],
    expected: 'It prints aws:kms and the key of the trail.',
  },
  page: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html',
  sources: [
    'Amazon S3 API Reference: HeadObject',
    'AWS CloudTrail User Guide: Encrypting CloudTrail log files with AWS KMS keys',
  ],
  reasons: {
    ...unread('SAMPLE', {
      what: ({ words }) => `the newest log object of ${words}`,
      words: 'the newest log object',
      action: 's3:ListBucket and s3:GetObject',
      filing: OF_TRAIL,
      unless: unlessDead,
    }),
    KMS_WITH_KEY: pass('The newest log object carries the key of the trail'),
    NO_KEY_ON_TRAIL: notApplicable('The trail has no key, and its logs are encrypted with one all the same'),
    // The trail has its key: telling the reader to set one would repair nothing.
    NOT_KMS: fail(
      'The newest log object is not encrypted with a KMS key',
      unlessDead(({ key }) => (key ? OTHERWISE : TRAIL_WITHOUT_KEY)),
      `Objects are not encrypted with the key that the trail has: ${LOOK_WHO}`,
    ),
    OTHER_KEY: fail(
      'The newest log object carries another key than the trail has',
      unlessDead(OTHERWISE),
      `Objects carry another key than the trail has: ${LOOK_WHO}`,
    ),
    NOT_SAMPLED: unverified('The bucket could not be looked into', unlessDead({ ...OF_TRAIL, fix: LOOK })),
    NO_RECENT_OBJECT: unverified(
      'No log object of today or yesterday',
      unlessDead({
        ...OF_TRAIL,
        fix: 'Look whether the trail delivers, and to this bucket and prefix: the bucket was listed and holds no log of today or yesterday.',
      }),
    ),
    ONLY_OTHER_TRAILS: unverified(
      'The newest log objects carry the key of another trail with the same bucket and prefix',
      unlessDead({
        ...OF_TRAIL,
        fix: 'Give each trail a prefix of its own: names of log objects do not say which trail wrote them.',
      }),
    ),
    KEY_NOT_SHOWN: unverified(
      'S3 does not show which key encrypts the log object',
      unlessDead({ ...OF_TRAIL, fix: 'Look at the encryption of the object that the finding names in the console.' }),
    ),
    KEY_ID_NOT_AN_ARN: unverified(
      'The key is not named by its ARN, so it cannot be compared',
      unlessDead({ ...OF_TRAIL, fix: 'Set the key on the trail by its full ARN.' }),
    ),
  },
  decide(trail, say) {
    const { sample } = trail;
    const { kmsKeyId } = trail.facts.trail;
    if (!sample) return say('NOT_SAMPLED', null, { detail: 'The bucket could not be looked into.' });
    const evidence = sampleBy(trail);
    const detail = trail.oldest ? oldestWords(trail.oldest) : null;
    if (!sample.ok) return say(`SAMPLE_${sample.failure.kind}`, null, { detail: sample.failure.message, evidence });
    const object = sample.value;
    if (!object) return say('NO_RECENT_OBJECT', 'No log object of today or yesterday', { evidence });
    const observed = logObjectWords(object);
    if (object.ofOther) return say('ONLY_OTHER_TRAILS', observed, { evidence });
    if (!kmsKeyId && object.encryption?.startsWith('aws:kms')) return say('NO_KEY_ON_TRAIL', observed);
    if (!object.encryption?.startsWith('aws:kms')) return say('NOT_KMS', observed, { evidence, detail });
    if (!object.kmsKeyId) return say('KEY_NOT_SHOWN', observed, { evidence });
    // An alias or a bare id may well be that key: nobody here can tell.
    if (kmsKeyId && !parseKeyArn(kmsKeyId)) return say('KEY_ID_NOT_AN_ARN', observed, { evidence });
    return object.kmsKeyId === kmsKeyId
      ? say('KMS_WITH_KEY', observed, { evidence, detail })
      : say('OTHER_KEY', observed, { evidence, detail });
  },
});
