import { parseArn, parseKeyArn } from '../../model/arn.ts';
import { oneLine, slug } from '../formats/text.ts';
import { tlsOnlyStatement, trailBucketStatements } from '../policies/bucket-policy.ts';
import {
  administrationStatement,
  eventDataStoreKeyStatements,
  logGroupKeyStatements,
  trailKeyPolicy,
  trailKeyStatements,
} from '../policies/key-policy.ts';
import type { PolicyStatement } from '../policies/policy-statements.ts';
import { type Change, type NewKey, type Plan, type Planned, refuse } from './plan.ts';
import type { Problem, RemediationOptions } from './problem.ts';
import { readersOf } from './readers.ts';

type Of<P extends Problem['problem']> = Extract<Problem, { problem: P }>;

export function decideRotation({ keyArn, rootCauseId }: Of<'key-rotation-off'>): Planned {
  const key = parseKeyArn(keyArn);
  if (key === null) return refuse(`${oneLine(keyArn)} is not a key ARN.`);
  const change: Change = { do: 'enable-rotation', accountId: key.accountId, region: key.region, keyArn };
  return plan(
    `Rotate key ${keyArn} every year`,
    rootCauseId,
    [key.accountId],
    [change],
    [
      'Rotation keeps the key id and every old key material: nothing has to be encrypted again, and old logs stay readable.',
    ],
  );
}

export function decideKeyPolicy(problem: Of<'key-policy'>, options: RemediationOptions): Planned {
  const key = parseKeyArn(problem.keyArn);
  const [trail] = problem.trails;
  if (key === null) return refuse(`${oneLine(problem.keyArn)} is not a key ARN.`);
  if (trail === undefined) return refuse(`No trail uses key ${problem.keyArn}, so CloudTrail needs nothing of it.`);
  const unnamed = problem.faultyStatements.filter((sid) => /^Statement\[\d+\]$/.test(sid));
  if (unnamed.length > 0) {
    return refuse(
      `The statement at fault in the policy of ${problem.keyArn} has no Sid (${unnamed.join(', ')}), so no script can be sure to take away the right one: give it a Sid, or narrow it by hand, and scan again.`,
    );
  }
  const change: Change = {
    do: 'merge-key-policy',
    accountId: key.accountId,
    region: key.region,
    keyArn: problem.keyArn,
    statements: trailKeyStatements({
      partition: trail.partition,
      keyAccountId: key.accountId,
      trails: problem.trails,
      organizationId: trail.organizationId,
      readerAccountIds: readersOf(problem.trails, key.accountId, options),
    }),
    drop: [...problem.faultyStatements],
    current: problem.policy,
  };
  const covered = [...new Set(problem.trails.flatMap((t) => t.accountsCovered))].sort();
  return plan(
    `Let CloudTrail use key ${problem.keyArn}, and not just anyone decrypt`,
    problem.rootCauseId,
    covered,
    [change],
    [
      ...(problem.faultyStatements.length === 0
        ? []
        : [
            `These statements are taken away: ${problem.faultyStatements.map((s) => oneLine(s)).join(', ')}. Whoever reads logs through them needs TrailSealReadersDecrypt from then on.`,
          ]),
      'Every other statement stays as it is.',
    ],
  );
}

export function decideBucket(problem: Of<'bucket-unprotected'>): Planned {
  const bucket = oneLine(problem.bucket);
  if (problem.accountId === null || problem.region === null) {
    return refuse(
      `The owner of bucket ${bucket} is not known: name it in logArchiveAccounts and scan again, or let the audit role into it.`,
    );
  }
  const at = { accountId: problem.accountId, region: problem.region, bucket: problem.bucket };
  const changes: Change[] = [
    { do: 'protect-bucket', ...at, partition: problem.partition },
    {
      do: 'merge-bucket-policy',
      ...at,
      statements: [tlsOnlyStatement(problem.partition, problem.bucket)],
      current: problem.policy,
    },
  ];
  return plan(`Protect log bucket ${bucket}`, problem.rootCauseId, [problem.accountId], changes, [
    'With versioning on, what is deleted or overwritten can be restored, and is paid for until a lifecycle rule expires old versions.',
    "The default encryption is only set where there is none. It does not encrypt a trail's logs: CloudTrail asks for SSE-S3 itself when the trail has no key.",
  ]);
}

export function decideLogGroup(
  { logGroupArn, rootCauseId }: Of<'log-group-unencrypted'>,
  options: RemediationOptions,
): Planned {
  const arn = parseArn(logGroupArn);
  if (arn === null) return refuse(`${oneLine(logGroupArn)} is not the ARN of a log group.`);
  const { partition, region, accountId } = arn;
  const key = keyFor({
    accountId,
    region,
    partition,
    alias: options.alias ?? `alias/trailseal-logs-${slug(arn.resource.split(':')[1] ?? '')}`,
    description: 'Encrypts the log group that a trail feeds',
    statements: logGroupKeyStatements({ partition, region, logGroupArn }),
  });
  const changes: Change[] = [
    { do: 'create-key', accountId, key },
    { do: 'encrypt-log-group', accountId, region, logGroupArn: logGroupArn.replace(/:\*$/, ''), key: { made: key } },
  ];
  return plan(`Encrypt log group ${oneLine(arn.resource)}`, rootCauseId, [accountId], changes, [
    'Events that the group holds already stay as they are; new ones are encrypted with the key.',
  ]);
}

