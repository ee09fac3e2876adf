import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import * as z from 'zod';
import { addSettings, runSettings, type ScanOptions } from '../../../functions/cli/scan-options.ts';
import { scopeFilter } from '../../../functions/domain/run/account-filters.ts';
import {
  defaultSettings,
  flagOf,
  isNarrowed,
  narrowedBy,
  settingDeclarations,
} from '../../../functions/domain/settings/run-settings.ts';
import {
  deploymentFields,
  inputFields,
  SETTING_VARIABLES,
  settingsOfVariables,
  settingVariables,
  textsOfSettings,
} from '../../../functions/domain/settings/setting-schemas.ts';

const deployed = (settings: object) => {
  const texts = textsOfSettings({
    ...z.strictObject(deploymentFields).parse(settings),
    homeRegion: 'eu-west-1',
  });
  return settingsOfVariables(z.object(settingVariables).parse(texts));
};
const typed = (...words: string[]) => {
  const command = addSettings(new Command('scan').exitOverride()).parse(words, { from: 'user' });
  return runSettings({ ...command.opts(), out: 'x', failOn: 'none' } as ScanOptions, 'eu-west-1');
};

describe('a setting is declared once', () => {
  it('and says the same through the deployment, the command line and the input', () => {
    const wanted = {
      ...defaultSettings(),
      ...{ homeRegion: 'eu-west-1', concurrency: 7, lake: false, sampleLogs: true, sampleAccounts: true },
      ...{ excludeAccounts: ['111122223333', '444455556666'], onlyOus: ['r-ab12'], excludeRegions: ['eu-west-2'] },
    };
    const { concurrency, lake, sampleLogs, sampleAccounts, excludeAccounts, onlyOus, excludeRegions } = wanted;
    const settings = { concurrency, lake, sampleLogs, sampleAccounts, excludeAccounts, onlyOus, excludeRegions };
    expect(deployed(settings)).toEqual(wanted);
    expect(
      typed(
        ...['--concurrency', '7', '--no-lake', '--sample-accounts', '--exclude-accounts', '111122223333,444455556666'],
        ...['--ou', 'r-ab12', '--exclude-regions', 'eu-west-2'],
      ),
    ).toEqual(wanted);
    const input = z.strictObject(inputFields).parse({
      ...{ concurrency, lake, sample_logs: true, sample_accounts: true },
      ...{ exclude_accounts: excludeAccounts, ou: onlyOus, exclude_regions: excludeRegions },
    });
    expect(narrowedBy({ ...defaultSettings(), homeRegion: 'eu-west-1' }, input)).toEqual(wanted);
  });

  it('and nothing asked is the same everywhere, but for how many accounts at once', () => {
    expect(typed()).toEqual({ ...defaultSettings(), homeRegion: 'eu-west-1' });
    expect(deployed({})).toEqual({ ...defaultSettings(), homeRegion: 'eu-west-1', concurrency: 100 });
  });

  it('and has one option, one word and one variable', () => {
    for (const sessions of ['option', 'input', 'variable'] as const) {
      const names = settingDeclarations.flatMap((declared) => declared[sessions] ?? []);
      expect(new Set(names).size).toBe(names.length);
    }
    expect(SETTING_VARIABLES).toHaveLength(settingDeclarations.filter((declared) => declared.deployment).length);
    expect(settingDeclarations.filter((d) => d.option).map(flagOf)).toContain('--no-lake');
  });
});

it.each(['audit/TrailSealAudit', '/audit/TrailSealAudit'])('role %s is one role by either name', (name) => {
  expect(typed('--role-name', name).roleName).toBe('audit/TrailSealAudit');
  expect(deployed({ roleName: name }).roleName).toBe('audit/TrailSealAudit');
  // The ARN that the functions may assume is made of it.
  expect(deploymentFields.roleName.parse(name)).toBe('audit/TrailSealAudit');
});

it.each(['', '/', 'audit/', '//a', 'a b'])('"%s" is no role name', (name) => {
  expect(() => typed('--role-name', name)).toThrow('--role-name) is not a role name');
  expect(() => deployed({ roleName: name })).toThrow('must be a role name');
});

it('--ou is repeated, and keeps the commas of a name', () => {
  expect(typed('--ou', 'Dev, Test', '--ou', 'Lab').onlyOus).toEqual(['Dev, Test', 'Lab']);
});

it.each(settingDeclarations)('a deployment knows whether $name narrows a run', ({ name, kind }) => {
  const value = { list: ['111122223333'], text: 'text', flag: true, count: 1 }[kind];
  const settings = { ...defaultSettings(), [name]: value };
  expect(isNarrowed(settings)).toBe(scopeFilter(settings) !== null);
  expect(isNarrowed(defaultSettings())).toBe(false);
});
