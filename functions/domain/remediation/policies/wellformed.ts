import { ACCOUNT_ID, parseArn, parseKeyArn } from '../../model/arn.ts';
import type { Problem } from '../decide/problem.ts';
import type { TrailSubject } from '../decide/subject.ts';
import { oneLine } from '../formats/text.ts';

const REGION = /^[a-z]{2,5}(-[a-z]+){1,3}-\d{1,2}$/;
const PARTITION = /^aws(-[a-z]+){0,2}$/;
const TRAIL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$/;

/**
 * Why nothing is written for a problem, or null. Account ids, regions and ARNs go into policies and scripts: a record
 * in which they are not what AWS would give is refused as a whole. Names and buckets may hold anything: they are quoted.
 */
export function malformed(problem: Problem): string | null {
  const faults = faultsOf(problem).filter((fault) => fault !== null);
  return faults.length === 0
    ? null
    : `The scan's record is malformed, so nothing is written for it: ${faults.join('; ')}.`;
}

function faultsOf(problem: Problem): (string | null)[] {
  switch (problem.problem) {
    case 'trail':
    case 'log-validation-off':
    case 'trail-unmonitored':
      return ofTrail(problem.trail);
    case 'key-rotation-off':
      return [key('key', problem.keyArn)];
    case 'key-policy':
      return [key('key', problem.keyArn), ...problem.trails.flatMap(ofTrail)];
    case 'bucket-unprotected':
    case 'bucket-retention':
    case 'bucket-access-unlogged':
      return [
        is('partition', problem.partition, PARTITION),
        optional('account', problem.accountId, ACCOUNT_ID),
        optional('region', problem.region, REGION),
      ];
    case 'log-group-unencrypted':
      return arn('log group', problem.logGroupArn, 'logs');
    case 'event-data-store-unencrypted':
      return arn('event data store', problem.storeArn, 'cloudtrail');
    case 'no-fix':
      return [];
    case 'no-trail':
      return [
        is('partition', problem.partition, PARTITION),
        is('account', problem.accountId, ACCOUNT_ID),
        is('home Region', problem.homeRegion, REGION),
        optional('bucket account', problem.bucket?.accountId ?? null, ACCOUNT_ID),
        optional('bucket Region', problem.bucket?.region ?? null, REGION),
        optional('organization', problem.organizationId, ORGANIZATION),
      ];
  }
}

const ORGANIZATION = /^o-[a-z0-9]{10,32}$/;

const ofTrail = (trail: TrailSubject): (string | null)[] => {
  const expected = `arn:${trail.partition}:cloudtrail:${trail.homeRegion}:${trail.ownerAccountId}:trail/${trail.trailName}`;
  return [
    is('partition', trail.partition, PARTITION),
    is('trail name', trail.trailName, TRAIL_NAME),
    is('owner', trail.ownerAccountId, ACCOUNT_ID),
    is('home Region', trail.homeRegion, REGION),
    trail.trailArn === expected ? null : `${JSON.stringify(oneLine(trail.trailArn))} is not the ARN of that trail`,
    optional('bucket Region', trail.bucketRegion, REGION),
    optional('bucket account', trail.bucketAccountId, ACCOUNT_ID),
    optional('organization', trail.organizationId, ORGANIZATION),
    ...(trail.logGroupArn === null ? [] : arn('log group', trail.logGroupArn, 'logs')),
  ];
};

const is = (what: string, value: string, pattern: RegExp): string | null =>
  pattern.test(value) ? null : `${what} ${JSON.stringify(oneLine(value))}`;
const optional = (what: string, value: string | null, pattern: RegExp): string | null =>
  value === null ? null : is(what, value, pattern);
const key = (what: string, value: string): string | null =>
  parseKeyArn(value) === null ? `${what} ${JSON.stringify(oneLine(value))}` : null;
const arn = (what: string, value: string, service: string): (string | null)[] => {
  const parsed = parseArn(value);
  if (parsed?.service !== service) return [`${what} ${JSON.stringify(oneLine(value))}`];
  return [
    is('partition', parsed.partition, PARTITION),
    is('account', parsed.accountId, ACCOUNT_ID),
    is('region', parsed.region, REGION),
  ];
};
