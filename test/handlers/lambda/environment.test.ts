import { describe, expect, test } from '@jest/globals';
import { settingDeclarations } from '../../../functions/domain/settings/run-settings.ts';
import {
  EnvironmentError,
  HANDLER_NAMES,
  HANDLER_VARIABLES,
  readEnvironment,
} from '../../../functions/handlers/lambda/environment.ts';

const SETTINGS_BY_DEFAULT = Object.fromEntries(
  settingDeclarations.flatMap(({ variable, byDefault }) => (variable ? [[variable, String(byDefault ?? '')]] : [])),
);
const PLAN = {
  ...SETTINGS_BY_DEFAULT,
  REPORT_BUCKET: 'report-bucket',
  REPORT_BUCKET_OWNER: '111122223333',
  SCANNER_VERSION: '1.2.3',
  REPORT_PREFIX: '',
  RESULT_BUCKET: '',
  ROLE_NAME: 'TrailSealAudit',
  HOME_REGION: 'us-gov-west-1',
  CONCURRENCY: '50',
  LOG_ARCHIVE_ACCOUNTS: '111122223333,444455556666',
  EXCLUDE_REGIONS: 'eu-west-1',
  ONLY_OUS: 'r-ab12,ou-ab12-11111111',
  ONLY_ACCOUNT_TAGS: 'environment=production,owner=a b',
  WAIVERS_KEY: 'settings/waivers.yaml',
};

describe('the environment of a function', () => {
  test('is read into numbers, lists and flags, with null and empty lists for what is not set', () => {
    const read = readEnvironment('plan', PLAN);
    expect(read).toMatchObject({
      REPORT_BUCKET: 'report-bucket',
      REPORT_BUCKET_OWNER: '111122223333',
      SCANNER_VERSION: '1.2.3',
      REPORT_PREFIX: '',
      RESULT_BUCKET: null,
      ROLE_NAME: 'TrailSealAudit',
      EXTERNAL_ID: null,
      HOME_REGION: 'us-gov-west-1',
      CONCURRENCY: 50,
      TRUSTED_ACCOUNTS: [],
      LOG_ARCHIVE_ACCOUNTS: ['111122223333', '444455556666'],
      EXCLUDE_ACCOUNTS: [],
      EXCLUDE_REGIONS: ['eu-west-1'],
      ONLY_OUS: ['r-ab12', 'ou-ab12-11111111'],
      ONLY_ACCOUNT_TAGS: ['environment=production', 'owner=a b'],
      LAKE: true,
      SAMPLE_LOGS: false,
      SAMPLE_ACCOUNTS: false,
      WAIVERS_KEY: 'settings/waivers.yaml',
    });
    expect(Object.keys(read).sort()).toEqual([...HANDLER_VARIABLES.plan].sort());
  });

  test.each(HANDLER_NAMES)('%s names every variable that is missing, at once', (handler) => {
    expect(() => readEnvironment(handler, {})).toThrow(EnvironmentError);
    expect(() => readEnvironment(handler, {})).toThrow(
      /environment variable REPORT_BUCKET is not set\nenvironment variable REPORT_BUCKET_OWNER is not set/,
    );
  });

  test.each([
    ['REPORT_BUCKET', 'Not A Bucket'],
    ['RESULT_BUCKET', 's3://map-results'],
    ['REPORT_PREFIX', '/leading'],
    ['REPORT_PREFIX', 'trailing/'],
    ['ROLE_NAME', 'a role'],
    ['EXTERNAL_ID', 'x'],
    ['HOME_REGION', 'Frankfurt'],
    ['CONCURRENCY', '0'],
    ['CONCURRENCY', 'NaN'],
    ['CONCURRENCY', '1e3'],
    ['TRUSTED_ACCOUNTS', '111122223333,'],
    ['TRUSTED_ACCOUNTS', '11112222333'],
    ['ONLY_OUS', 'ou-1'],
    ['ONLY_ACCOUNT_TAGS', 'environment'],
    ['EXCLUDE_REGIONS', 'eu-west-1;eu-west-2'],
    ['LAKE', 'yes'],
    ['WAIVERS_KEY', '/waivers.yaml'],
  ])('%s refuses %j and names itself, without repeating the value', (name, value) => {
    const read = () => readEnvironment('plan', { ...PLAN, [name]: value });
    expect(read).toThrow(new RegExp(`^environment variable ${name} must be [^\n]*$`));
  });
});
