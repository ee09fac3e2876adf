import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CfnResource } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { READS } from '../../functions/reads/registry.ts';
import { parseSettings } from '../../infra/settings/settings.ts';
import { DOCUMENTS, documentWithParts } from '../../tools/deployment-docs.ts';
import { permissionTable, REASONS } from '../../tools/permission-table.ts';
import { MEMORY } from '../../tools/run-cost.ts';
import { settingsTable } from '../../tools/settings-table.ts';
import { calledServices } from '../../tools/vpc-endpoints.ts';
import { byDefault, propertiesOf } from './scanner-template.ts';
import { SETTINGS_IN_FULL } from './settings-in-full.ts';
import { synthesized } from './synthesized.ts';

const guide = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('the guides of operator and reviewer', () => {
  test.each(DOCUMENTS)('%s says what the deployment is (npm run docs)', (name) => {
    const { is, mustBe } = documentWithParts(name);
    expect(is).toBe(mustBe);
  });

  test('describe every setting', () => {
    const rows = settingsTable().split('\n').slice(2, -1);
    expect(rows.length).toBeGreaterThan(35);
    expect(rows.filter((row) => row.endsWith('|  |'))).toEqual([]);
  });

  test('list an endpoint for every service that the functions may call', () => {
    const { scanner } = synthesized({ ...SETTINGS_IN_FULL, sampleAccounts: true });
    const policies = Object.values(Template.fromStack(scanner).findResources('AWS::IAM::Policy')).filter(
      ({ Properties }) => /^(Handlers|Watch)/.test(Properties.Roles[0].Ref),
    );
    const actions = policies.flatMap(({ Properties }) =>
      (Properties.PolicyDocument.Statement as { Action: string | string[] }[]).flatMap(({ Action }) => Action),
    );
    const services = [...new Set(actions.map((action) => action.split(':')[0] ?? ''))];
    expect(services.length).toBeGreaterThan(8);
    // Lambda itself reads the queues.
    const listed = Object.keys(calledServices());
    expect(services.filter((service) => service !== 'sqs' && !listed.includes(service))).toEqual([]);
    // What is read in other accounts, with their role.
    expect(READS.filter(({ service }) => !listed.includes(service))).toEqual([]);
  });

  test('give a reason for every permission, and for nothing that is not granted', () => {
    const table = permissionTable();
    for (const reason of Object.values(REASONS)) expect(table).toContain(`| ${reason} |`);
  });

  test('say in which file every construct is', () => {
    const { managementRole, memberRoles, scanner, catalog } = synthesized(SETTINGS_IN_FULL);
    const paths = [managementRole, memberRoles, scanner, catalog].flatMap(({ node }) =>
      node.children
        .filter((child) => child.node.findAll().some(CfnResource.isCfnResource))
        .map((child) => child.node.path),
    );
    expect(paths.length).toBeGreaterThan(12);
    const is = guide('security.md');
    expect(paths.filter((path) => !is.includes(`\`${path}\``))).toEqual([]);
  });

  test('exempt every role that the scan reads with from a Region deny: the members’ and, in its own account, the functions’', () => {
    const is = guide('operations.md');
    // The scanner, which assumes the role in other accounts, reads its own one as itself.
    const readers = Object.values(byDefault.findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) => JSON.stringify(Properties.PolicyDocument).includes('"sts:AssumeRole"'))
      .flatMap(({ Properties }) => Properties.Roles as { Ref: string }[])
      .map(({ Ref }) => byDefault.findResources('AWS::IAM::Role')[Ref]?.Properties.RoleName);
    expect(readers).toHaveLength(2);
    const mustBe = [parseSettings({}).roleName, ...readers];
    for (const [pattern, others] of [
      [/"ExemptedPrincipalArns", "value": (\[.*?\])/, []],
      [/"ArnNotLike": \{ "aws:PrincipalArn": (\[.*?\])/, ['AWSControlTowerExecution']],
    ] as const) {
      const arns: string[] = JSON.parse(pattern.exec(is)?.[1] ?? '[]');
      expect(arns.map((arn) => arn.split(':role/')[1]).sort()).toEqual([...mustBe, ...others].sort());
    }
  });

  test('price the memory that the functions really have', () => {
    for (const [name, gigabytes] of Object.entries(MEMORY)) {
      const { MemorySize } = propertiesOf(byDefault, 'AWS::Lambda::Function', {
        FunctionName: `TrailSeal-${name as HandlerName}`,
      });
      expect([name, MemorySize / 1024]).toEqual([name, expect.closeTo(gigabytes, 2)]);
    }
  });
});
