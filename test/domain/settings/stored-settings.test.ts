import { describe, expect, it } from '@jest/globals';
import {
  defaultSettings,
  type SettingName,
  settingDeclarations,
} from '../../../functions/domain/settings/run-settings.ts';
import { storedSettingsSchema } from '../../../functions/domain/settings/stored-settings.ts';

/** As plans of the first version have them. */
const FIRST = {
  ...{ roleName: 'TrailSealAudit', externalId: null, homeRegion: 'eu-west-1', lake: false, sampleLogs: true },
  ...{ onlyAccounts: null, excludeAccounts: ['111122223333'], onlyOus: null, onlyRegions: null, excludeRegions: [] },
  ...{ concurrency: 7, trustedAccounts: [], logArchiveAccounts: [], waiversKey: null },
};

describe('the settings in a stored plan', () => {
  it('come back as they were written, whatever is declared', () => {
    const changed = Object.fromEntries(
      settingDeclarations.map(({ name, kind, byDefault }) => [
        name,
        { text: 'something', list: ['one', 'two'], flag: byDefault !== true, count: 41 }[kind],
      ]),
    );
    expect(storedSettingsSchema.parse(changed)).toEqual(changed);
    expect(storedSettingsSchema.parse({ ...defaultSettings(), homeRegion: 'us-east-1' })).toEqual({
      ...defaultSettings(),
      homeRegion: 'us-east-1',
    });
  });

  it('have the default of what was declared after they were written', () => {
    expect(storedSettingsSchema.parse(FIRST)).toEqual({ ...defaultSettings(), ...FIRST });
  });

  it.each(Object.keys(FIRST) as SettingName[])('are refused without %s, which every plan holds', (name) => {
    const { [name as keyof typeof FIRST]: _, ...rest } = FIRST;
    expect(storedSettingsSchema.safeParse(rest).error?.issues[0]?.path).toEqual([name]);
  });

  it.each([
    ['roleName', null],
    ['onlyRegions', 'eu-west-1'],
    ['lake', 'true'],
    ['concurrency', 0],
    ['waiversKey', 7],
  ])('are refused where %s is %j', (name, value) => {
    expect(storedSettingsSchema.safeParse({ ...FIRST, [name]: value }).success).toBe(false);
  });
});
