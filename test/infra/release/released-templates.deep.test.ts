import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Template } from '../../../infra/release/conditional-template.ts';
import { RELEASED, type ReleasedName, releasedTemplates } from '../../../infra/release/release-templates.ts';
import { DECIDED_AT_RELEASE } from '../../../infra/release/setting-parameters.ts';
import { parseSettings, type Settings, type SettingsInput } from '../../../infra/settings/settings.ts';
import { addStacks } from '../../../infra/stacks.ts';
import { unbundledApp } from '../../../infra/unbundled-app.ts';
import { SETTINGS_IN_FULL } from '../settings-in-full.ts';
import { evaluated } from './evaluated.ts';

const released = releasedTemplates(parseSettings({}));

/** What the parameters must be for these settings. */
const parametersFor = (settings: Settings): Record<string, string> =>
  Object.fromEntries(
    released.parameters.map(({ name, path }) => {
      const at = path.reduce<unknown>((value, part) => (value as Record<string, unknown> | null)?.[part], settings);
      const first = typeof at === 'object' && at !== null && !Array.isArray(at) ? Object.values(at)[0] : at;
      return [name, [first ?? ''].flat().join(',')];
    }),
  );

/** Both templates, as CloudFormation would make resources of them. */
const compared = (input: SettingsInput) => {
  const settings = parseSettings(input);
  const { scannerAccount } = settings.memberRole;
  const organization = { OrganizationId: 'o-a1b2c3d4e5' };
  const own = { ...parametersFor(settings), ...(scannerAccount && { ScannerAccountId: scannerAccount }) };
  const parameters = { ...own, ...organization };
  // synth.test.ts holds these stacks against CDK's own rules.
  const app = unbundledApp();
  const stacks = addStacks(app, settings);
  const assembly = app.synth();
  return (Object.keys(RELEASED) as ReleasedName[]).flatMap((name) => {
    const stack = stacks[RELEASED[name]];
    const made = assembly.stacks.find(({ stackName }) => stackName === stack?.stackName);
    if (!made) return [];
    const { stackName } = made;
    const template = made.template as Template;
    const { BootstrapVersion: _, ...Parameters } = template.Parameters ?? {};
    return {
      name,
      released: evaluated(released.templates[name], { stackName, parameters }),
      deployed: evaluated({ ...template, Parameters }, { stackName, parameters: organization }),
    };
  });
};

const expectSame = (input: SettingsInput): void => {
  for (const { name, released, deployed } of compared(input)) {
    expect([name, released]).toEqual([name, deployed]);
    // Nothing that was not understood is equal to itself.
    expect(JSON.stringify(released)).not.toMatch(/Fn::(If|Split)|AWS::NoValue|Token\[/);
  }
};

const EXISTING = {
  reportBucket: 'audit-reports',
  key: 'arn:aws:kms:eu-west-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  topic: 'arn:aws:sns:eu-west-1:111122223333:alerts',
  accessLogBucket: 's3-access-logs',
};

/** Every setting of the full settings that is a parameter, and what they leave as it is by default. */
const OTHERS: SettingsInput = {
  ...structuredClone(SETTINGS_IN_FULL),
  roleName: 'OrgAudit',
  ...{ lake: false, signManifests: false, scheduleEnabled: false, silentHours: null, unreachableHours: 12 },
  retention: { runDays: 30, evidenceDays: 2190, logDays: 2192, accessLogDays: 400, queryResultDays: 7 },
  athena: { workgroup: 'audit', glue: false },
  memberRole: { scannerAccount: '333344445555', callAs: 'SELF' },
};
for (const path of Object.keys(DECIDED_AT_RELEASE)) {
  const [group = '', name] = path.split('.');
  const settings = OTHERS as Record<string, Record<string, unknown>>;
  if (name === undefined) delete settings[group];
  else delete settings[group]?.[name];
}

describe('the released templates, with parameters', () => {
  test('are the stacks of the CDK, with the default settings', () => expectSame({}));

  test('are the stacks of the CDK, with every setting changed', () => {
    expectSame({ ...OTHERS, silentHours: 80 });
    expectSame({ ...OTHERS, objectLock: null });
  });

  test('are the stacks of the CDK, into what is there already', () => {
    expectSame({ existing: EXISTING });
    expectSame({ existing: EXISTING, sampleLogs: true, objectLock: { mode: 'GOVERNANCE' } });
    expectSame({ ...OTHERS, silentHours: 80, existing: EXISTING });
  });

  test('are the stacks of the CDK, where others roll the audit role out', () => {
    expectSame({ memberRole: { rollOut: false } });
    expectSame({ memberRole: { rollOut: false }, watch: { regions: ['us-east-1'] } });
  });

  test('are the stacks of the CDK, with any settings changed', () => {
    const entries = Object.entries({ ...OTHERS, existing: EXISTING });
    fc.assert(
      fc.property(fc.subarray(entries), (chosen) => {
        const input = Object.fromEntries(chosen) as SettingsInput;
        // What settings.ts refuses together.
        if (input.schedule !== undefined && input.silentHours === undefined) input.silentHours = 90;
        if (input.sampleAccounts) input.sampleLogs = true;
        expectSame(input);
      }),
      { numRuns: 4 },
    );
  });

  test('ask for nothing that a bootstrap makes, and fit', () => {
    for (const [name, template] of Object.entries(released.templates)) {
      const text = JSON.stringify(template);
      expect([name, /cdk-hnb659fds|BootstrapVersion|aws:cdk/.exec(text)?.[0]]).toEqual([name, undefined]);
      expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
      // CloudFormation, "Quotas".
      expect(Object.keys(template.Parameters ?? {}).length).toBeLessThanOrEqual(200);
    }
  });
});
