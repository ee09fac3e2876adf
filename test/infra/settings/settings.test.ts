import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { scheduledScope } from '../../../infra/monitoring/run-metrics.ts';
import { loadSettings, parseSettings, type SettingsInput, settingsSchema } from '../../../infra/settings/settings.ts';

const EXAMPLE = fileURLToPath(new URL('../../../infra/settings/settings.example.yaml', import.meta.url));

describe('settings', () => {
  test('an empty object deploys: every field has a default', () => {
    expect(parseSettings({})).toMatchObject({ roleName: 'TrailSealAudit', concurrency: 100, objectLock: null });
    expect(parseSettings(undefined)).toEqual(parseSettings({}));
  });

  test('a group may be given in part', () => {
    expect(parseSettings({ retention: { runDays: 7 } }).retention).toMatchObject({ runDays: 7, logDays: 365 });
    expect(parseSettings({ objectLock: { mode: 'COMPLIANCE' } }).objectLock).toEqual({
      mode: 'COMPLIANCE',
      days: 1095,
    });
  });

  const REFUSED: [name: string, input: unknown, sentence: RegExp][] = [
    ['a schedule that is no cron', { schedule: 'daily' }, /^setting "schedule" must be cron.*but is "daily"\.$/],
    ['a cron with a fault', { schedule: 'cron(0 25 * * ? *)' }, /^setting "schedule" has a value for hour/],
    ['a time zone nobody knows', { scheduleTimeZone: 'Mars/Olympus' }, /^setting "scheduleTimeZone" .*Mars\/Olympus/],
    ['a malformed OU', { onlyOus: ['ou-1'] }, /^setting "onlyOus\[0\]" must be the id of an organizational unit/],
    ['an account id as a number', { excludeAccounts: [111122223333] }, /^setting "excludeAccounts\[0\]".*in quotes/],
    ['a short account id', { logArchiveAccounts: ['1'] }, /^setting "logArchiveAccounts\[0\]".*12 digits/],
    ['a Region by its city', { excludeRegions: ['Frankfurt'] }, /^setting "excludeRegions\[0\]" must be a Region name/],
    ['a role name IAM refuses', { roleName: 'audit role' }, /^setting "roleName" must be a role name that IAM takes/],
    ['a role name too long', { roleName: 'r'.repeat(65) }, /^setting "roleName"/],
    ['an external id too short', { externalId: 'x' }, /^setting "externalId".*2 to 1224/],
    ['an external id too long', { externalId: 'x'.repeat(1225) }, /^setting "externalId".*2 to 1224/],
    [
      'samples of accounts without samples',
      { sampleAccounts: true },
      /^setting "sampleAccounts" needs sampleLogs: true/,
    ],
    ['a concurrency of none', { concurrency: 0 }, /^setting "concurrency" must be a whole number.*but is 0\.$/],
    ['a concurrency in words', { concurrency: 'many' }, /^setting "concurrency" must be a whole number/],
    ['a log retention CloudWatch has not', { retention: { logDays: 100 } }, /^setting "retention.logDays"/],
    ['a mail address without @', { alarmMail: 'ops' }, /^setting "alarmMail" must be a mail address/],
    ['a waivers key with a leading slash', { waiversKey: '/w.yaml' }, /^setting "waiversKey"/],
    ['a waivers key that leaves its folder', { waiversKey: 'settings/../x.yaml' }, /^setting "waiversKey"/],
    ['a waivers key where things expire', { waiversKey: 'runs/waivers.yaml' }, /^setting "waiversKey".*outside runs\//],
    ["the scanner's own role as audit role", { roleName: 'TrailSealScan' }, /^setting "roleName" must not be the name/],
    ['the database every catalogue has', { athena: { database: 'default' } }, /^setting "athena.database".*"default"/],
    ['the workgroup every account has', { athena: { workgroup: 'primary' } }, /^setting "athena.workgroup".*"primary"/],
    ['an unknown lock mode', { objectLock: { mode: 'LEGAL' } }, /^setting "objectLock.mode" must be GOVERNANCE or/],
    [
      'evidence that would expire while locked',
      { objectLock: { days: 2190 }, retention: { evidenceDays: 1095 } },
      /^setting "retention.evidenceDays" must not be below objectLock.days \(2190\)/,
    ],
    ['a setting that does not exist', { concurency: 5 }, /^the settings file has no setting "concurency"\.$/],
    ['an unknown setting in a group', { retention: { days: 5 } }, /^the group "retention" has no setting "days"\.$/],
    ['a group that is a number', { memberRole: 5 }, /^setting "memberRole" must be a group of settings/],
    ['settings that are text', 'yes', /^the settings must be a group of settings/],
    ['SELF without a scanner account', { memberRole: { callAs: 'SELF' } }, /^setting "memberRole.scannerAccount" must/],
    ['a principal that is an account', { auditorPrincipals: ['111122223333'] }, /^setting "auditorPrincipals\[0\]"/],
    [
      'an alarm that always rings',
      { schedule: 'rate(2 days)', silentHours: 36 },
      /^setting "silentHours" must be longer than the time between two runs \(48 hours\)/,
    ],
    [
      'an alarm that rings every weekend',
      { schedule: 'cron(30 4 ? * MON-FRI *)' },
      /^setting "silentHours" must be longer than the time between two runs \(72 hours\), or null\.$/,
    ],
    [
      'an alarm over a week',
      { schedule: 'rate(7 days)', silentHours: 168 },
      /^setting "silentHours" .*\(168 hours\), or null: no alarm looks back further than 168 hours, but is 168\.$/,
    ],
    [
      'more accounts than fit into an environment',
      { excludeAccounts: Array.from({ length: 200 }, (_, index) => String(100000000000 + index)) },
      /^setting "excludeAccounts" must be shorter/,
    ],
    [
      'tags that take more bytes than letters',
      { onlyAccountTags: Array.from({ length: 6 }, (_, index) => `${index}=${'é'.repeat(250)}`) },
      /^setting "onlyAccountTags" must be shorter/,
    ],
    [
      'an account both trusted and inside',
      { trustedAccounts: ['111122223333'], logArchiveAccounts: ['111122223333'] },
      /^setting "trustedAccounts" must not hold 111122223333/,
    ],
  ];
  test.each(REFUSED)('%s is refused with one sentence that names it', (_, input, sentence) => {
    const read = () => parseSettings(input);
    expect(read).toThrow(sentence);
    expect(read).toThrow(/^[^\n]+\.$/);
  });

  test('runs a week apart, and months without a schedule, can do without the alarm', () => {
    expect(parseSettings({ schedule: 'cron(0 4 ? * SUN *)', silentHours: null }).silentHours).toBeNull();
    expect(parseSettings({ schedule: 'rate(7 days)', scheduleEnabled: false }).silentHours).toBe(36);
  });

  test('every wrong setting has its own sentence', () => {
    expect(() => parseSettings({ concurrency: 0, roleName: '' })).toThrow(/roleName[^\n]*\n[^\n]*concurrency/);
  });
});

describe('the settings file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trailseal-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test('may be YAML or JSON', () => {
    expect(loadSettings({ file: file('a.yaml', 'concurrency: 7 # few\n') }).concurrency).toBe(7);
    expect(loadSettings({ file: file('a.json', '{"concurrency": 8}') }).concurrency).toBe(8);
    expect(loadSettings({ file: file('empty.yaml', '') })).toEqual(parseSettings({}));
  });

  test('that cannot be read or parsed is named', () => {
    expect(() => loadSettings({ file: join(folder, 'none.yaml') })).toThrow(/none\.yaml cannot be read/);
    expect(() => loadSettings({ file: file('bad.yaml', 'a: [1') })).toThrow(
      /^[^\n]*bad\.yaml is neither YAML nor JSON: [^\n]+ at line \d+, column \d+\.$/,
    );
  });

  test('the example lists every setting and changes none', () => {
    const example = parse(readFileSync(EXAMPLE, 'utf8')) as SettingsInput;
    expect(parseSettings(example)).toEqual(parseSettings({}));
    expect(Object.keys(example)).toEqual(Object.keys(settingsSchema.shape));
  });
});

test('alarms and dashboard follow the runs of the scope that the settings give', () => {
  expect(scheduledScope(parseSettings({}))).toBe('ORGANIZATION');
  expect(scheduledScope(parseSettings({ onlyAccountTags: ['environment=production'] }))).toBe('FILTERED');
});
