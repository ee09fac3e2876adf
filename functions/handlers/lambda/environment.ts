import * as z from 'zod';
import { ACCOUNT_ID } from '../../domain/model/arn.ts';
import { firstIssue } from '../../domain/run/parsed.ts';
import { SETTING_VARIABLES, settingVariables } from '../../domain/settings/setting-schemas.ts';

/**
 * The environment of the Lambda functions: what the deployment sets and the entries read, in one place.
 * Every value is text; a list is joined with commas; an empty text means "not set".
 */

const text = (pattern: RegExp, expected: string) =>
  z.string({ error: 'is not set' }).regex(pattern, { error: expected });
const optional = (pattern: RegExp, expected: string) =>
  text(new RegExp(`^(?:|${pattern.source})$`), expected).transform((value) => (value === '' ? null : value));
const count = text(/^[1-9]\d{0,5}$/, 'must be a whole number above zero').transform(Number);

const BUCKET = /[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/;

const VARIABLES = {
  /** What a run is asked to do. */
  ...settingVariables,
  /** Bucket of the report root. */
  REPORT_BUCKET: text(new RegExp(`^${BUCKET.source}$`), 'must be the name of an S3 bucket'),
  /** Where Step Functions puts the results of a map's children; empty for the report bucket. */
  RESULT_BUCKET: optional(BUCKET, 'must be the name of an S3 bucket'),
  /** Account that must own it: a bucket of that name in any other account is refused. */
  REPORT_BUCKET_OWNER: text(ACCOUNT_ID, 'must be an account id of 12 digits'),
  /** Prefix of the report root within the bucket, without slashes at its ends; empty for the bucket itself. */
  REPORT_PREFIX: text(/^(?:|[^/].*[^/]|[^/])$/, 'must be a key prefix without slashes at its ends'),
  /** Version of the code, as every run records it. */
  SCANNER_VERSION: text(/^\d+\.\d+\.\d+\S*$/, 'must be a version such as 1.2.3'),
  /** Asymmetric KMS key that signs the run's manifest; empty for none. */
  SIGNING_KEY_ARN: optional(/arn:[a-z-]+:kms:.+:key\/.+/, 'must be the ARN of a KMS key'),
  /** How long an account may be unreachable before it counts as overdue, in hours. */
  UNREACHABLE_HOURS: count,
  /** Receives a run's summary. */
  TOPIC_ARN: text(/^arn:[a-z-]+:sns:.+$/, 'must be the ARN of an SNS topic'),
  /** Bus that receives the events of a run. */
  EVENT_BUS: text(/^[\w./:-]+$/, 'must be the name or ARN of an event bus'),
  /** How long changes are gathered before a run looks into them, in seconds. */
  WINDOW_SECONDS: count,
  /** Queue in which accounts that joined wait for their role. */
  NEWCOMERS_ARN: text(/^arn:[a-z-]+:sqs:.+$/, 'must be the ARN of an SQS queue'),
  /** The workflow. */
  STATE_MACHINE_ARN: text(/^arn:[a-z-]+:states:.+$/, 'must be the ARN of a state machine'),
  /** Runs that changes start, at once. */
  RUNS_AT_ONCE: count,
  /** Hours between two whole runs that changes start. */
  WHOLE_RUN_HOURS: count,
  /** A region that sent changes and none for so many days is reported; 0 where none is watched. */
  WATCH_SILENT_DAYS: text(/^\d{1,4}$/, 'must be a whole number').transform(Number),
  /** Whether a run's findings are imported into Security Hub of this account and region. */
  SECURITY_HUB: text(/^(true|false)$/, 'must be true or false').transform((value) => value === 'true'),
} as const;

type VariableName = keyof typeof VARIABLES;

const ROOT = ['REPORT_BUCKET', 'REPORT_BUCKET_OWNER', 'REPORT_PREFIX'] as const;
/** Of those that look for children that died without a word. */
const WHOLE_ROOT = [...ROOT, 'RESULT_BUCKET'] as const;

/** Which function reads what. A function is given nothing that it does not read. */
export const HANDLER_VARIABLES = {
  plan: [...WHOLE_ROOT, 'SCANNER_VERSION', ...SETTING_VARIABLES],
  // Role, external id and what to look at come with the run's plan.
  scan: [...ROOT, 'HOME_REGION'],
  record: ROOT,
  gather: WHOLE_ROOT,
  inspect: [...ROOT, 'HOME_REGION'],
  report: [...WHOLE_ROOT, 'HOME_REGION', 'SIGNING_KEY_ARN'],
  notify: [...ROOT, 'UNREACHABLE_HOURS', 'TOPIC_ARN', 'EVENT_BUS', 'SECURITY_HUB', 'WATCH_SILENT_DAYS'],
} as const satisfies Record<string, readonly VariableName[]>;

/** Of those before the workflow, with the setting `watch`. */
export const WATCH_VARIABLES = {
  collect: [...ROOT, 'WINDOW_SECONDS', 'NEWCOMERS_ARN', 'EVENT_BUS'],
  start: [...ROOT, 'STATE_MACHINE_ARN', 'EVENT_BUS', 'WINDOW_SECONDS', 'RUNS_AT_ONCE', 'WHOLE_RUN_HOURS'],
} as const satisfies Record<string, readonly VariableName[]>;

/** The seven functions, one for each state of the workflow, in its order. */
export type HandlerName = keyof typeof HANDLER_VARIABLES;
/** Those, and the functions that start a run after a change. */
export type FunctionName = HandlerName | keyof typeof WATCH_VARIABLES;
const FUNCTION_VARIABLES = { ...HANDLER_VARIABLES, ...WATCH_VARIABLES };
export const HANDLER_NAMES = Object.keys(HANDLER_VARIABLES) as HandlerName[];

type NamesOf<H extends FunctionName> = (typeof FUNCTION_VARIABLES)[H][number];
/** What the function reads, parsed. */
export type Environment<H extends FunctionName> = { [V in NamesOf<H>]: z.output<(typeof VARIABLES)[V]> };
/** What the deployment sets: the same names, as text. */
export type EnvironmentTexts<H extends FunctionName> = { [V in NamesOf<H>]: string };

/** The deployment and the code disagree: one or more variables are missing or wrong. */
export class EnvironmentError extends Error {
  constructor(sentences: string[]) {
    super(sentences.join('\n'));
    this.name = 'EnvironmentError';
  }
}

/**
 * Reads and checks a function's variables, all at once and before anything else is done.
 * @throws EnvironmentError with a sentence for every variable that is missing or wrong; values are not repeated in it
 * @example const env = readEnvironment('record', process.env); env.REPORT_BUCKET
 */
export const readEnvironment = <H extends FunctionName>(
  handler: H,
  env: Readonly<Record<string, string | undefined>>,
): Environment<H> => {
  const values: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const name of FUNCTION_VARIABLES[handler]) {
    const parsed = VARIABLES[name].safeParse(env[name]);
    if (parsed.success) values[name] = parsed.data;
    else wrong.push(`environment variable ${name} ${firstIssue(parsed.error).what}`);
  }
  if (wrong.length > 0) throw new EnvironmentError(wrong);
  return values as Environment<H>;
};
