import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Problem } from '../../../../functions/domain/remediation/decide/problem.ts';
import { scriptText } from '../../../../functions/domain/remediation/formats/script.ts';
import { indented, jsonVariable, quoted } from '../../../../functions/domain/remediation/formats/shell.ts';
import {
  REMEDIATION_FORMATS,
  type RemediationFormat,
  remediations,
} from '../../../../functions/domain/remediation/remediate.ts';
import { CODE_POINT } from '../../../code-point.ts';
import { atDepth } from '../../../depth.ts';
import { createFakeAws, LANDING_ZONE } from '../fake-aws.ts';
import { PROBLEMS, unloggedBucket } from '../problems.ts';
import { KEY_ARN, LOG_ARCHIVE, MANAGEMENT, trailOf } from '../subjects.ts';
import { answers, describeIfTools, folders, run, writeFiles } from '../tools.ts';

const newFolder = folders();
const fakeAws = (world: { account: string; bucket?: string }) => createFakeAws(newFolder(), world);
const filesOf = (problem: Problem, format: RemediationFormat = 'aws-cli') => {
  const [found] = [...remediations({ problems: [problem], format })];
  if (!found?.ok) throw new Error(found?.refusal);
  return found.files;
};
const HOSTILE = "x'; touch pwned; echo '$(touch pwned)`touch pwned`\"\n}\nJSON\ntouch pwned\n\u202e";

/** A trail whose bucket and prefix are out to break whatever they are written into. */
const hostileProblems: Problem[] = [
  { problem: 'trail', trail: trailOf({ bucket: HOSTILE, s3KeyPrefix: HOSTILE }) },
  {
    problem: 'trail',
    trail: trailOf({
      bucket: HOSTILE,
      s3KeyPrefix: HOSTILE,
      kmsKeyArn: KEY_ARN,
      verdict: 'BROKEN',
      reason: 'DELIVERY_ERROR',
      latestDeliveryError: HOSTILE,
    }),
  },
  {
    problem: 'bucket-unprotected',
    bucket: HOSTILE,
    partition: 'aws',
    accountId: LOG_ARCHIVE,
    region: 'eu-west-1',
    policy: null,
    needs: { publicAccessBlock: null, versioning: null, defaultEncryption: null },
    tlsOnly: false,
    trailArns: [],
    rootCauseId: null,
  },
  {
    problem: 'bucket-retention',
    bucket: HOSTILE,
    partition: 'aws',
    accountId: LOG_ARCHIVE,
    region: 'eu-west-1',
    folders: [`${HOSTILE}/AWSLogs/*/CloudTrail`],
    trailArns: [],
    rootCauseId: null,
  },
  {
    problem: 'log-group-unencrypted',
    logGroupArn: `arn:aws:logs:eu-west-1:${MANAGEMENT}:log-group:${HOSTILE}:*`,
    trailArns: [],
    rootCauseId: null,
  },
  {
    problem: 'event-data-store-unencrypted',
    storeArn: `arn:aws:cloudtrail:eu-west-1:${MANAGEMENT}:eventdatastore/${HOSTILE}`,
    storeName: HOSTILE,
    key: null,
    reason: 'NO_KEY',
    rootCauseId: null,
  },
];

describe('quoted', () => {
  it('is one word of exactly this text to bash', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: CODE_POINT }).map((s) => s.replaceAll('\0', '')),
          { minLength: 1, maxLength: 20 },
        ),
        (words) => {
          const { stdout } = run('bash', ['-c', `printf '%s\\0' ${words.map(quoted).join(' ')}`]);
          expect(stdout).toBe(Buffer.from(words.map((w) => `${w}\0`).join('')).toString());
        },
      ),
      { numRuns: atDepth({ quick: 5, deep: 20 }) },
    );
  });
});

describe('a document in a script', () => {
  it('is read as it is, however far the lines around it are moved to the right', () => {
    const document = { name: "it's $HOME `x`", lines: ['  two', 'three'] };
    const body = [...jsonVariable('DOCUMENT', document), 'printf %s "$DOCUMENT"'];
    const script = ['case one in', '  one)', ...indented(body, '    '), '    ;;', 'esac'].join('\n');
    const { stdout, stderr } = run('bash', ['-c', script]);
    expect([stderr, JSON.parse(stdout)]).toEqual(['', document]);
  });
});

