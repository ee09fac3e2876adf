import { readFileSync } from 'node:fs';
import { basename } from 'node:path/posix';
import { parse } from 'yaml';
import * as z from 'zod';
import { TrailSealError } from '../../functions/domain/model/errors.ts';
import { placementFields } from '../../functions/domain/settings/placement.ts';
import {
  type DeploymentSettings,
  type SettingVariable,
  settingDeclarations,
} from '../../functions/domain/settings/run-settings.ts';
import { deploymentFields, textsOfSettings } from '../../functions/domain/settings/setting-schemas.ts';
import { DEFAULT_PREFIX, namesOf } from '../names.ts';
import { longestGapHours } from './schedule.ts';
import {
  accountId,
  listOf,
  mailAddress,
  organizationId,
  ouId,
  policyName,
  principalArn,
  regionName,
  rolePath,
  schedule,
  securityGroupId,
  subnetId,
  tags,
  timeZone,
  wholeNumber,
  yesOrNo,
} from './settings-fields.ts';

/** A group of settings, all of which have defaults, may be left out as a whole. */
const group = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, { error: groupFault }).prefault({} as never);

/**
 * Everything a deployment may choose. One schema: the check at synth, the type, and the table in docs/reference/settings.md
 * come from it. Every field has a default, so that an empty file deploys a working scanner.
 */
