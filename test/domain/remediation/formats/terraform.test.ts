import { parse } from '@cdktf/hcl2json';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Problem } from '../../../../functions/domain/remediation/decide/problem.ts';
import { block, expression, hclString } from '../../../../functions/domain/remediation/formats/terraform/hcl.ts';
import { remediations } from '../../../../functions/domain/remediation/remediate.ts';
import { CODE_POINT } from '../../../code-point.ts';
import { PROBLEMS } from '../problems.ts';
import { KEY_ARN, LOG_ARCHIVE, MANAGEMENT, trailOf } from '../subjects.ts';
import { describeIfTools, folders, run, writeFiles } from '../tools.ts';

const newFolder = folders();
const filesOf = (problem: Problem) => {
  const [found] = [...remediations({ problems: [problem], format: 'terraform' })];
  return found?.ok ? found.files : [];
};
const parsed = async (text: string): Promise<Record<string, never>> => parse('main.tf', text) as never;
/** The JSON behind `${jsonencode({…})}`. */
const policyIn = async (value: string): Promise<unknown> => {
  const inner = /^\$\{jsonencode\((.*)\)\}$/s.exec(value)?.[1];
  const { locals } = (await parse('policy.tf', `locals {\n  policy = ${inner}\n}\n`)) as {
    locals: [{ policy: unknown }];
  };
  return locals[0].policy;
};

describe('Terraform', () => {
  it('imports the trail, gives it the key, and touches nothing else', async () => {
    const trail = trailOf({ s3KeyPrefix: 'audit', homeRegion: 'us-east-1', isLogging: null });
    const [main] = filesOf({ problem: 'trail', trail });
    const tf = (await parsed(main?.content ?? '')) as never as Record<string, Record<string, never>>;
    expect(tf.terraform).toEqual([
      { required_version: '>= 1.5.0', required_providers: [{ aws: { source: 'hashicorp/aws', version: '~> 6.0' } }] },
    ]);
    expect(tf.provider).toEqual({
      aws: [
        { alias: 'eu_west_1', region: 'eu-west-1', allowed_account_ids: [MANAGEMENT] },
        { alias: 'us_east_1', region: 'us-east-1', allowed_account_ids: [MANAGEMENT] },
      ],
    });
    expect(tf.import).toEqual([{ to: '${aws_cloudtrail.trail}', id: trail.trailArn }]);
    const [trailBlock] = (tf.resource?.aws_cloudtrail as { trail: Record<string, unknown>[] } | undefined)?.trail ?? [];
    expect(trailBlock).toEqual({
      provider: '${aws.us_east_1}',
      name: 'org-trail',
      s3_bucket_name: 'org-logs',
      s3_key_prefix: 'audit',
      is_multi_region_trail: true,
      is_organization_trail: true,
      include_global_service_events: true,
      enable_log_file_validation: true,
      kms_key_id: '${aws_kms_key.trailseal.arn}',
      lifecycle: [
        { prevent_destroy: true, ignore_changes: expect.arrayContaining(['${event_selector}', '${enable_logging}']) },
      ],
    });
    const [key] = (tf.resource?.aws_kms_key as { trailseal: Record<string, unknown>[] } | undefined)?.trailseal ?? [];
    expect(key).toMatchObject({
      provider: '${aws.eu_west_1}',
      enable_key_rotation: true,
      deletion_window_in_days: 30,
      lifecycle: [{ prevent_destroy: true }],
    });
    const [found] = [...remediations({ problems: [{ problem: 'trail', trail }], format: 'aws-cli' })];
    const made = found?.ok ? found.plan.changes[0] : undefined;
    expect(await policyIn(String(key?.policy))).toEqual(made?.do === 'create-key' ? made.key.policy : 'no key');
  });

  it('merges into a key policy that was read, and writes nothing for one that was not', async () => {
    const [read, unread] = ['key policy without CloudTrail', 'key policy not kept'].map((name) =>
      filesOf(problemOf(name)),
    );
    expect(read?.map((f) => f.name)).toEqual(['main.tf', 'undo.md']);
    const tf = (await parsed(read?.[0]?.content ?? '')) as never as {
      resource: { aws_kms_key_policy: { key: [{ policy: string; key_id: string }] } };
    };
    const [policy] = tf.resource.aws_kms_key_policy.key;
    expect(policy.key_id).toBe(KEY_ARN.split('/')[1]);
    const sids = ((await policyIn(policy.policy)) as { Statement: { Sid: string }[] }).Statement.map((s) => s.Sid);
    expect(sids).toEqual(['Admin', 'TrailSealCloudTrailEncrypts', 'TrailSealCloudTrailChecksKey']);
    expect(unread).toEqual([]);
  });

  it('says in which order what Terraform cannot do is run', () => {
    const zone = filesOf(problemOf('unsealed Control Tower trail'));
    expect(zone.map((f) => f.name)).toEqual(['main.tf', 'undo.md', 'afterwards/fix.sh', 'afterwards/undo.sh']);
    expect(zone[0]?.content).not.toContain('aws_cloudtrail');
    expect(zone[2]?.purpose).toContain('run afterwards');
    expect(zone[3]?.purpose).toContain('to undo, run first');
    expect(zone[0]?.content).toContain('# After this, run what is in afterwards/');
    expect(zone[0]?.content).not.toContain('first/');
    expect(zone[2]?.content).toContain('--key-arn');
    const deletion = filesOf(problemOf('key pending deletion'));
    expect(deletion.map((f) => f.name)).toEqual(['first/fix.sh', 'main.tf', 'undo.md', 'afterwards/check.sh']);
    expect(deletion[0]?.purpose).toContain('run first');
    expect(deletion[1]?.content).toMatch(/# Before this, run what is in first[/].*\n# After this, run/);
  });

  it('gives each script that stands beside it the one key that it needs', () => {
    const trail = trailOf({ isOrganization: false, logGroupArn: null });
    const problems: Problem[] = [
      { problem: 'trail', trail },
      { problem: 'trail-unmonitored', trail: { ...trail, rootCauseId: 'rc-unmonitored' } },
    ];
    const taken = (format: 'terraform' | 'cloudformation-yaml') => {
      const [found] = [...remediations({ problems, format })];
      if (!found?.ok) throw new Error('refused');
      const scripts = found.files.filter(({ name }) => /^afterwards.*(fix|check)/.test(name));
      return scripts.map(({ content }) => [
        /key that was made as "([^"]*)/.exec(content)?.[1],
        content.includes('\ndelivered '),
        content.includes('\nfeed_log_group '),
      ]);
    };
    const one = [
      ['alias/trailseal-org-trail', true, false],
      ['alias/trailseal-logs-org-trail', false, true],
    ];
    expect([taken('terraform'), taken('cloudformation-yaml')]).toEqual([one, one]);
  });

  const modules = Object.entries(PROBLEMS).flatMap(([name, { problem }]) =>
    filesOf(problem).flatMap((file): [string, string, string][] =>
      file.name.endsWith('.tf') ? [[name, file.name, file.content]] : [],
    ),
  );
  it.each(modules)('parses: %s, %s', async (_, __, content) => {
    expect(await parsed(content)).toEqual(expect.any(Object));
  });

  it('gives trails of other accounts the key by a variable', async () => {
    const problems = ['111111111111', '222222222222'].map((ownerAccountId): Problem => {
      return { problem: 'trail', trail: trailOf({ ownerAccountId, isOrganization: false }) };
    });
    const [found] = [...remediations({ problems, format: 'terraform' })];
    if (!found?.ok) throw new Error('refused');
    expect(found.files.map((f) => f.name)).toEqual([
      `1-${LOG_ARCHIVE}/main.tf`,
      '2-111111111111/main.tf',
      '3-222222222222/main.tf',
      'undo.md',
      'afterwards/check.sh',
    ]);
    expect(await parsed(found.files[1]?.content ?? '')).toMatchObject({
      variable: { kms_key_arn: [{ type: '${string}' }] },
      resource: { aws_cloudtrail: { trail: [{ kms_key_id: '${var.kms_key_arn}' }] } },
    });
  });
});