describe('the scripts', () => {
  it('are bash, whatever the names in them', () => {
    const folder = newFolder();
    const problems = [
      ...Object.values(PROBLEMS).flatMap((p) => ('refused' in p ? [] : [p.problem])),
      ...hostileProblems,
    ];
    const scripts = problems.flatMap((problem, i) =>
      REMEDIATION_FORMATS.flatMap((format) =>
        filesOf(problem, format)
          .filter((f) => f.name.endsWith('.sh'))
          .map((f) => ({ ...f, name: `${i}-${format}-${f.name.replaceAll('/', '-')}` })),
      ),
    );
    writeFiles(folder, scripts);
    const check = run('bash', ['-c', 'for script in *.sh; do bash -n "$script" || exit 1; done'], { cwd: folder });
    expect(check.stderr).toBe('');
    expect(check.status).toBe(0);
    expect(scripts.length).toBeGreaterThan(100);
    for (const { content } of scripts) expect(content).toMatch(/^set -euo pipefail$/m);
  }, 60_000);

  it('hold no line that a name could have begun in a comment or a prompt', () => {
    for (const problem of hostileProblems) {
      for (const format of REMEDIATION_FORMATS) {
        for (const { content, name } of filesOf(problem, format)) {
          const comments = content.split('\n').filter((line) => line.startsWith('#'));
          if (!name.endsWith('.md')) expect(comments.join('')).not.toMatch(/\u202e/);
        }
      }
    }
  });

  it('ask, change nothing where nobody can answer, and refuse another account', () => {
    const aws = fakeAws({ account: MANAGEMENT });
    writeFiles(aws.folder, filesOf({ problem: 'trail', trail: trailOf() }));
    const unasked = run('bash', ['fix.sh'], { cwd: aws.folder, env: aws.env });
    expect(unasked.status).toBe(1);
    expect(unasked.stderr).toContain('About to make a customer managed key in eu-west-1');
    expect(unasked.stderr).toContain('nothing more was changed');
    expect(aws.calls().some((c) => c[1]?.match(/^(create|put|update|enable)/))).toBe(false);

    const other = fakeAws({ account: LOG_ARCHIVE });
    writeFiles(other.folder, filesOf({ problem: 'trail', trail: trailOf() }));
    const refused = run('bash', ['fix.sh', '--yes'], { cwd: other.folder, env: other.env });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      `These credentials are for account ${LOG_ARCHIVE}; this is for account ${MANAGEMENT}.`,
    );
    expect(other.calls()).toHaveLength(1);
  });

  it.each(['--what', '--key-arn'])('refuse %s', (argument) => {
    const aws = fakeAws({ account: MANAGEMENT });
    writeFiles(aws.folder, filesOf({ problem: 'trail', trail: trailOf() }));
    expect(run('bash', ['fix.sh', argument], { cwd: aws.folder, env: aws.env }).status).toBe(1);
    expect(aws.calls()).toEqual([]);
  });

  it('pass names on as they are, and run nothing that is in them', () => {
    for (const problem of hostileProblems) {
      const account = problem.problem.startsWith('bucket-') ? LOG_ARCHIVE : MANAGEMENT;
      for (const file of filesOf(problem).filter((f) => f.name.endsWith('.sh'))) {
        const aws = fakeAws({ account: file.name.includes(LOG_ARCHIVE) ? LOG_ARCHIVE : account, bucket: HOSTILE });
        writeFiles(aws.folder, [file]);
        run('bash', [file.name, ...answers(file)], { cwd: aws.folder, env: aws.env });
        expect(existsSync(join(aws.folder, 'pwned'))).toBe(false);
        expect(aws.calls().length).toBeGreaterThan(0);
      }
    }
    const aws = fakeAws({ account: LOG_ARCHIVE, bucket: HOSTILE });
    const bucket = hostileProblems[2];
    if (!bucket) throw new Error('no problem');
    writeFiles(aws.folder, filesOf(bucket));
    run('bash', ['fix.sh', '--yes'], { cwd: aws.folder, env: aws.env });
    const block = aws.calls().find((c) => c[1] === 'put-public-access-block');
    expect(block?.[block.indexOf('--bucket') + 1]).toBe(HOSTILE);
  });
});