export const settingsSchema = z
  .strictObject(
    {
      ...placementFields,
      iam: group({
        path: rolePath
          .nullable()
          .default(null)
          .describe(
            'Path of the roles in the account deployed to, such as /audit/; that of the audit role is part of roleName',
          ),
        permissionsBoundary: policyName
          .nullable()
          .default(null)
          .describe('Name, with its path, of the policy in the account deployed to that bounds the roles there'),
      }).describe('What your organization asks of IAM roles'),
      tags: tags.default({ application: 'trailseal' }).describe('Tags of everything that takes tags; {} for none'),
      vpc: group({
        subnets: listOf(subnetId, 'subnet ids').describe(
          'Subnets that the functions run in; empty: in no VPC. They must reach the endpoints that are listed in docs/reference/settings.md',
        ),
        securityGroups: listOf(securityGroupId, 'security group ids').describe(
          'Security groups of the functions there: HTTPS out is all that they need',
        ),
      }).describe('A VPC for the functions'),

      schedule: schedule
        .default('cron(0 6 * * ? *)')
        .describe('When a scan starts: an EventBridge Scheduler expression'),
      scheduleTimeZone: timeZone.default('UTC').describe('The time zone the schedule is read in'),
      scheduleEnabled: yesOrNo(true).describe('Off: nothing starts by itself; scans are started by hand'),

      organizationId: organizationId
        .nullable()
        .default(null)
        .describe('The organization that member roles trust. Without it the deployment asks for it as a parameter'),
      ...deploymentFields,

      unreachableHours: wholeNumber({ min: 1, max: 720, unit: 'hours' })
        .default(48)
        .describe('How long an account may stay unreachable before the alarm: a new one has time to receive its role'),
      silentHours: wholeNumber({ min: 1, max: 168, unit: 'hours' })
        .nullable()
        .default(36)
        .describe(
          'The alarm for "no run has ended well" rings after this long; null: there is no such alarm, as for runs a week apart',
        ),
      alarmMail: mailAddress
        .nullable()
        .default(null)
        .describe('Receives alarms and the summary of each run; must confirm the subscription once'),

      retention: group({
        runDays: wholeNumber({ min: 1, max: 3650, unit: 'days' })
          .default(90)
          .describe('Working data under runs/. A run can be resumed for this long'),
        evidenceDays: wholeNumber({ min: 365, max: 36500, unit: 'days' })
          .nullable()
          .default(null)
          .describe('Raw answers under evidence/; null keeps them without end. PCI DSS asks for 365, HIPAA for 2190'),
        logDays: z
          .literal([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], {
            error: 'must be a number of days that CloudWatch Logs offers, such as 90, 365, 731 or 2192',
          })
          .default(365)
          .describe('Logs of the functions and of the workflow; one of the values that CloudWatch Logs offers'),
        accessLogDays: wholeNumber({ min: 90, max: 36500, unit: 'days' })
          .default(365)
          .describe('Server access logs of the report bucket'),
        queryResultDays: wholeNumber({ min: 1, max: 365, unit: 'days' }).default(30).describe('Athena query results'),
      }).describe('How long things are kept'),

      objectLock: z
        .strictObject(
          {
            mode: z
              .enum(['GOVERNANCE', 'COMPLIANCE'], { error: 'must be GOVERNANCE or COMPLIANCE' })
              .default('GOVERNANCE')
              .describe('COMPLIANCE: not even the root user can delete or shorten'),
            days: wholeNumber({ min: 1, max: 36500, unit: 'days' })
              .default(1095)
              .describe(
                'Every object of the report bucket is locked for this long after it was written; working data under runs/ too, which then expires no sooner. What Step Functions writes by itself goes to a bucket of its own, without a lock',
              ),
          },
          { error: groupFault },
        )
        .nullable()
        .default(null)
        .describe('S3 Object Lock on the report bucket; null leaves it off'),
      securityHub: yesOrNo(false).describe(
        'After each run its findings are imported into Security Hub of the account and Region deployed to, which must be enabled there; after a complete run of the whole organization those of resources that are gone are archived. How it went is in the message of the run',
      ),
      signManifests: yesOrNo(true).describe("Sign each run's manifest with an asymmetric KMS key of its own"),

      athena: group({
        glue: yesOrNo(true).describe(
          'Off: the database, its tables and views are left out, as where Lake Formation lets the deploying role make none; workgroup, queries and the auditor stay',
        ),
        database: z
          .string({ error: 'must be text' })
          .regex(/^(?!default$)[a-z][a-z0-9_]{0,62}$/, {
            error: 'must be lower-case letters, digits and _, starting with a letter, and not Glue\'s own "default"',
          })
          .default('trailseal')
          .describe('Name of the Glue database'),
        workgroup: z
          .string({ error: 'must be text' })
          .regex(/^(?!primary$)[a-zA-Z0-9._-]{1,128}$/, {
            error: 'must be 1 to 128 letters, digits or ._-, and not Athena\'s own "primary"',
          })
          .default('trailseal')
          .describe('Name of the Athena workgroup'),
        scanLimitGigabytes: wholeNumber({ min: 1, max: 1000, unit: 'gigabytes' })
          .default(10)
          .describe('A query that would read more is cancelled'),
      }).describe('The report catalog'),
      auditorPrincipals: listOf(principalArn, 'role or user ARNs').describe(
        'Who may assume the read-only role TrailSealAuditor; empty creates no such role',
      ),

      watch: group({
        regions: listOf(regionName, 'Region names').describe(
          'Regions in which changes are watched: a rule in each account there sends them here, and minutes later a run looks into the accounts that they affect. Empty: off. us-east-1 must be among them for accounts that join, leave or move, in the partition aws',
        ),
        windowSeconds: wholeNumber({ min: 60, max: 300, unit: 'seconds' })
          .default(300)
          .describe('Changes that come in within this time are looked into by one run, which starts a minute after it'),
        runsAtOnce: wholeNumber({ min: 1, max: 20, unit: 'runs' })
          .default(3)
          .describe('Runs after changes under way at once; what changes meanwhile waits, and becomes one run'),
        wholeRunHours: wholeNumber({ min: 1, max: 24, unit: 'hours' })
          .default(6)
          .describe(
            'A change of an organization trail, or of its key or bucket, also starts a run of all accounts: at most one in this many hours',
          ),
        silentDays: wholeNumber({ min: 1, max: 365, unit: 'days' })
          .default(7)
          .describe('The alarm rings for a Region that sent changes once, and none for this long'),
      }).describe('Runs after changes'),

      memberRole: group({
        ous: listOf(ouId, 'organizational unit ids').describe(
          'Where the StackSet rolls the role out; the root id means everywhere. Empty: the deployment asks for it as a parameter',
        ),
        rollOut: yesOrNo(true).describe(
          'Off: no stack of the audit role, neither the StackSet nor that of the management account, since you roll it out yourself',
        ),
        permissionsBoundary: policyName
          .nullable()
          .default(null)
          .describe('Name, with its path, of the policy that bounds the audit role; every account must have it'),
        callAs: z
          .enum(['DELEGATED_ADMIN', 'SELF'], { error: 'must be DELEGATED_ADMIN or SELF' })
          .default('DELEGATED_ADMIN')
          .describe('SELF when the StackSet is deployed in the management account itself'),
        scannerAccount: accountId
          .nullable()
          .default(null)
          .describe('Account the scanner runs in. Without it the account that deploys the StackSet'),
        extraPrincipals: listOf(principalArn, 'role or user ARNs').describe(
          'Others who may assume the role, so that a scan from a laptop can use it',
        ),
      }).describe('The role in the member accounts'),
    },
    { error: groupFault },
  )
  .superRefine((settings, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { objectLock, retention, memberRole } = settings;
    if (Object.values(namesOf(settings).roles).includes(basename(settings.roleName))) {
      refuse(['roleName'], "must not be the name of one of the scanner's own roles: the audit account is a member too");
    }
    if (settings.vpc.subnets.length === 0 && settings.vpc.securityGroups.length > 0) {
      refuse(['vpc', 'securityGroups'], 'needs vpc.subnets: without them the functions run in no VPC');
    }
    if (settings.vpc.subnets.length > 0 && settings.vpc.securityGroups.length === 0) {
      refuse(['vpc', 'subnets'], 'needs vpc.securityGroups: a function in a VPC has at least one');
    }
    if (settings.sampleAccounts && !settings.sampleLogs) {
      refuse(['sampleAccounts'], 'needs sampleLogs: true, which gives the permission to look at log objects');
    }
    if (objectLock && retention.evidenceDays !== null && retention.evidenceDays < objectLock.days) {
      refuse(
        ['retention', 'evidenceDays'],
        `must not be below objectLock.days (${objectLock.days}): locked objects cannot expire`,
      );
    }
    if (memberRole.callAs === 'SELF' && memberRole.scannerAccount === null) {
      refuse(
        ['memberRole', 'scannerAccount'],
        'must be given when memberRole.callAs is SELF: the management account is not where the scanner runs',
      );
    }
    const gap = longestGapHours(settings.schedule);
    const { silentHours } = settings;
    if (settings.scheduleEnabled && silentHours !== null && gap !== null && gap >= silentHours) {
      refuse(
        ['silentHours'],
        `must be longer than the time between two runs (${Math.round(gap)} hours), or null${
          gap < 168 ? '' : ': no alarm looks back further than 168 hours'
        }`,
      );
    }
    const longest = environmentLists(settings);
    if (longest.bytes > ENVIRONMENT_ROOM) {
      refuse(
        [longest.name],
        `must be shorter: with the other lists it does not fit into the 4 KB of a function's environment`,
      );
    }
    for (const account of settings.trustedAccounts) {
      if (settings.logArchiveAccounts.includes(account)) {
        refuse(
          ['trustedAccounts'],
          `must not hold ${account}, which logArchiveAccounts names as part of the organization`,
        );
      }
    }
  });

