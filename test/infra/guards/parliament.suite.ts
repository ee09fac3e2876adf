import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { roleTemplate } from '../../../infra/roles/role-template.ts';
import { parseSettings } from '../../../infra/settings/settings.ts';
import { resolved } from '../resolved.ts';
import { SETTINGS_IN_FULL } from '../settings-in-full.ts';
import { synthesized } from '../synthesized.ts';

interface Resource {
  Type: string;
  Properties?: { PolicyDocument?: object; Policies?: { PolicyDocument: object }[] };
}

/** ARNs of what only a deployment would name, by type. */
const ARNS: Record<string, string> = {
  'AWS::Events::EventBus': 'arn:aws:events:eu-west-1:111122223333:event-bus/ours',
  'AWS::Lambda::Function': 'arn:aws:lambda:eu-west-1:111122223333:function:ours',
  'AWS::Logs::LogGroup': 'arn:aws:logs:eu-west-1:111122223333:log-group:ours:*',
  'AWS::SQS::Queue': 'arn:aws:sqs:eu-west-1:111122223333:ours',
  'AWS::StepFunctions::StateMachine': 'arn:aws:states:eu-west-1:111122223333:stateMachine:ours',
};
const withArns = (value: unknown, resources: Record<string, Resource>): unknown => {
  if (Array.isArray(value)) return value.map((item) => withArns(item, resources));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::GetAtt': att } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  const arn = ARNS[resources[Ref ?? att?.[0] ?? '']?.Type ?? ''];
  if (arn !== undefined) return arn;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withArns(inner, resources)]));
};

/** Every identity policy of a template, as CloudFormation would send it to IAM. */
const policiesOf = ({ Resources }: { Resources: Record<string, Resource> }): Record<string, object> =>
  Object.fromEntries(
    Object.entries(Resources)
      .filter(([, { Type }]) => Type.startsWith('AWS::IAM::'))
      .flatMap(([id, { Properties: { PolicyDocument, Policies = [] } = {} }]) =>
        [...(PolicyDocument ? [PolicyDocument] : []), ...Policies.map((inline) => inline.PolicyDocument)].map(
          (document, at) => [`${id}-${at}`, resolved(withArns(document, Resources)) as object],
        ),
      ),
  );

/**
 * An action that takes one of two kinds of resource is held against both: AWS's own policy for a Distributed Map names
 * executions alone (Step Functions developer guide, "IAM permissions to use Distributed Map"), and executions are listed of
 * a state machine or of a Map Run (service authorization reference). What attaches a function to a VPC names no resource
 * (Lambda developer guide, "Required IAM permissions").
 */
const KNOWN = [
  'RESOURCE_MISMATCH states:DescribeExecution arn:*:states:*:*:express:*:*:*',
  'RESOURCE_MISMATCH states:ListExecutions arn:*:states:*:*:mapRun:*/*:*',
  'RESOURCE_STAR ["ec2:AssignPrivateIpAddresses","ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface","ec2:UnassignPrivateIpAddresses"] ',
];

const findings = (folder: string): string[] => {
  const { stdout, stderr } = spawnSync('parliament', ['--directory', folder, '--json'], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter(Boolean);
  if (lines.length === 0 && stderr) throw new Error(stderr);
  const all = lines.map((line) => {
    const { issue, detail, location } = JSON.parse(line) as { issue: string; detail: unknown; location: object };
    const [only, ...more] = Array.isArray(detail) ? (detail as { action: string; required_format: string }[]) : [];
    if (only && more.length === 0) return `${issue} ${only.action} ${only.required_format}`;
    return `${issue} ${JSON.stringify(detail)} ${JSON.stringify(location)}`;
  });
  return all.filter((found) => !KNOWN.some((known) => found.startsWith(known)));
};

const isInstalled = spawnSync('parliament', ['--help']).status === 0;
const isNeeded = isInstalled || process.env.TRAILSEAL_CI === '1';

(isNeeded ? describe : describe.skip)(
  `parliament${isNeeded ? '' : " (skipped: it is not installed, pip install 'parliament==1.6.4' setuptools)"}`,
  () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'trailseal-policies-'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('knows no action, resource or condition of ours that IAM would not', () => {
      const written: string[] = [];
      for (const [name, settings] of Object.entries({ default: {}, full: SETTINGS_IN_FULL })) {
        const { scanner, catalog } = synthesized(settings);
        const templates = {
          scanner: Template.fromStack(scanner).toJSON(),
          catalog: Template.fromStack(catalog).toJSON(),
          member: roleTemplate({ settings: parseSettings(settings), for: 'member', validate: false }),
        };
        for (const [stack, template] of Object.entries(templates))
          for (const [id, policy] of Object.entries(policiesOf(template as never))) {
            const file = `${name}-${stack}-${id}.json`;
            writeFileSync(join(folder, file), JSON.stringify(policy));
            written.push(file);
          }
      }
      expect(written.length).toBeGreaterThan(20);
      expect(findings(folder)).toEqual([]);
    });

    test('does find what is wrong', () => {
      const wrong = mkdtempSync(join(tmpdir(), 'trailseal-policies-'));
      const Statement = [{ Effect: 'Allow', Action: 's3:GetObjekt', Resource: 'arn:aws:s3:::a/*' }];
      writeFileSync(join(wrong, 'wrong.json'), JSON.stringify({ Version: '2012-10-17', Statement }));
      expect(findings(wrong)).toEqual([expect.stringContaining('UNKNOWN_ACTION')]);
      rmSync(wrong, { recursive: true });
    });
  },
);
