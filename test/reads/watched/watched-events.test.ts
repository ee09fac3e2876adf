import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as kms from '@aws-sdk/client-kms';
import * as organizations from '@aws-sdk/client-organizations';
import * as s3 from '@aws-sdk/client-s3';
import * as s3Control from '@aws-sdk/client-s3-control';
import { describe, expect, test } from '@jest/globals';
import { ORGANIZATIONS_RATES } from '../../../functions/aws/calls/rate.ts';
import { READS } from '../../../functions/reads/registry.ts';
import { mergedChanges } from '../../../functions/reads/watched/change.ts';
import { ORGANIZATION_CHANGES } from '../../../functions/reads/watched/organization-changes.ts';
import { PATTERN_LIMIT, WATCHED, watchedPatterns } from '../../../functions/reads/watched/watched-events.ts';

const CLIENTS: Record<string, Record<string, unknown>> = {
  'aws.cloudtrail': cloudtrail,
  'aws.kms': kms,
  'aws.s3': { ...s3Control, ...s3 },
  'aws.logs': logs,
  'aws.organizations': organizations,
};

/** Names that no API has: what CloudTrail calls an operation by another name, and what no operation begins. */
const LOGGED_OTHERWISE: Record<string, string[]> = {
  'aws.s3': [
    'DeleteAccountPublicAccessBlock',
    'DeleteBucketPublicAccessBlock',
    'PutAccountPublicAccessBlock',
    'PutBucketLifecycle',
    'PutBucketObjectLockConfiguration',
    'PutBucketPublicAccessBlock',
  ],
  'aws.kms': ['DeleteExpiredKeyMaterial', 'DeleteKey', 'SynchronizeMultiRegionKey'],
  'aws.organizations': ['CloseAccountResult', 'CreateAccountResult'],
};

describe('what is watched', () => {
  test('every read, and every question about the organization, says what changes its answer, or why no event does', () => {
    expect(Object.keys(ORGANIZATION_CHANGES).sort()).toEqual(
      ['DescribeOrganization', ...Object.keys(ORGANIZATIONS_RATES)].sort(),
    );
    const declared = [
      ...READS.map(({ operation, changedBy }) => ({ operation, changedBy })),
      ...Object.entries(ORGANIZATION_CHANGES).map(([operation, changedBy]) => ({ operation, changedBy })),
    ];
    for (const { operation, changedBy } of declared) {
      const said =
        'unwatched' in changedBy ? changedBy.unwatched.length : mergedChanges([changedBy]).flatMap(namesOf).length;
      expect({ operation, said: said > 0 }).toEqual({ operation, said: true });
    }
    expect(declared.filter(({ changedBy }) => 'unwatched' in changedBy).map(({ operation }) => operation)).toEqual([
      'ListObjectsV2',
      'HeadObject',
      'DescribeOrganization',
      'ListOrganizationalUnitsForParent',
      'ListRoots',
    ]);
  });

  test('names operations of AWS that write, but for those that CloudTrail is known to log under another name', () => {
    const unknown: Record<string, string[]> = {};
    for (const { source, events = [] } of WATCHED) {
      const client = CLIENTS[source];
      if (!client) continue;
      const without = events.filter((name) => !(`${name}Command` in client));
      if (without.length > 0) unknown[source] = without;
    }
    expect(unknown).toEqual(LOGGED_OTHERWISE);
    const reading = WATCHED.flatMap(({ events = [] }) => events).filter((name) =>
      /^(Get|List|Describe|Head)/.test(name),
    );
    expect(reading).toEqual([]);
  });

  test('takes both names of what documents and logs name otherwise', () => {
    const s3Names = WATCHED.find(({ source }) => source === 'aws.s3')?.events;
    expect(s3Names).toEqual(
      expect.arrayContaining(['DeletePublicAccessBlock', 'DeleteBucketPublicAccessBlock', 'PutBucketLifecycle']),
    );
  });
});

describe('the patterns', () => {
  test('fit into what EventBridge takes, pin the source in every branch, and hold every watched name once', () => {
    const patterns = watchedPatterns();
    const branches = patterns.flatMap((pattern) => ('$or' in pattern ? pattern.$or : [pattern]));
    for (const pattern of patterns) expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(PATTERN_LIMIT);
    for (const { source } of branches) expect(source).toEqual([expect.stringMatching(/^aws\.[a-z0-9]+$/)]);
    const matched = branches.flatMap(({ source, detail, ...rest }) =>
      (detail?.eventName ?? rest['detail-type']).map((name) => `${source[0]} ${name}`),
    );
    expect(matched.sort()).toEqual(
      WATCHED.flatMap((change) => namesOf(change).map((n) => `${change.source} ${n}`)).sort(),
    );
    expect(new Set(matched).size).toBe(matched.length);
  });

  test('are several where one would be too long, and none where a source alone is', () => {
    const long = (source: 'aws.a' | 'aws.b') => ({ source, events: [source.repeat(40)] });
    expect(watchedPatterns([long('aws.a'), long('aws.b')], 400)).toHaveLength(2);
    expect(watchedPatterns([long('aws.a'), long('aws.b')])).toHaveLength(1);
    expect(() => watchedPatterns([long('aws.a')], 200)).toThrow('characters');
  });
});

const namesOf = ({ events = [], notices = [] }: { events?: readonly string[]; notices?: readonly string[] }) => [
  ...events,
  ...notices,
];
