import { parseArn, parseKeyArn } from '../../model/arn.ts';
import { oneLine, slug } from '../formats/text.ts';
import { trailBucketStatements } from '../policies/bucket-policy.ts';
import {
  administrationStatement,
  eventDataStoreKeyStatements,
  logGroupKeyStatements,
  trailKeyPolicy,
} from '../policies/key-policy.ts';
import { logGroupArnOf } from '../policies/log-group-role.ts';
import { narrowedKeyPolicy } from '../policies/narrowed-key-policy.ts';
import type { PolicyStatement } from '../policies/policy-statements.ts';
import { brokenKeyChanges } from './broken-key.ts';
import { type Change, type NewKey, type Planned, planned, planOf, refuse, words } from './plan.ts';
import type { Problem, RemediationOptions } from './problem.ts';
import type { TrailSubject } from './subject.ts';

type Of<P extends Problem['problem']> = Extract<Problem, { problem: P }>;

export function decideRotation({ keyArn, keyState, rootCauseId }: Of<'key-rotation-off'>): Planned {
  const key = parseKeyArn(keyArn);
  if (key === null) return refuse(`${oneLine(keyArn)} is not a key ARN.`);
  if (keyState !== null && keyState !== 'Enabled' && keyState !== 'Disabled') {
    return refuse(
      `Key ${keyArn} is ${keyState}, and KMS refuses to turn on rotation then (a key pending deletion shows rotation as off): repair or let go of the key first, and scan again.`,
    );
  }
  const at = { accountId: key.accountId, region: key.region, keyArn };
  return planned(
    `Rotate key ${keyArn} every year`,
    rootCauseId,
    [key.accountId],
    [...(keyState === 'Disabled' ? [{ do: 'enable-key', ...at } as const] : []), { do: 'enable-rotation', ...at }],
    [
      ...(keyState === 'Disabled'
        ? ['KMS turns on rotation of enabled keys only, so the key is enabled first: find out who disabled it and why.']
        : []),
      'Rotation keeps the key id and every old key material: nothing has to be encrypted again, and old logs stay readable.',
    ],
  );
}

export function decideKeyPolicy(problem: Of<'key-policy'>): Planned {
  const { keyArn, trails, policy, organizationId, usedByEventDataStore, rootCauseId } = problem;
  const key = parseKeyArn(keyArn);
  const [trail] = trails;
  if (key === null) return refuse(`${oneLine(keyArn)} is not a key ARN.`);
  if (trail === undefined) return refuse(`No trail uses key ${keyArn}, so CloudTrail needs nothing of it.`);
  if (policy === null) {
    return refuse(
      `The policy of ${keyArn} as the scan read it is not kept any more, so nobody can tell which statement is at fault: scan again.`,
    );
  }
  const narrowed = narrowedKeyPolicy({
    policy,
    keyArn,
    partition: trail.partition,
    trails,
    organizationId,
    usedByEventDataStore,
  });
  if (!narrowed.ok) return refuse(oneLine(narrowed.refusal, 2000));
  const { statements, replace, left } = narrowed;
  const change: Change = {
    do: 'merge-key-policy',
    accountId: key.accountId,
    region: key.region,
    keyArn,
    statements,
    replace,
    current: policy,
  };
  const covered = [...new Set(trails.flatMap((t) => t.accountsCovered))].sort();
  return planned(
    `Let CloudTrail use key ${keyArn} for its own trails`,
    rootCauseId,
    covered,
    [change],
    [
      ...(replace.length === 0
        ? []
        : [
            'Statements that let CloudTrail in for any trail lose cloudtrail.amazonaws.com alone: all others that they name keep what they had.',
            'A trail that this scan did not see and that uses the key is let in no more: add its ARN first.',
          ]),
      ...left.map((sentence) => `Left as it is: ${oneLine(sentence, 1000)}`),
      'Every other statement stays as it is.',
    ],
  );
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
  return planned(`Encrypt log group ${oneLine(arn.resource)}`, rootCauseId, [accountId], changes, [
    ...(/aws-controltower/i.test(arn.resource)
      ? [
          'Control Tower made this log group and guards it with a service control policy: what is set by hand is refused to all but its own role, or repaired as drift. Prefer the landing zone settings of the management account.',
        ]
      : []),
    'Events that the group holds already stay as they are; new ones are encrypted with the key.',
  ]);
}

