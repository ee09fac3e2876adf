import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Handler } from '../ports.ts';
import { type Cloud, createCloud } from './cloud.ts';
import { type Environment, type FunctionName, readEnvironment } from './environment.ts';

/** A handler over the cloud's ports. */
export type Factory<H extends FunctionName> = (env: Environment<H>, cloud: Cloud) => Handler;

/** Time to write what is in hand and to answer, before Lambda would cut the function off without a word. */
const PARTING_MS = 2_000;

/** Of a message or a stack in the log, characters: with two causes an error stays below the 256 KB of an event. */
const LOGGED_TEXT = 4_000;
const LOGGED_CAUSES = 2;

export interface EntryOptions {
  env?: Readonly<Record<string, string | undefined>>;
  cloud?: Cloud;
  logger?: Pick<Logger, 'appendKeys' | 'resetKeys' | 'addContext' | 'info' | 'error'>;
}

/**
 * A handler as Lambda calls it. The environment is read, and the clients made, once per process, at the first call: what
 * is wrong with it then fails that call with the variables' names. Every log line carries run, account and region.
 */
export const lambdaEntry = <H extends FunctionName>(name: H, factory: Factory<H>, options: EntryOptions = {}) => {
  const logger = options.logger ?? new Logger();
  let made: Handler | null = null;
  const make = (): Handler => {
    const env = readEnvironment(name, options.env ?? process.env);
    const { HOME_REGION: homeRegion, SCANNER_VERSION: version } = env as {
      HOME_REGION?: string;
      SCANNER_VERSION?: string;
    };
    const cloud = options.cloud ?? createCloud({ ...(homeRegion && { homeRegion }), ...(version && { version }) });
    return factory(env, cloud);
  };
  return async (payload: unknown, context: Context): Promise<unknown> => {
    logger.resetKeys();
    logger.addContext(context);
    const { run_id: runId, account_id: accountId } = subjectOf(payload);
    const keys = { region: process.env.AWS_REGION ?? null, account_id: accountId ?? ownAccount(context) };
    logger.appendKeys({ ...keys, run_id: runId });
    try {
      made ??= make();
      const signal = AbortSignal.timeout(Math.max(context.getRemainingTimeInMillis() - PARTING_MS, 1));
      const result = await made(payload, { signal });
      // Plan is what gives a run its id.
      if (runId === null) logger.appendKeys({ run_id: text(fields(result).run_id) });
      logger.info(`${name} done`, { result: result as Record<string, unknown> });
      return result;
    } catch (error) {
      logger.error(`${name} failed`, loggable(error));
      throw error;
    }
  };
};

/**
 * Of an error what fits one event. CloudWatch cuts a longer one in two, and the author of its text would write the second
 * as well. Attributes but the code are left out: an error of the SDK holds requests and answers.
 */
const loggable = (error: unknown, causes = LOGGED_CAUSES): Error => {
  const { name, message, stack, cause } = error instanceof Error ? error : new Error(String(error));
  const { code } = fields(error);
  const cut = (value: unknown) => String(value ?? '').slice(0, LOGGED_TEXT);
  return Object.assign(new Error(cut(message)), {
    name: text(name) ?? 'Error',
    stack: cut(stack),
    ...(code !== undefined && { code: text(code) }),
    ...(cause !== undefined && causes > 0 && { cause: loggable(cause, causes - 1) }),
  });
};

/** Run and account of a payload, for the log; whatever it is, this does not fail. */
const subjectOf = (payload: unknown): { run_id: string | null; account_id: string | null } => {
  const { run_id: runId, item, input } = fields(payload);
  const { accountId, owner } = fields(item);
  const { resume } = fields(input);
  return { run_id: text(runId) ?? text(resume), account_id: text(accountId) ?? text(owner) };
};

/** A step about no one account is logged under the scanner's own. */
const ownAccount = ({ invokedFunctionArn }: Context): string | null => text(invokedFunctionArn?.split(':')[4]);

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const text = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, 64) : null);
