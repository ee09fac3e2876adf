import { settingDeclarations } from '../../functions/domain/settings/run-settings.ts';
import type { SettingsInput } from '../../infra/settings/settings.ts';

/** What a run is asked to do and is not by default. */
const flagsTurnedOn = Object.fromEntries(
  settingDeclarations.flatMap(({ name, deployment, byDefault }) =>
    deployment && byDefault === false ? [[name, true]] : [],
  ),
);

/** Every option turned on and every list filled: what the default settings leave out is in these templates. */
export const SETTINGS_IN_FULL: SettingsInput = {
  iam: { path: '/audit/', permissionsBoundary: 'boundaries/Workload' },
  tags: { owner: 'audit', 'cost-centre': '4711' },
  vpc: { subnets: ['subnet-0a1b2c3d4e5f60718'], securityGroups: ['sg-0a1b2c3d4e5f60718'] },
  schedule: 'cron(30 4 ? * MON-FRI *)',
  scheduleTimeZone: 'Europe/Berlin',
  silentHours: 80,
  organizationId: 'o-a1b2c3d4e5',
  roleName: '/audit/OrgAudit',
  externalId: 'trailseal:7f1c',
  homeRegion: 'eu-central-1',
  onlyOus: ['ou-ab12-11111111'],
  onlyAccountTags: ['environment=production'],
  excludeAccounts: ['999988887777'],
  excludeRegions: ['me-central-1'],
  trustedAccounts: ['888877776666'],
  logArchiveAccounts: ['222233334444'],
  ...flagsTurnedOn,
  waiversKey: 'settings/waivers.yaml',
  concurrency: 500,
  securityHub: true,
  alarmMail: 'audit@example.com',
  retention: { evidenceDays: 2190, logDays: 2192 },
  objectLock: { mode: 'COMPLIANCE', days: 1095 },
  athena: { database: 'audit_trails', workgroup: 'audit' },
  watch: { regions: ['eu-central-1', 'us-east-1'], windowSeconds: 120 },
  auditorPrincipals: ['arn:aws:iam::333344445555:role/AuditTeam'],
  memberRole: {
    ous: ['r-ab12'],
    permissionsBoundary: 'boundaries/Audit',
    extraPrincipals: ['arn:aws:iam::333344445555:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_SecurityAudit_*'],
  },
};