describe('a delivery', () => {
  const script = scriptText({
    title: 'Wait',
    about: [],
    accounts: [MANAGEMENT],
    region: 'eu-west-1',
    takesKey: null,
    functions: ['delivered'],
    body: [`delivered eu-west-1 org-trail org-logs AWSLogs/o-1/${MANAGEMENT}/CloudTrail/eu-west-1/ ${KEY_ARN}`],
  });
  /** One answer for each time that the script asks; the last one stays. */
  const waits = (answers: { time: string[]; newest: string[]; encryption?: string }, ...args: string[]) => {
    const aws = fakeAws({ account: MANAGEMENT });
    for (const name of ['time', 'newest'] as const) writeFileSync(join(aws.folder, name), answers[name].join('\n'));
    writeFileSync(join(aws.folder, 'encryption'), answers.encryption ?? `aws:kms\t${KEY_ARN}`);
    writeFiles(aws.folder, [{ name: 'wait.sh', content: script, purpose: '' }]);
    const env = { ...aws.env, TRAILSEAL_POLL_SECONDS: '0', TRAILSEAL_POLLS: '3' };
    return { ...run('bash', ['wait.sh', ...args], { cwd: aws.folder, env }), calls: aws.calls() };
  };
  const OLD = '2026-01-01T00:00:00Z\told.json.gz';
  const NEW = '2026-01-02T00:00:00Z\tnew.json.gz';

  it('is waited for until a new log carries the key', () => {
    const ran = waits({ time: ['1 None', '1 None', '2 None', '3 None'], newest: [OLD, OLD, `${OLD}|${NEW}`] });
    expect(ran.stderr).toContain(`delivered new.json.gz, encrypted with ${KEY_ARN}`);
    expect(ran.status).toBe(0);
    const listed = ran.calls.find((c) => c[1] === 'list-objects-v2') ?? [];
    expect(listed[listed.indexOf('--prefix') + 1]).toMatch(
      new RegExp(`^AWSLogs/o-1/${MANAGEMENT}/CloudTrail/eu-west-1/\\d{4}/\\d\\d/\\d\\d/$`),
    );
  });

  it.each([
    [
      'another key',
      { time: ['1 None', '2 None'], newest: [OLD, NEW], encryption: 'aws:kms\tanother' },
      /is aws:kms\s+another, not arn/,
    ],
    ['no key', { time: ['1 None', '2 None'], newest: [OLD, NEW], encryption: 'AES256\tNone' }, /is AES256/],
    ['no delivery', { time: ['1 None'], newest: [OLD] }, /nothing was delivered/],
    ['an error', { time: ['1 None', '2 AccessDenied'], newest: [OLD, NEW] }, /delivery error AccessDenied/],
    ['no new log', { time: ['1 None', '2 None'], newest: [OLD] }, /no new log is under/],
  ])('fails with %s', (_, answers, why) => {
    const ran = waits(answers);
    expect(ran.stderr).toMatch(why);
    expect(ran.status).toBe(1);
  });

  it('is believed by its time alone where the logs cannot be listed, and not waited for with --no-wait', () => {
    const ran = waits({ time: ['1 None', '2 None'], newest: ['denied'] });
    expect(ran.stderr).toContain('cannot be listed from this account');
    expect(ran.status).toBe(0);
    const unwaited = waits({ time: ['1 None'], newest: [OLD] }, '--no-wait');
    expect(unwaited.stderr).toContain('Not waited for');
    expect(unwaited.calls).toHaveLength(1);
  });
});

describeIfTools(['jq'], 'the landing zone', () => {
  const problem: Problem = {
    problem: 'trail',
    trail: trailOf({ trailName: 'aws-controltower-BaselineCloudTrail', controlTower: true }),
  };

  it('gets the key in its own manifest, with everything else as it was, and never update-trail', () => {
    const aws = fakeAws({ account: MANAGEMENT });
    writeFiles(aws.folder, filesOf(problem));
    const ran = run('bash', ['fix.sh', '--yes'], { cwd: aws.folder, env: aws.env });
    expect(ran.stderr).toContain('get-landing-zone-operation');
    expect(ran.status).toBe(0);
    const update = aws.calls().find((c) => c[1] === 'update-landing-zone') ?? [];
    expect(update[update.indexOf('--landing-zone-version') + 1]).toBe('3.3');
    expect(JSON.parse(update[update.indexOf('--manifest') + 1] ?? '')).toEqual({
      ...LANDING_ZONE,
      centralizedLogging: {
        ...LANDING_ZONE.centralizedLogging,
        configurations: { ...LANDING_ZONE.centralizedLogging.configurations, kmsKeyArn: KEY_ARN },
      },
    });
    expect(aws.calls().some((c) => c[1] === 'update-trail')).toBe(false);
    const created = aws.calls().find((c) => c[1] === 'create-key') ?? [];
    expect(created[created.indexOf('--policy') + 1]).toContain('config.amazonaws.com');

    const undo = () => run('bash', ['undo.sh', '--yes'], { cwd: aws.folder, env: aws.env });
    writeFileSync(join(aws.folder, 'manifest'), JSON.stringify({ ...LANDING_ZONE, governedRegions: [] }));
    expect(undo()).toMatchObject({ status: 1, stderr: expect.stringContaining('changed again since the fix') });
    writeFileSync(join(aws.folder, 'manifest'), update[update.indexOf('--manifest') + 1] ?? '');
    expect(undo()).toMatchObject({ status: 0, stderr: expect.stringContaining('About to update landing zone') });
    writeFileSync(join(aws.folder, 'manifest'), JSON.stringify(LANDING_ZONE));
    expect(undo().stderr).toContain('as it was already');
    expect(JSON.parse(readFileSync(join(aws.folder, 'trailseal-before.landing-zone.json'), 'utf8'))).toEqual(
      LANDING_ZONE,
    );
  });
});