/** Lambda gives a function's environment 4,096 bytes; what is no list needs less than the rest of it. */
const ENVIRONMENT_ROOM = 2_500;

/** The lists that a function's environment carries: their bytes together, and which is the longest. */
function environmentLists(settings: DeploymentSettings): { bytes: number; name: string } {
  const texts = textsOfSettings(settings);
  const lengths = settingDeclarations.flatMap(({ name, kind, variable }) =>
    variable !== undefined && (kind === 'list' || name === 'externalId')
      ? [{ name, bytes: Buffer.byteLength(texts[variable as SettingVariable]) }]
      : [],
  );
  const [longest] = lengths.sort((a, b) => b.bytes - a.bytes);
  const bytes = lengths.reduce((sum, list) => sum + list.bytes, 0);
  return { bytes, name: longest?.name ?? '' };
}

export type Settings = z.output<typeof settingsSchema>;
export type SettingsInput = z.input<typeof settingsSchema>;

/** One or more settings are wrong; the message has one sentence for each. */
export class SettingsError extends TrailSealError {
  constructor(sentences: string[]) {
    super('SETTINGS', sentences);
    this.name = 'SettingsError';
  }
}

/** With the names that follow from a prefix, where the input has none of its own. */
const withNames = (input: unknown): unknown => {
  const prefix = placementFields.namePrefix.safeParse((input as { namePrefix?: unknown }).namePrefix);
  if (!prefix.success || prefix.data === DEFAULT_PREFIX || !isGroup(input)) return input;
  const { auditRole: roleName, database, workgroup } = namesOf({ namePrefix: prefix.data });
  const { athena = {} } = input;
  return { roleName, ...input, athena: isGroup(athena) ? { database, workgroup, ...athena } : athena };
};

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws SettingsError with a sentence that names each wrong setting, what it must be and what it was */
export const parseSettings = (input: unknown): Settings => {
  const parsed = settingsSchema.safeParse(withNames(input ?? {}));
  if (parsed.success) return parsed.data;
  throw new SettingsError(parsed.error.issues.map((issue) => sentence(issue, input)));
};

/**
 * Settings from a YAML or JSON file where one is named, else from the object in the CDK context.
 * @throws SettingsError also where the file cannot be read or parsed
 */
export const loadSettings = (from: { file?: string | undefined; context?: unknown }): Settings => {
  if (from.file === undefined) return parseSettings(from.context);
  let text: string;
  try {
    text = readFileSync(from.file, 'utf8');
  } catch (cause) {
    throw new SettingsError([`the settings file ${from.file} cannot be read: ${(cause as Error).message}`]);
  }
  let input: unknown;
  try {
    input = parse(text);
  } catch (cause) {
    // The parser goes on to show the line.
    const [fault] = (cause as Error).message.split('\n');
    throw new SettingsError([`the settings file ${from.file} is neither YAML nor JSON: ${fault?.replace(/:$/, '.')}`]);
  }
  return parseSettings(input);
};

function groupFault(issue: { code?: string | undefined; keys?: unknown }): string {
  if (issue.code !== 'unrecognized_keys') return 'must be a group of settings';
  const keys = (issue.keys as string[]).map((key) => `"${key}"`);
  return `has no setting ${keys.join(', ')}`;
}

const sentence = (issue: z.core.$ZodIssue, input: unknown): string => {
  const path = issue.path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text && '.'}${String(part)}`),
    '',
  );
  if (issue.code === 'unrecognized_keys')
    return `${path ? `the group "${path}"` : 'the settings file'} has no setting ${issue.keys.map((key) => `"${key}"`).join(', ')}.`;
  const value = issue.path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown> | undefined)?.[part],
    input,
  );
  const shown = value === undefined ? '' : `, but is ${JSON.stringify(value)}`;
  return `${path ? `setting "${path}"` : 'the settings'} ${issue.message}${shown}.`;
};
