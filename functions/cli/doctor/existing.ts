import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { usageError } from '../../domain/model/errors.ts';
import { placementFields } from '../../domain/settings/placement.ts';
import type { Say } from './check.ts';
import { accessLogBucketChecks, reportBucketChecks } from './existing-bucket.ts';
import { keyCheck } from './existing-key.ts';
import type { ExistingQuestion } from './existing-question.ts';
import { topicChecks } from './existing-topic.ts';

const placement = z.object({
  ...placementFields,
  watch: z.looseObject({ regions: z.array(z.string()).default([]) }).prefault({}),
});
export type DeploymentPlace = z.output<typeof placement>;

/** Of a deployment's settings, what says where it goes; the rest is looked at when it is synthesized. @throws TrailSealError USAGE */
export function placementOf(file: string | undefined): DeploymentPlace {
  const name = `The settings ${String(file).slice(0, 200)} (--settings)`;
  let input: unknown = {};
  try {
    if (file !== undefined) input = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (cause) {
    throw usageError(`${name} cannot be read as YAML or JSON.`, { cause });
  }
  const parsed = placement.safeParse(input);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'are wrong' };
  throw usageError(`${name}: ${path.join('.') || 'they'} ${message}.`);
}

/** What is there already and is to be used: a line each, with the fix. Changes nothing. */
export async function examineExisting(request: ExistingQuestion, say: Say): Promise<void> {
  const { reportBucket, accessLogBucket, key, topic } = request.existing;
  if (reportBucket !== null) for (const check of await reportBucketChecks(reportBucket, request)) say(check);
  if (accessLogBucket !== null) for (const check of await accessLogBucketChecks(accessLogBucket, request)) say(check);
  if (key !== null) say(await keyCheck(key, request));
  if (topic !== null) for (const check of await topicChecks(topic, request)) say(check);
}
