import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { Problem } from '../../../../functions/domain/remediation/decide/problem.ts';
import { templateText } from '../../../../functions/domain/remediation/formats/cloudformation-templates.ts';
import type { RemediationFile } from '../../../../functions/domain/remediation/formats/file.ts';
import { type RemediationFormat, remediations } from '../../../../functions/domain/remediation/remediate.ts';
import { PROBLEMS } from '../problems.ts';
import { KEY_ARN, trailOf } from '../subjects.ts';
import { describeIfTools, folders, run, writeFiles } from '../tools.ts';

const newFolder = folders();
const filesOf = (problem: Problem, format: RemediationFormat): RemediationFile[] => {
  const [found] = [...remediations({ problems: [problem], format })];
  return found?.ok ? found.files : [];
};
const templates = (files: readonly RemediationFile[]) =>
  files.filter((f) => /\.(json|yaml)$/.test(f.name) && !f.name.includes('resources-to-import'));

interface Resource {
  Type: string;
  DeletionPolicy?: string;
  Properties: Record<string, unknown>;
}

describe('CloudFormation', () => {
  it.each(Object.entries(PROBLEMS))('is the same in YAML as in JSON: %s', (_, { problem }) => {
    const [json, yaml] = [filesOf(problem, 'cloudformation-json'), filesOf(problem, 'cloudformation-yaml')].map(
      templates,
    );
    expect(yaml?.map((f) => parse(f.content, { version: '1.1' }))).toEqual(json?.map((f) => JSON.parse(f.content)));
  });

  it('imports the trail that exists: kept, without outputs, as it is until the key is given', () => {
    const files = filesOf({ problem: 'trail', trail: trailOf({ s3KeyPrefix: 'p' }) }, 'cloudformation-json');
    expect(files.map((f) => f.name)).toEqual([
      'key.json',
      'trail.json',
      'resources-to-import.json',
      'deploy.sh',
      'undo.sh',
      'afterwards/check.sh',
    ]);
    const [key, trail, resources, deploy] = files.map((f) => f.content);
    const template = JSON.parse(trail ?? '') as {
      Outputs?: unknown;
      Resources: Record<string, Resource>;
      Parameters: Record<string, { Default?: string }>;
    };
    expect(template.Outputs).toBeUndefined();
    expect(Object.keys(template.Resources)).toEqual(['Trail']);
    expect(template.Resources.Trail).toMatchObject({
      Type: 'AWS::CloudTrail::Trail',
      DeletionPolicy: 'Retain',
      Properties: { TrailName: 'org-trail', S3BucketName: 'org-logs', S3KeyPrefix: 'p', IsOrganizationTrail: true },
    });
    expect(template.Parameters.KmsKeyArn?.Default).toBe('');
    expect(JSON.parse(resources ?? '')).toEqual([
      {
        ResourceType: 'AWS::CloudTrail::Trail',
        LogicalResourceId: 'Trail',
        ResourceIdentifier: { TrailName: 'org-trail' },
      },
    ]);
    expect((JSON.parse(key ?? '') as { Resources: Record<string, Resource> }).Resources.Key).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { EnableKeyRotation: true, PendingWindowInDays: 30 },
    });
    expect(deploy).toMatch(/--change-set-type IMPORT/);
    expect(deploy?.indexOf('import_stack eu-west-1')).toBeLessThan(deploy?.indexOf('--parameter-overrides') ?? 0);
  });

  it('goes back to the key the trail had', () => {
    const trail = trailOf({ kmsKeyArn: KEY_ARN, verdict: 'FOREIGN_KEY', reason: 'AWS_MANAGED_KEY' });
    const undo = filesOf({ problem: 'trail', trail }, 'cloudformation-yaml').find((f) => f.name === 'undo.sh');
    expect(undo?.content).toContain(`--parameter-overrides KmsKeyArn=${KEY_ARN}`);
  });

  it('quotes in YAML what CloudFormation would read as another type', () => {
    const words = [
      'yes',
      'on',
      'n',
      '0123',
      '1:30',
      '2012-10-17',
      '1e3',
      '~',
      'null',
      '- a',
      'a: b',
      '# c',
      '*x',
      "it's",
      'a\nb',
      '\u202e',
    ];
    const template = { AWSTemplateFormatVersion: '2010-09-09' as const, Description: '', Resources: { R: { words } } };
    const text = templateText(template, 'yaml');
    expect(parse(text, { version: '1.1' })).toEqual(template);
    expect(parse(text, { version: '1.2' })).toEqual(template);
  });
});

describeIfTools(['cfn-lint'], 'cfn-lint', () => {
  it('finds nothing wrong in any template', () => {
    const folder = newFolder();
    const files = Object.values(PROBLEMS).flatMap(({ problem }, i) =>
      (['cloudformation-json', 'cloudformation-yaml'] as const).flatMap((format) =>
        templates(filesOf(problem, format)).map((f) => ({ ...f, name: `${i}-${f.name.replaceAll('/', '-')}` })),
      ),
    );
    writeFiles(folder, files);
    const { stdout, stderr, status } = run('cfn-lint', [...files.map((f) => f.name)], { cwd: folder });
    expect(`${stdout}${stderr}`).toBe('');
    expect(status).toBe(0);
    expect(files.length).toBeGreaterThan(20);
  }, 120_000);
});
