import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import type { ExistingReader } from '../../aws/existing-reader.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import { type Placement, placementFields } from '../../domain/settings/placement.ts';
import { type Check, type Say, unread } from './check.ts';

const placement = z.object(placementFields);

/** Of a deployment's settings, what says where it goes; the rest is looked at when it is synthesized. @throws TrailSealError USAGE */
export function placementOf(file: string | undefined): Placement {
  const name = `The settings ${String(file).slice(0, 200)} (--settings)`;
  let input: unknown = {};
  try {
    if (file !== undefined) input = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (cause) {
    throw new TrailSealError('USAGE', `${name} cannot be read as YAML or JSON.`, { cause });
  }
  const parsed = placement.safeParse(input);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'are wrong' };
  throw new TrailSealError('USAGE', `${name}: ${path.join('.') || 'they'} ${message}.`);
}

/** What is there already and is to be used: a line each, with the fix. Changes nothing. */
export async function examineExisting(
  request: { reader: ExistingReader; existing: Placement['existing']; accountId: string; region: string },
  say: Say,
): Promise<void> {
  const { existing } = request;
  if (existing.reportBucket !== null) say(await bucketUsable('existing.reportBucket', existing.reportBucket, request));
  if (existing.accessLogBucket !== null)
    say(await bucketUsable('existing.accessLogBucket', existing.accessLogBucket, request));
  if (existing.key !== null) say(await keyUsable(existing.key, request));
}

type Request = Parameters<typeof examineExisting>[0];

async function bucketUsable(
  name: string,
  bucket: string,
  { reader, accountId, region, existing }: Request,
): Promise<Check> {
  const found = await reader.bucket(bucket, accountId);
  if (!found.ok) {
    if (found.failure.kind === 'NOT_FOUND')
      return {
        name,
        outcome: 'wrong',
        words: `there is no bucket ${bucket}`,
        fix: 'Create it, or leave the setting out.',
      };
    return unread(
      name,
      found.failure,
      's3:GetBucketLocation and s3:GetEncryptionConfiguration, in the account that owns it',
    );
  }
  const { region: home, key } = found.value;
  if (home !== region)
    return {
      name,
      outcome: 'wrong',
      words: `${bucket} is in ${home}`,
      fix: `Deploy to ${home}, or use a bucket of ${region}.`,
    };
  if (name === 'existing.accessLogBucket')
    return key === null
      ? { name, outcome: 'ok', words: `${bucket} is here`, fix: null }
      : {
          name,
          outcome: 'warning',
          words: `${bucket} is encrypted with ${key}`,
          fix: `S3 delivers access logs there only where that key lets logging.s3.amazonaws.com use it; SSE-S3 needs nothing.`,
        };
  // A bucket names its key by its ARN, or by its id alone.
  if (key === null || existing.key === key || existing.key?.endsWith(`/${key}`))
    return { name, outcome: 'ok', words: `${bucket} is here, encrypted with ${key ?? 'SSE-S3'}`, fix: null };
  return {
    name,
    outcome: 'wrong',
    words: `${bucket} is encrypted with ${key}, and existing.key is ${existing.key ?? 'not set'}`,
    fix: `Set existing.key to ${key}: the functions may use that key alone.`,
  };
}

async function keyUsable(arn: string, { reader, accountId, region }: Request): Promise<Check> {
  const name = 'existing.key';
  const [, , , keyRegion = ''] = arn.split(':');
  if (keyRegion !== region)
    return { name, outcome: 'wrong', words: `it is in ${keyRegion}`, fix: `Use a key of ${region}, where you deploy.` };
  const found = await reader.key(arn);
  if (!found.ok) return unread(name, found.failure, 'kms:DescribeKey and kms:GetKeyPolicy');
  const { state, policy } = found.value;
  if (state !== 'Enabled')
    return { name, outcome: 'wrong', words: `it is ${state}`, fix: 'Enable it, or use another key.' };
  if (policy === null)
    return {
      name,
      outcome: 'warning',
      words: 'its policy could not be read',
      fix: `Make sure that it has ${statementsFor(arn, region, accountId)}`,
    };
  const missing = [logsService(arn, region), 'cloudwatch.amazonaws.com'].filter((service) => !policy.includes(service));
  if (missing.length === 0)
    return { name, outcome: 'ok', words: 'enabled, and its policy names CloudWatch and its logs', fix: null };
  return {
    name,
    outcome: 'wrong',
    words: `its policy does not name ${missing.join(' and ')}`,
    fix: `Add to its policy: ${statementsFor(arn, region, accountId)}`,
  };
}

/** The service principal of CloudWatch Logs alone ends otherwise in China. */
const logsService = (arn: string, region: string): string =>
  `logs.${region}.${arn.startsWith('arn:aws-cn:') ? 'amazonaws.com.cn' : 'amazonaws.com'}`;

/** The statements that infra/storage/encryption-key.ts gives a key of the deployment's own. */
const statementsFor = (arn: string, region: string, accountId: string): string =>
  [
    {
      Sid: 'TrailSealLogGroups',
      Effect: 'Allow',
      Principal: { Service: logsService(arn, region) },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      Resource: '*',
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${arn.split(':')[1]}:logs:${region}:${accountId}:log-group:*`,
        },
      },
    },
    {
      Sid: 'TrailSealAlarms',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
    },
  ]
    .map((statement) => JSON.stringify(statement))
    .join(', ');
