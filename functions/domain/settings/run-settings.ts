import { ACCOUNT_ID } from '../model/arn.ts';

/**
 * What a run can be asked to do, each setting declared once. From a declaration follow: the option of the command line
 * and its help, the word of an execution's input, the variable of the Lambda functions, the field of a deployment's
 * settings with its line in docs/reference/settings.md, and the demand that a resumed run asks for the same.
 */
interface SettingDeclaration {
  kind: 'text' | 'list' | 'flag' | 'count';
  /** Where nobody says otherwise; null means "not set", for a list "all". */
  byDefault: string | readonly string[] | boolean | number | null;
  /** Of the text, or of each entry of the list; `expected` completes "must be …". */
  pattern?: RegExp;
  expected?: string;
  /** Option of `trailseal scan`, as commander names it; `--no-…` for a flag that is on by default. */
  option?: string;
  takes?: string;
  help?: string;
  /** Whether a run that has it is FILTERED. */
  narrows?: true;
  /** Word of the execution's input. */
  input?: string;
  /** Variable of the Plan function; a list is joined with commas, an empty text means "not set". */
  variable?: string;
  /** What differs in a deployment's settings, and the words of the documentation. */
  deployment?: { words: string; byDefault?: number | null; pattern?: RegExp; expected?: string };
}

const account = { pattern: ACCOUNT_ID, expected: 'an account id of 12 digits' };
const region = { pattern: /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/, expected: 'a Region name such as eu-central-1' };
const NONE: readonly string[] = [];