export function decideEventDataStore(
  problem: Of<'event-data-store-unencrypted'>,
  options: RemediationOptions,
): Planned {
  const arn = parseArn(problem.storeArn);
  if (arn === null) return refuse(`${oneLine(problem.storeArn)} is not the ARN of an event data store.`);
  const { partition, region, accountId } = arn;
  const key = keyFor({
    accountId,
    region,
    partition,
    alias: options.alias ?? `alias/trailseal-lake-${slug(problem.storeName)}`,
    description: 'Encrypts a CloudTrail Lake event data store',
    statements: eventDataStoreKeyStatements(problem.storeArn),
  });
  const changes: Change[] = [
    { do: 'create-key', accountId, key },
    {
      do: 'encrypt-event-data-store',
      accountId,
      region,
      storeArn: problem.storeArn,
      storeName: problem.storeName,
      key: { made: key },
    },
  ];
  return plan(`Encrypt event data store ${oneLine(problem.storeName)}`, problem.rootCauseId, [accountId], changes, [
    'This cannot be undone: CloudTrail never takes a key off an event data store, nor replaces it. Lose the key, and the events are lost.',
  ]);
}

/** An organization trail (or, without an organization, a trail of one account) for what nothing records. */
export function decideNewTrail(problem: Of<'no-trail'>, options: RemediationOptions): Planned {
  const { accountId, homeRegion, partition, organizationId } = problem;
  const bucketRegion = problem.bucket === null ? homeRegion : problem.bucket.region;
  if (bucketRegion === null) {
    return refuse(
      `The region of bucket ${oneLine(problem.bucket?.name ?? '')} is not known, and a trail's key must be in the bucket's region. Ask its owner, or let a bucket be made.`,
    );
  }
  if (options.keyRegion !== undefined && options.keyRegion !== bucketRegion) {
    return refuse(
      `The key cannot be in ${oneLine(options.keyRegion)}: the bucket is in ${bucketRegion}, and CloudTrail only takes a key from the bucket's region.`,
    );
  }
  const name = organizationId === null ? 'trailseal-account-trail' : 'trailseal-organization-trail';
  const trailArn = `arn:${partition}:cloudtrail:${homeRegion}:${accountId}:trail/${name}`;
  const key: NewKey = {
    accountId,
    region: bucketRegion,
    partition,
    alias: options.alias ?? `alias/${name}`,
    description: `Encrypts the CloudTrail logs of trail ${name}`,
    policy: trailKeyPolicy({
      partition,
      keyAccountId: accountId,
      trails: [{ trailArn, ownerAccountId: accountId }],
      organizationId,
      readerAccountIds: [
        accountId,
        ...(problem.bucket?.accountId ? [problem.bucket.accountId] : []),
        ...(options.readerAccountIds ?? []),
      ],
    }),
  };
  const change: Change = {
    do: 'create-trail',
    accountId,
    trail: {
      name,
      accountId,
      homeRegion,
      partition,
      isOrganization: organizationId !== null,
      organizationId,
      bucket: problem.bucket?.name ?? `trailseal-cloudtrail-${accountId}-${homeRegion}`,
      makesBucket: problem.bucket === null,
      s3KeyPrefix: null,
    },
    key: { made: key },
  };
  const letIn: Change[] =
    problem.bucket === null
      ? []
      : [
          {
            do: 'merge-bucket-policy',
            accountId: problem.bucket.accountId,
            region: bucketRegion,
            bucket: problem.bucket.name,
            statements: trailBucketStatements({
              partition,
              bucket: problem.bucket.name,
              s3KeyPrefix: null,
              trails: [{ trailArn, ownerAccountId: accountId, isOrganization: organizationId !== null }],
              organizationId,
            }),
            current: null,
          },
        ];
  const what = organizationId === null ? `account ${accountId}` : `the organization ${organizationId}`;
  return plan(
    `Record ${what} in every region, encrypted`,
    problem.rootCauseId,
    problem.accountsCovered,
    [{ do: 'create-key', accountId, key }, ...letIn, change],
    [
      ...(organizationId === null
        ? ['An organization trail from the management account would cover accounts that join later too.']
        : [
            'Run it in the management account (or the delegated administrator). A first copy of management events is free; a second trail is charged for.',
          ]),
      ...(problem.bucket === null
        ? [
            'The bucket is made in the same account; a log archive account of its own keeps the logs further from whoever they are about.',
          ]
        : ['The policy of the bucket must let CloudTrail write for this trail before the trail can be made.']),
    ],
  );
}

const keyFor = (request: Omit<NewKey, 'policy'> & { statements: PolicyStatement[] }): NewKey => {
  const { statements, ...key } = request;
  const Statement = [administrationStatement(key.partition, key.accountId), ...statements];
  return { ...key, policy: { Version: '2012-10-17', Statement } };
};

const plan = (
  title: string,
  rootCauseId: string | null,
  accountsCovered: readonly string[],
  changes: Change[],
  notes: string[],
): Planned => ({
  ok: true,
  plan: { title: oneLine(title), rootCauseId, accountsCovered, changes, notes } satisfies Plan,
});