/** A log group of its own, with a key, so that what is repaired does not fail elsewhere. */
export function decideMonitoring(trail: TrailSubject): Planned {
  const { ownerAccountId: accountId, homeRegion: region, partition, trailName } = trail;
  if (trail.controlTower) {
    return refuse(
      `${words([trail])} belongs to Control Tower, which has it feed a log group itself: repair the drift with Reset in the landing zone settings.`,
    );
  }
  const logGroup = `aws-cloudtrail-logs-${trailName}`;
  const logGroupArn = logGroupArnOf({ accountId, trail, logGroup });
  const key = keyFor({
    accountId,
    region,
    partition,
    // Not the alias that is given: that is of the key of the trail.
    alias: `alias/trailseal-logs-${slug(trailName)}`,
    description: 'Encrypts the log group that a trail feeds',
    statements: logGroupKeyStatements({ partition, region, logGroupArn }),
  });
  return planOf(
    [trail],
    `Have ${words([trail])} feed a log group`,
    [
      { do: 'create-key', accountId, key },
      {
        do: 'feed-log-group',
        accountId,
        trail,
        logGroup,
        roleName: `TrailSealLogs-${slug(trailName).slice(0, 50)}`,
        key: { made: key },
      },
    ],
    [
      'CloudWatch Logs charges for every event that it takes in and keeps: set a retention of your choice on the log group, which keeps events forever as it is made.',
      'A log group alone alerts nobody: metric filters and alarms, or a tool that reads it, do.',
    ],
  );
}

export function decideEventDataStore(
  problem: Of<'event-data-store-unencrypted'>,
  options: RemediationOptions,
): Planned {
  const arn = parseArn(problem.storeArn);
  if (arn === null) return refuse(`${oneLine(problem.storeArn)} is not the ARN of an event data store.`);
  if (problem.key !== null) return storeKey(problem, problem.key);
  if (problem.reason !== 'NO_KEY') {
    return refuse(
      `Whether event data store ${oneLine(problem.storeArn)} has a key is not known (${problem.reason}): let the audit role call cloudtrail:GetEventDataStore in account ${arn.accountId}, and scan again.`,
    );
  }
  const { partition, region, accountId } = arn;
  const key = keyFor({
    accountId,
    region,
    partition,
    alias: options.alias ?? `alias/trailseal-lake-${slug(problem.storeName)}`,
    description: 'Encrypts a CloudTrail Lake event data store',
    statements: eventDataStoreKeyStatements(partition, [accountId, ...(options.readerAccountIds ?? [])]),
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
  return planned(`Encrypt event data store ${oneLine(problem.storeName)}`, problem.rootCauseId, [accountId], changes, [
    'This cannot be undone: CloudTrail never takes a key off an event data store, nor replaces it. Lose the key, and the events are lost.',
    'To update or query the store takes kms:Decrypt and kms:GenerateDataKey on the key: principals of the account have them as far as their own IAM policies allow it.',
    'Do not take the store into Terraform for this: there, a changed key replaces the store.',
  ]);
}

/** The store has a key, and AWS never replaces it: the key comes back, or nothing helps. */
function storeKey(
  { storeArn, reason, rootCauseId }: Of<'event-data-store-unencrypted'>,
  { arn, state, deletionDate }: { arn: string; state: string | null; deletionDate: string | null },
): Planned {
  const back = brokenKeyChanges({ keyArn: arn, state, deletionDate, reason });
  if (back.kind === 'changes') {
    const account = parseKeyArn(arn)?.accountId;
    return planned(back.title, rootCauseId, account === undefined ? [] : [account], back.changes, [
      `Event data store ${storeArn} uses the key, and AWS lets nobody give it another.`,
      ...back.notes,
    ]);
  }
  if (state !== null && state !== 'Enabled' && back.kind === 'refused') return refuse(back.refusal);
  return refuse(
    `Event data store ${storeArn} has key ${arn} (${reason}), and AWS lets nobody give it another: ${state === 'NOT_FOUND' ? 'its events cannot be read any more; make a new store for those to come' : 'copy its events to a new store with a key of your own, or name the account of the key in trustedAccounts if it is yours'}.`,
  );
}

/** An organization trail (or, without an organization, a trail of one account) for what nothing records. */
export function decideNewTrail(problem: Of<'no-trail'>, options: RemediationOptions): Planned {
  const { accountId, homeRegion, partition, organizationId } = problem;
  const bucketRegion = problem.bucket === null ? homeRegion : problem.bucket.region;
  if (bucketRegion === null) {
    return refuse(
      `The Region of bucket ${oneLine(problem.bucket?.name ?? '')} is not known, and a trail's key must be in the bucket's Region. Ask its owner, or let a bucket be made.`,
    );
  }
  if (options.keyRegion !== undefined && options.keyRegion !== bucketRegion) {
    return refuse(
      `The key cannot be in ${oneLine(options.keyRegion)}: the bucket is in ${bucketRegion}, and CloudTrail only takes a key from the bucket's Region.`,
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
  return planned(
    `Record ${what} in every Region, encrypted`,
    problem.rootCauseId,
    problem.accountsCovered,
    [
      ...(organizationId === null
        ? []
        : [{ do: 'enable-trusted-access', accountId, region: homeRegion } as const satisfies Change]),
      { do: 'create-key', accountId, key },
      ...letIn,
      change,
    ],
    [
      ...(organizationId === null
        ? ['An organization trail from the management account would cover accounts that join later too.']
        : [
            'Run it in the management account (or the delegated administrator). A first copy of management events is free; a second trail is charged for.',
          ]),
      ...(problem.bucket === null
        ? [
            'The bucket is made in the same account; a log archive account of its own keeps the logs further from the people they are about.',
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