describeIfTools(['jq'], 'a lifecycle that deletes logs early', () => {
  const problem: Problem = {
    problem: 'bucket-retention',
    bucket: 'org-logs',
    partition: 'aws',
    accountId: LOG_ARCHIVE,
    region: 'eu-west-1',
    folders: ['ct/AWSLogs/o-abcde12345/*/CloudTrail', `ct/AWSLogs/${MANAGEMENT}/CloudTrail`],
    trailArns: [],
    rootCauseId: null,
  };
  const rule = (ID: string, Filter: object, rest: object) => ({ ID, Filter, Status: 'Enabled', ...rest });
  const put = (config: object | null) => {
    const aws = fakeAws({ account: LOG_ARCHIVE });
    if (config) writeFileSync(join(aws.folder, 'lifecycle'), JSON.stringify(config));
    writeFiles(aws.folder, filesOf(problem));
    const ran = run('bash', ['fix.sh', '--yes'], { cwd: aws.folder, env: aws.env });
    const call = aws.calls().find((c) => c[1] === 'put-bucket-lifecycle-configuration');
    const after =
      call && (JSON.parse(call[call.indexOf('--lifecycle-configuration') + 1] ?? '') as { Rules: unknown[] });
    return { ran, call, after, kept: join(aws.folder, 'trailseal-before-org-logs.lifecycle.json') };
  };
  const shortly = { Expiration: { Days: 30 } };

  it('deletes them after a year; no other rule, transition or setting changes', () => {
    const transitions = {
      Transitions: [{ Days: 10, StorageClass: 'GLACIER' }],
      NoncurrentVersionExpiration: { NoncurrentDays: 5 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    };
    const others = [
      rule('off', { Prefix: '' }, { ...shortly, Status: 'Disabled' }),
      rule('later', { Prefix: 'ct/' }, { Expiration: { Days: 400 } }),
      rule('tagged', { Tag: { Key: 'a', Value: 'b' } }, shortly),
      rule('tagged too', { And: { Prefix: 'ct/', Tags: [{ Key: 'a', Value: 'b' }] } }, shortly),
      rule('elsewhere', { Prefix: 'ct/AWSLogs/o-other' }, shortly),
      rule('digests', { Prefix: `ct/AWSLogs/${MANAGEMENT}/CloudTrail-Digest` }, shortly),
      rule('moves', { Prefix: '' }, { Transitions: [{ Days: 1, StorageClass: 'GLACIER' }] }),
      rule('versions', {}, { NoncurrentVersionExpiration: { NoncurrentDays: 1 } }),
    ];
    const ours = (days: number) => [
      rule('all', {}, { Expiration: { Days: days }, ...transitions }),
      rule('one account', { Prefix: 'ct/AWSLogs/o-abcde12345/1111' }, { Expiration: { Days: days } }),
      rule('by size', { And: { Prefix: 'ct/AW', ObjectSizeGreaterThan: 10 } }, { Expiration: { Days: days } }),
      { ID: 'old form', Prefix: `ct/AWSLogs/${MANAGEMENT}/CloudTrail/`, Status: 'Enabled', Expiration: { Days: days } },
    ];
    const config = { TransitionDefaultMinimumObjectSize: 'varies_by_storage_class', Rules: [...ours(30), ...others] };
    const { ran, call, after, kept } = put(config);
    expect([ran.status, after]).toEqual([0, { Rules: [...ours(365), ...others] }]);
    expect(call?.slice(-2)).toEqual(['--transition-default-minimum-object-size', 'varies_by_storage_class']);
    expect(call?.[call.indexOf('--expected-bucket-owner') + 1]).toBe(LOG_ARCHIVE);
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual(config);
    expect(ran.stderr).toContain('other objects that these rules cover are kept longer too');
  });

  it.each([
    ['there is none by now', null, 0, 'nothing in it expires'],
    ['none is early by now', { Rules: [rule('later', {}, { Expiration: { Days: 365 } })] }, 0, 'before 365 days'],
    [
      'one deletes on a date',
      { Rules: [rule('dated', {}, { Expiration: { Date: '2030-01-01T00:00:00Z' } }), rule('all', {}, shortly)] },
      1,
      'Lifecycle rule dated of bucket org-logs deletes logs on a date',
    ],
  ])('changes nothing where %s', (_, config, status, words) => {
    const { ran, call } = put(config);
    expect([ran.status, call]).toEqual([status, undefined]);
    expect(ran.stderr).toContain(words);
  });
});

describeIfTools(['jq'], 'access logs of a log bucket', () => {
  const options = { accessLogBucket: 'access-logs' };
  const planOf = (format: RemediationFormat = 'aws-cli', more: object = {}) => {
    const [found] = [...remediations({ problems: [unloggedBucket], format, options: { ...options, ...more } })];
    return found;
  };
  const turnOn = (files: Record<string, string>) => {
    const found = planOf();
    if (!found?.ok) throw new Error(found?.refusal);
    const aws = fakeAws({ account: LOG_ARCHIVE });
    for (const [name, content] of Object.entries({ location: 'eu-west-1', ...files }))
      writeFileSync(join(aws.folder, name), content);
    writeFiles(aws.folder, found.files);
    const ran = run('bash', ['fix.sh', '--yes'], { cwd: aws.folder, env: aws.env });
    return { ran, aws, puts: aws.calls().filter((c) => c[1]?.startsWith('put-')) };
  };

  it('go to the bucket that is named, which lets S3 write those alone, and can be turned off again', () => {
    const { ran, aws, puts } = turnOn({});
    expect([ran.status, puts.map((c) => c[1])]).toEqual([0, ['put-bucket-policy', 'put-bucket-logging']]);
    const [policy, logging] = puts;
    expect(policy?.[policy.indexOf('--bucket') + 1]).toBe('access-logs');
    expect(JSON.parse(policy?.[policy.indexOf('--policy') + 1] ?? '').Statement).toMatchObject([
      {
        Principal: { Service: 'logging.s3.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: 'arn:aws:s3:::access-logs/org-logs/*',
        Condition: { StringEquals: { 'aws:SourceAccount': LOG_ARCHIVE } },
      },
    ]);
    expect(logging?.[logging.indexOf('--bucket') + 1]).toBe('org-logs');
    expect(JSON.parse(logging?.[logging.indexOf('--bucket-logging-status') + 1] ?? '')).toEqual({
      LoggingEnabled: { TargetBucket: 'access-logs', TargetPrefix: 'org-logs/' },
    });
    writeFileSync(join(aws.folder, 'logging-org-logs'), 'another');
    const undo = () => run('bash', ['undo.sh', '--yes'], { cwd: aws.folder, env: aws.env });
    expect(undo()).toMatchObject({ status: 1, stderr: expect.stringContaining('nothing is changed') });
    writeFileSync(join(aws.folder, 'logging-org-logs'), 'access-logs');
    expect(undo().status).toBe(0);
    expect(aws.calls().at(-1)?.slice(-2)).toEqual(['--bucket-logging-status', '{}']);
  });

  it.each([
    ['is in another Region', { location: 'None' }, 'access-logs is in us-east-1'],
    ['logs into the bucket', { 'logging-access-logs': 'org-logs' }, 'make one another forever'],
    ['logs into itself', { 'logging-access-logs': 'access-logs' }, 'make one another forever'],
    ['is encrypted with a key', { encryption: 'aws:kms' }, 'only where it is SSE-S3'],
    ['retains by default', { lock: 'COMPLIANCE' }, 'default retention'],
  ])('change nothing where the bucket for them %s', (_, files, words) => {
    const { ran, puts } = turnOn(files as Record<string, string>);
    expect([ran.status, puts]).toEqual([1, []]);
    expect(ran.stderr).toContain(words);
  });

  it('are left where somebody has turned them on meanwhile', () => {
    const { ran, puts } = turnOn({ 'logging-org-logs': 'another' });
    expect([ran.status, puts.some((c) => c[1] === 'put-bucket-logging')]).toEqual([0, false]);
  });

  it.each([
    ['org-logs', /it is the bucket itself/],
    ['team-logs', /trails deliver to it/],
    ["x'; touch pwned", /is not the name of a bucket/],
  ])('do not go to %s', (accessLogBucket, why) => {
    const found = planOf('aws-cli', { accessLogBucket });
    expect(found?.ok ? '' : found?.refusal).toMatch(why);
  });

  it('are a script in every format but the console, which has steps and the statement', () => {
    for (const format of REMEDIATION_FORMATS) {
      const found = planOf(format);
      const text = found?.ok ? found.files.map((f) => f.content).join('\n') : '';
      expect([format, text.includes('logging.s3.amazonaws.com')]).toEqual([format, true]);
    }
  });
});

describe('a trail that feeds no log group', () => {
  const problem: Problem = { problem: 'trail-unmonitored', trail: trailOf({ kmsKeyArn: KEY_ARN }) };
  const GROUP = `arn:aws:logs:eu-west-1:${MANAGEMENT}:log-group:aws-cloudtrail-logs-org-trail`;
  const world = () => {
    const aws = fakeAws({ account: MANAGEMENT });
    writeFiles(aws.folder, filesOf(problem));
    const env = { ...aws.env, TRAILSEAL_POLL_SECONDS: '0' };
    const ran = (name: string) => run('bash', [name, '--yes'], { cwd: aws.folder, env });
    const value = (call: string, option: string) => {
      const words = aws.calls().findLast((c) => c[1] === call) ?? [];
      return words[words.indexOf(option) + 1];
    };
    return { aws, ran, value };
  };

  it('gets an encrypted group and a role that may put events there alone, and waits until AWS knows them', () => {
    const { aws, ran, value } = world();
    for (const late of ['no-key-yet', 'no-role-yet']) writeFileSync(join(aws.folder, late), '');
    expect(ran('fix.sh')).toMatchObject({ status: 0, stderr: expect.stringContaining('from now on') });
    expect(value('create-log-group', '--kms-key-id')).toBe(KEY_ARN);
    const grant = JSON.parse(value('put-role-policy', '--policy-document') ?? '');
    expect(grant.Statement).toMatchObject([
      { Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${GROUP}:log-stream:*` },
    ]);
    expect(JSON.parse(value('create-role', '--assume-role-policy-document') ?? '').Statement).toMatchObject([
      { Principal: { Service: 'cloudtrail.amazonaws.com' } },
    ]);
    expect(value('update-trail', '--cloud-watch-logs-log-group-arn')).toBe(`${GROUP}:*`);
    expect(value('update-trail', '--cloud-watch-logs-role-arn')).toBe(`arn:aws:iam::${MANAGEMENT}:role/made`);
  });

  it('is left where somebody has set a group meanwhile, and taken back only where it is ours', () => {
    const { aws, ran } = world();
    writeFileSync(join(aws.folder, 'group'), 'arn:another:*');
    expect(ran('fix.sh').stderr).toContain('feeds arn:another:* already');
    expect(ran('undo.sh')).toMatchObject({ status: 1, stderr: expect.stringContaining('nothing is changed') });
    expect(aws.calls().some((c) => c[1] === 'update-trail')).toBe(false);
    writeFileSync(join(aws.folder, 'group'), `${GROUP}:*`);
    expect(ran('undo.sh').status).toBe(0);
    // The calls are split where a word is empty.
    expect(
      aws
        .calls()
        .find((c) => c[1] === 'update-trail')
        ?.at(-1),
    ).toBe('--cloud-watch-logs-log-group-arn');
  });

  it('has a key of its own beside that of the trail', () => {
    const bare = trailOf();
    const problems: Problem[] = [
      { problem: 'trail', trail: bare },
      { problem: 'trail-unmonitored', trail: bare },
    ];
    const [fix] = remediations({ problems, format: 'aws-cli', options: { alias: 'alias/mine' } });
    const done = fix?.ok ? fix.plan.changes : [];
    expect(done.map((c) => c.do)).toEqual([
      'create-key',
      'set-trail-key',
      'check-delivery',
      'create-key',
      'feed-log-group',
    ]);
    const keys = done.flatMap((c) => (c.do === 'create-key' ? [c.key.alias] : []));
    expect(keys).toEqual(['alias/mine', 'alias/trailseal-logs-org-trail']);
  });
});
