import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { interfaceOf } from '../../../infra/release/release-templates.ts';
import { DECIDED_AT_RELEASE, settingParameters } from '../../../infra/release/setting-parameters.ts';
import { parseSettings, settingsSchema } from '../../../infra/settings/settings.ts';
import { SETTINGS_IN_FULL } from '../settings-in-full.ts';

interface Field {
  properties?: Record<string, Field>;
  anyOf?: Field[];
}
const leaves = (field: Field, path: string[] = []): string[] =>
  Object.entries(field.properties ?? {}).flatMap(([name, child]) => {
    const group = child.properties ? child : child.anyOf?.find(({ properties }) => properties);
    return group ? leaves(group, [...path, name]) : [[...path, name].join('.')];
  });
const SETTINGS = leaves(z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }) as Field);
const named = (path: string) => path.replace(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase());

describe('the parameters of the released templates', () => {
  const parameters = settingParameters(parseSettings({}));
  const definitions = new Map(parameters.map(({ name, definition }) => [name, definition]));

  test('are all settings but those that say why not', () => {
    const asked = SETTINGS.filter((path) => !Object.hasOwn(DECIDED_AT_RELEASE, path));
    expect(parameters.map(({ name }) => name)).toEqual(asked.map(named));
    expect(Object.keys(DECIDED_AT_RELEASE).filter((path) => !SETTINGS.includes(path))).toEqual([]);
  });

  test('have a place in the console', () => {
    const { ParameterGroups } = interfaceOf(parameters.map(({ name }) => name));
    expect(ParameterGroups.find(({ Label }) => Label.default === 'More')).toBeUndefined();
  });

  test('take the values that the settings take', () => {
    const takes = (name: string, value: string) =>
      new RegExp(definitions.get(name)?.AllowedPattern ?? '(?!)', 'u').test(value);
    const cases: [string, string, boolean][] = [
      ['ExternalId', '', true],
      ['ExternalId', 'trailseal:7f1c', true],
      ['ExternalId', 'no spaces', false],
      ['ExcludeAccounts', '111122223333,444455556666', true],
      ['ExcludeAccounts', '111122223333,', false],
      ['ExcludeAccounts', '111122223333, 444455556666', false],
      ['OnlyAccountTags', 'environment=production,Größe=klein', true],
      ['Schedule', 'cron(0 6 * * ? *)', true],
      ['Schedule', '6 o’clock', false],
      ['AlarmMail', 'audit@example.com', true],
      ['AlarmMail', 'audit', false],
      ['SilentHours', '36', true],
      ['SilentHours', 'never', false],
      ['RoleName', 'audit/Role', false],
    ];
    expect(cases.map(([name, value]) => [name, value, takes(name, value)])).toEqual(cases);
    expect(definitions.get('Concurrency')).toMatchObject({ Type: 'Number', Default: 100, MinValue: 1, MaxValue: 1000 });
    expect(definitions.get('ObjectLockMode')?.AllowedValues).toEqual(['', 'GOVERNANCE', 'COMPLIANCE']);
  });

  test('have the defaults of the settings that the release was made with', () => {
    const full = settingParameters(parseSettings({ ...SETTINGS_IN_FULL, lake: false }));
    const defaults = Object.fromEntries(full.map(({ name, definition }) => [name, definition.Default]));
    expect(defaults).toMatchObject({
      ...{ Lake: 'false', ExternalId: 'trailseal:7f1c', SilentHours: '80', ObjectLockMode: 'COMPLIANCE' },
      ...{ ExcludeAccounts: '999988887777', RetentionLogDays: 2192, AlarmMail: 'audit@example.com' },
    });
  });
});
