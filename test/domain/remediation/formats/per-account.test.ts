import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseHcl } from '@cdktf/hcl2json';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Problem } from '../../../../functions/domain/remediation/decide/problem.ts';
import {
  REMEDIATION_FORMATS,
  type RemediationFormat,
  remediations,
} from '../../../../functions/domain/remediation/remediate.ts';
import { atDepth } from '../../../depth.ts';
import { createFakeAws } from '../fake-aws.ts';
import { trailOf } from '../subjects.ts';
import { answers, folders, run, writeFiles } from '../tools.ts';

const newFolder = folders();
const ACCOUNTS = ['222233334444', '333344445555', '444455557777'];

/** A baseline's trail, which delivers to a bucket of its own account. */
const problemsOf = (accountId: string): Problem[] => {
  const trail = trailOf({
    trailName: 'baseline',
    ownerAccountId: accountId,
    isOrganization: false,
    bucket: `logs-${accountId}`,
    bucketAccountId: accountId,
    s3KeyPrefix: `it's of ${accountId}`,
    logFileValidation: false,
    accountsCovered: [accountId],
  });
  return [
    { problem: 'trail', trail },
    { problem: 'log-validation-off', trail },
    {
      problem: 'bucket-unprotected',
      bucket: `logs-${accountId}`,
      partition: 'aws',
      accountId,
      region: 'eu-west-1',
      policy: '',
      needs: { publicAccessBlock: 'make', versioning: 'make', defaultEncryption: 'nothing' },
      tlsOnly: false,
      trailArns: [trail.trailArn],
      rootCauseId: `rc-${accountId}`,
    },
  ];
};
const bundlesOf = (problems: Problem[], format: RemediationFormat) =>
  [...remediations({ problems, format })].map((found) => {
    if (!found.ok) throw new Error(found.refusal);
    return found;
  });

describe('trails alike in many accounts', () => {
  it.each(REMEDIATION_FORMATS)('have one fix: %s', (format) => {
    const [fix, ...others] = bundlesOf(ACCOUNTS.flatMap(problemsOf), format);
    expect(others).toEqual([]);
    expect(fix?.name).toBe('3-accounts-baseline');
    expect(fix?.plan.accountsCovered).toEqual(ACCOUNTS);
    expect(fix?.rootCauseIds.toSorted()).toEqual(['rc-1', ...ACCOUNTS.map((id) => `rc-${id}`)]);
    for (const file of fix?.files ?? []) {
      expect(file.name).not.toMatch(/\d{12}/);
      // The id stands only where the accounts are listed, or with all of them.
      for (const line of file.content.split('\n')) {
        const named = ACCOUNTS.filter((id) => line.includes(id)).length;
        expect([0, 3]).toContain(named);
      }
    }
    expect(fix?.files.map((f) => f.content).join()).toContain(ACCOUNTS[1]);
  });

  it('stay apart where more differs than the id of the account', () => {
    const [first = '', ...others] = ACCOUNTS;
    const differs = problemsOf(first).map((p): Problem => {
      return p.problem === 'trail' ? { ...p, trail: { ...p.trail, homeRegion: 'us-east-1' } } : p;
    });
    const moved = differs.filter((p) => p.problem === 'bucket-unprotected');
    expect(bundlesOf([...moved, ...others.flatMap(problemsOf)], 'aws-cli').map((b) => b.name)).toEqual([
      '2-accounts-baseline',
      `${first}-baseline`,
    ]);
  });

  it('are repaired by the script as by one of their own: the same calls, whichever account it runs in', () => {
    const [family] = bundlesOf(ACCOUNTS.flatMap(problemsOf), 'aws-cli');
    for (const account of atDepth({ quick: ACCOUNTS.slice(1, 2), deep: ACCOUNTS })) {
      const [own] = bundlesOf(problemsOf(account), 'aws-cli');
      const calls = [own, family].map((bundle) => {
        const aws = createFakeAws(newFolder(), { account, bucket: `logs-${account}` });
        writeFiles(aws.folder, bundle?.files ?? []);
        return ['fix.sh', 'undo.sh'].map((name) => {
          const file = bundle?.files.find((f) => f.name === name);
          const ran = run('bash', [name, ...answers(file)], { cwd: aws.folder, env: aws.env });
          return { status: ran.status, said: ran.stderr, calls: aws.calls() };
        });
      });
      expect(calls[1]).toEqual(calls[0]);
      expect(calls[0]?.[0]).toMatchObject({ status: 0 });
      expect(JSON.stringify(calls[0]).match(new RegExp(account, 'g'))?.length).toBeGreaterThan(20);
    }
  });

  it('are refused in any other account', () => {
    const [family] = bundlesOf(ACCOUNTS.flatMap(problemsOf), 'aws-cli');
    const aws = createFakeAws(newFolder(), { account: '999900001111' });
    writeFiles(aws.folder, family?.files ?? []);
    const ran = run('bash', ['fix.sh', '--yes'], { cwd: aws.folder, env: aws.env });
    expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining('none of the 3 that this is for')]);
    expect(aws.calls()).toHaveLength(1);
  });

  it('are one Terraform module, the account of which is a variable', async () => {
    const [family] = bundlesOf(ACCOUNTS.flatMap(problemsOf), 'terraform');
    const module = family?.files.find((f) => f.name === 'main.tf');
    const [account = ''] = ACCOUNTS;
    const [own] = bundlesOf(problemsOf(account), 'terraform');
    const resolved = (text: string) =>
      text.replaceAll('${var.account_id}', account).replaceAll('var.account_id', account);
    const [shared, single] = (await Promise.all(
      [module, own?.files.find((f) => f.name === 'main.tf')].map((f) => parseHcl('main.tf', f?.content ?? '')),
    )) as Record<string, unknown>[];
    expect(JSON.parse(resolved(JSON.stringify({ ...shared, terraform: null, variable: null })))).toEqual(
      JSON.parse(JSON.stringify({ ...single, terraform: null, variable: null })),
    );
    expect(shared?.variable).toMatchObject({ account_id: [{ type: '${string}' }] });
  });

  it('are one template, in which CloudFormation puts the account', () => {
    const [family] = bundlesOf(ACCOUNTS.flatMap(problemsOf), 'cloudformation-yaml');
    const [account = ''] = ACCOUNTS;
    const [own] = bundlesOf(problemsOf(account), 'cloudformation-yaml');
    const resolved = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(resolved);
      if (typeof value !== 'object' || value === null) return value;
      const { 'Fn::Sub': text } = value as { 'Fn::Sub'?: string };
      if (text !== undefined) return text.replaceAll('${AWS::AccountId}', account);
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item)]));
    };
    for (const name of ['key.yaml', 'trail.yaml']) {
      const [shared, single] = [family, own].map(
        (b) => parse(b?.files.find((f) => f.name === name)?.content ?? '', { version: '1.1' }) as unknown,
      );
      expect(JSON.stringify(shared)).toContain('AWS::AccountId');
      expect(resolved(shared)).toEqual(single);
    }
  });

  it('are bash in every format', () => {
    const folder = newFolder();
    for (const format of REMEDIATION_FORMATS) {
      for (const file of bundlesOf(ACCOUNTS.flatMap(problemsOf), format).flatMap((b) => b.files)) {
        if (file.name.endsWith('.sh'))
          writeFileSync(join(folder, `${format}-${file.name.replaceAll('/', '-')}`), file.content);
      }
    }
    const check = run('bash', ['-c', 'for script in *.sh; do bash -n "$script" || exit 1; done'], { cwd: folder });
    expect([check.status, check.stderr]).toEqual([0, '']);
  });
});