describe('HCL', () => {
  it('reads back as the strings that were written, whatever is in them', async () => {
    const hostile = [
      '${file("/etc/passwd")}',
      '%{ if true }x',
      '$${',
      'a"b\\c\nd\te\r',
      '"\n}\nresource "x" "y" {',
      '\u202eevil',
      '\u{e0041}',
    ];
    const text = `locals {\n  values = ${expression(hostile)}\n}\n`;
    expect(await parse('h.tf', text)).toEqual({
      locals: [{ values: hostile.map((v) => v.replaceAll('${', () => '$${').replaceAll('%{', '%%{')) }],
    });
  });

  it('never lets a string end early', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: CODE_POINT }), async (text) => {
        const { locals } = (await parse('p.tf', `locals {\n  v = ${hclString(text)}\n  w = 1\n}\n`)) as {
          locals: Record<string, unknown>[];
        };
        expect(Object.keys(locals[0] ?? {})).toEqual(['v', 'w']);
      }),
      { numRuns: 50 },
    );
  });

  it('lays out empty blocks, lists and objects', () => {
    expect(block('locals', [], [])).toBe('locals {}');
    expect(expression([])).toBe('[]');
    expect(expression({ a: {}, 'b:c': [1, true, null] })).toBe('{\n  a     = {}\n  "b:c" = [1, true, null]\n}');
  });
});

describeIfTools(['terraform'], 'terraform fmt', () => {
  it('has nothing to change', () => {
    const folder = newFolder();
    let n = 0;
    for (const { problem } of Object.values(PROBLEMS)) {
      const files = filesOf(problem).filter((f) => f.name.endsWith('.tf'));
      writeFiles(
        folder,
        files.map((f) => ({ ...f, name: `${n++}/${f.name}` })),
      );
    }
    const { stdout, status } = run('terraform', ['fmt', '-check', '-diff', '-recursive', folder], {
      env: { CHECKPOINT_DISABLE: '1' },
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
    expect(n).toBeGreaterThan(15);
  });
});

const problemOf = (name: string): Problem => {
  const found = PROBLEMS[name];
  if (!found) throw new Error(name);
  return found.problem;
};