export const RUN_SETTINGS = {
  /** With its path, without a slash before it: `audit/TrailSealAudit`. */
  roleName: {
    kind: 'text',
    byDefault: 'TrailSealAudit',
    // IAM: a name has 1 to 64 characters; a path begins and ends with a slash.
    pattern: /^\/?([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
    expected: 'a role name that IAM takes, with or without its path: 1 to 64 letters, digits or +=,.@_-',
    option: 'roleName',
    takes: 'name',
    help: 'audit role to assume in each account, with its path where it has one',
    variable: 'ROLE_NAME',
    deployment: { words: 'Name of the read-only role in every member account and in the management account' },
  },
  externalId: {
    kind: 'text',
    byDefault: null,
    pattern: /^[\w+=,.@:/-]{2,1224}$/,
    expected: 'an external id that STS takes: 2 to 1224 letters, digits or +=,.@:/_-',
    option: 'externalId',
    takes: 'id',
    help: 'external id that the role asks for',
    variable: 'EXTERNAL_ID',
    deployment: {
      words: 'An external id that the member roles demand, beside the organization and the role that asks',
    },
  },
  /** Region whose STS endpoint serves every AssumeRole; on by default in the partition. */
  homeRegion: {
    kind: 'text',
    // The region of the credentials, or the one deployed to, takes its place.
    byDefault: '',
    option: 'homeRegion',
    takes: 'region',
    help: 'Region whose STS endpoint serves every AssumeRole',
    variable: 'HOME_REGION',
    deployment: {
      ...region,
      byDefault: null,
      words:
        'Region whose STS endpoint serves every AssumeRole, and through which the StackSet reaches members; must be enabled by default. Without it the Region deployed to',
    },
  },
  onlyAccounts: {
    kind: 'list',
    narrows: true,
    byDefault: null,
    pattern: /^(\d{12}|self)$/,
    expected: account.expected,
    option: 'accounts',
    takes: 'ids',
    help: 'only these accounts, or "self" for the account of the credentials',
    input: 'accounts',
  },
  onlyOus: {
    kind: 'list',
    narrows: true,
    byDefault: null,
    option: 'ou',
    takes: 'ids',
    help: 'only accounts below these organizational units (id, path or name; repeatable)',
    input: 'ou',
    variable: 'ONLY_OUS',
    deployment: {
      words:
        'Scan only accounts below these organizational units. Such a run is FILTERED, never complete for the organization',
      pattern: /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
      expected: 'the id of an organizational unit (ou-ab12-1a2b3c4d) or of the root (r-ab12)',
    },
  },
  onlyRegions: {
    kind: 'list',
    narrows: true,
    byDefault: null,
    option: 'regions',
    takes: 'names',
    help: 'only these Regions',
    input: 'regions',
  },
  /** `id`, or `id role` with its path; nobody else is listed. */
  listedAccounts: {
    kind: 'list',
    narrows: true,
    byDefault: null,
    pattern: /^\d{12}( ([\w+=,.@-]+\/)*[\w+=,.@-]{1,64})?$/,
    expected: 'an account id of 12 digits, with the name of a role after it where the account has one of its own',
    option: 'accountsFile',
    takes: 'file',
    help: 'only the accounts of this file: an id a line, and after it the role where it is another; the organization is not listed',
  },
  /** Values of one key widen, further keys narrow. AWS takes no comma in a tag. */
  onlyAccountTags: {
    kind: 'list',
    narrows: true,
    byDefault: null,
    // https://docs.aws.amazon.com/organizations/latest/APIReference/API_Tag.html
    pattern: /^[\p{L}\p{Z}\p{N}_.:/+\-@]{1,128}=[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u,
    expected: 'a tag such as environment=production',
    option: 'accountTag',
    takes: 'key=value',
    help: 'only accounts with this tag of AWS Organizations (repeatable: values of one key widen, other keys narrow)',
    input: 'account_tags',
    variable: 'ONLY_ACCOUNT_TAGS',
    deployment: {
      words:
        'Scan only accounts with these tags of AWS Organizations, each `key=value`: values of one key widen, other keys narrow. Such a run is FILTERED',
    },
  },
  /** A scope of scopes.yaml, spelt out (`scopeEntries`): accounts that any of its lists names. */
  onlyScope: {
    kind: 'list',
    narrows: true,
    byDefault: null,
    option: 'scope',
    takes: 'name',
    help: 'only a scope of scopes.yaml, such as a card-data environment (FILE:NAME for another file)',
    input: 'scope',
  },
  excludeAccounts: {
    kind: 'list',
    narrows: true,
    byDefault: NONE,
    ...account,
    option: 'excludeAccounts',
    takes: 'ids',
    help: 'exclude these accounts',
    input: 'exclude_accounts',
    variable: 'EXCLUDE_ACCOUNTS',
    deployment: { words: 'Accounts left out; each becomes EXCLUDED in the ledger' },
  },
  excludeRegions: {
    kind: 'list',
    narrows: true,
    byDefault: NONE,
    option: 'excludeRegions',
    takes: 'names',
    help: 'exclude these Regions',
    input: 'exclude_regions',
    variable: 'EXCLUDE_REGIONS',
    deployment: { ...region, words: 'Regions left out; each becomes EXCLUDED in the ledger' },
  },
  /** Accounts outside the organization whose keys count as owned. */
  trustedAccounts: {
    kind: 'list',
    byDefault: NONE,
    ...account,
    option: 'trustedAccounts',
    takes: 'ids',
    help: 'accounts outside the organization whose keys count as ours',
    variable: 'TRUSTED_ACCOUNTS',
    deployment: { words: 'Accounts outside the organization whose KMS keys count as owned' },
  },
  /** Accounts tried for buckets whose owner is not the trail's. */
  logArchiveAccounts: {
    kind: 'list',
    byDefault: NONE,
    ...account,
    option: 'logArchiveAccounts',
    takes: 'ids',
    help: 'accounts to search first for log buckets',
    variable: 'LOG_ARCHIVE_ACCOUNTS',
    deployment: {
      words:
        "Accounts tried for a bucket that the trail's owner does not own; under Control Tower the Log Archive account",
    },
  },
  /** ListEventDataStores in every enabled region. */
  lake: {
    kind: 'flag',
    byDefault: true,
    option: 'lake',
    help: 'leave CloudTrail Lake event data stores out',
    input: 'lake',
    variable: 'LAKE',
    deployment: { words: 'Look for CloudTrail Lake event data stores: one more call per account and Region' },
  },
  /** The opt-in control `delivered-logs-encrypted`. */
  sampleLogs: {
    kind: 'flag',
    byDefault: false,
    option: 'sampleLogs',
    help: 'look at the newest and the oldest log object of each trail',
    input: 'sample_logs',
    variable: 'SAMPLE_LOGS',
    deployment: {
      words: 'Turns on the control delivered-logs-encrypted, and with it the only permission that reaches log objects',
    },
  },
  /** The same of every account that an organization trail covers; only with `sampleLogs`. */
  sampleAccounts: {
    kind: 'flag',
    byDefault: false,
    option: 'sampleAccounts',
    help: 'the same of each account that an organization trail covers (implies --sample-logs)',
    input: 'sample_accounts',
    variable: 'SAMPLE_ACCOUNTS',
    deployment: {
      words: 'With sampleLogs: one sample for each account that an organization trail covers too, 2 or 3 calls each',
    },
  },
  /** In a plan: key of the waivers file kept with the run; in settings: how its file is named. */
  waiversKey: {
    kind: 'text',
    byDefault: null,
    // An object that a person puts beside the report; below the four prefixes the scanner writes, and things expire.
    pattern: /^(?!(runs|evidence|tables|reports)\/)(?=.{1,512}$)[\w-][\w.-]*(\/[\w-][\w.-]*)*$/,
    expected:
      'the key of an object in the report bucket, such as settings/waivers.yaml, outside runs/, evidence/, tables/ and reports/',
    variable: 'WAIVERS_KEY',
    deployment: {
      words: 'Key of the waivers file in the report bucket, such as settings/waivers.yaml; you upload it there',
    },
  },
  /** Children of a map at once. */
  concurrency: {
    kind: 'count',
    byDefault: 128,
    option: 'concurrency',
    takes: 'n',
    help: 'accounts at once, at most: as many as keep this machine busy',
    input: 'concurrency',
    variable: 'CONCURRENCY',
    deployment: {
      byDefault: 100,
      words: 'Accounts scanned at once: the limit of the Distributed Map, and of concurrent Lambda functions',
    },
  },
} as const satisfies Record<string, SettingDeclaration>;

type Declared = typeof RUN_SETTINGS;
export type SettingName = keyof Declared;
type Kinds = { text: string; list: string[]; flag: boolean; count: number };
type KindOf<N extends SettingName> = Kinds[Declared[N]['kind']];
type Unset<D> = D extends { byDefault: null } ? null : never;

/** What was asked of a run; settings of the deployment, the execution's input and the command line end up here alike. */
export type RunSettings = { [N in SettingName]: KindOf<N> | Unset<Declared[N]> };

type NamedBy<D, What extends string> = D extends Record<What, infer Name extends string> ? Name : never;
/** As commander hands them over: numbers are still text. */
export type SettingOptions = {
  [N in SettingName as NamedBy<Declared[N], 'option'>]?: Declared[N]['kind'] extends 'count' ? string : KindOf<N>;
};
export type SettingInput = { [N in SettingName as NamedBy<Declared[N], 'input'>]?: KindOf<N> | undefined };
export type InDeployment = { [N in SettingName]: Declared[N] extends { deployment: object } ? N : never }[SettingName];
export type DeploymentValue<N extends InDeployment> = Declared[N] extends { kind: 'list' }
  ? string[]
  : KindOf<N> | Unset<Declared[N]> | Unset<Declared[N]['deployment']>;
export type DeploymentSettings = { [N in InDeployment]: DeploymentValue<N> };
export type SettingVariable = NamedBy<Declared[InDeployment], 'variable'>;
export type SettingVariables = {
  [N in InDeployment as NamedBy<Declared[N], 'variable'>]: KindOf<N> | Unset<Declared[N]>;
};

/** Every declaration, with the name of its setting. */
export const settingDeclarations: readonly (SettingDeclaration & { name: SettingName })[] = Object.entries(
  RUN_SETTINGS as Record<string, SettingDeclaration>,
).map(([name, declared]) => ({ ...declared, name: name as SettingName }));

/** The defaults of the command line, and of what a deployment cannot set. */
export const defaultSettings = (): RunSettings =>
  Object.fromEntries(
    settingDeclarations.map(({ name, byDefault }) => [name, Array.isArray(byDefault) ? [...byDefault] : byDefault]),
  ) as RunSettings;

/** The role's name as AssumeRole's ARN has it: `/audit/Role` and `audit/Role` are one. */
export const withoutSlash = (roleName: string): string => roleName.replace(/^\//, '');

/** A deployment's settings, narrowed by an execution's input. */
export const narrowedBy = (settings: RunSettings, input: SettingInput): RunSettings => {
  const asked = settingDeclarations.flatMap(({ name, input: word }) => {
    const value = word === undefined ? undefined : input[word as keyof SettingInput];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...settings, ...Object.fromEntries(asked) };
};

/** What was asked of a run, as the words of an execution's input; what the input has no word for is left out. */
export const executionInputOf = (settings: RunSettings, asked: readonly SettingName[]): SettingInput =>
  Object.fromEntries(
    settingDeclarations.flatMap(({ name, input }) =>
      input === undefined || !asked.includes(name) ? [] : [[input, settings[name]]],
    ),
  );

/** One name for one role, however its path was written. */
export const withRole = (settings: RunSettings): RunSettings => ({
  ...settings,
  roleName: withoutSlash(settings.roleName),
});

/** Whether a run with these settings is FILTERED; a deployment cannot set all of them. */
export const isNarrowed = (settings: { [N in SettingName]?: unknown }): boolean =>
  settingDeclarations.some(({ name, narrows }) => narrows && [settings[name] ?? []].flat().length > 0);

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The option as it is typed: `--exclude-accounts`, `--no-lake`. */
export const flagOf = ({ option = '', byDefault }: SettingDeclaration): string =>
  `--${byDefault === true ? 'no-' : ''}${kebab(option)}`;
