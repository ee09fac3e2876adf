import { describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import type { Cloud } from '../../../functions/handlers/lambda/cloud.ts';
import { type Factory, lambdaEntry } from '../../../functions/handlers/lambda/entry.ts';

const ENV = { REPORT_BUCKET: 'report-bucket', REPORT_BUCKET_OWNER: '111122223333', REPORT_PREFIX: '' };
const CLOUD = { region: 'eu-west-1', now: () => 0 } as Cloud;
const RUN = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N';
const OWN = '999988887777';
const context = (remaining = 60_000) =>
  ({
    getRemainingTimeInMillis: () => remaining,
    invokedFunctionArn: `arn:aws:lambda:eu-west-1:${OWN}:function:TrailSeal-record`,
  }) as Context;

/** A logger that keeps what it is told. */
const notebook = () => {
  const keys: Record<string, unknown>[] = [];
  const lines: [level: string, message: string, extra: unknown][] = [];
  return {
    keys,
    lines,
    logger: {
      resetKeys: () => {},
      addContext: () => {},
      appendKeys: (added: Record<string, unknown>) => keys.push(added),
      info: (message: unknown, extra: unknown) => lines.push(['info', String(message), extra]),
      error: (message: unknown, extra: unknown) => lines.push(['error', String(message), extra]),
    } as never,
  };
};

describe('a handler as Lambda calls it', () => {
  test('is made once, at the first call, and answers what the handler answers', async () => {
    let made = 0;
    const factory: Factory<'record'> = (env) => {
      made++;
      return async (payload) => ({ payload, bucket: env.REPORT_BUCKET });
    };
    const entry = lambdaEntry('record', factory, { env: ENV, cloud: CLOUD, logger: notebook().logger });
    expect(made).toBe(0);
    expect(await entry({ a: 1 }, context())).toEqual({ payload: { a: 1 }, bucket: 'report-bucket' });
    await entry({ a: 2 }, context());
    expect(made).toBe(1);
  });

  test('fails with the name of the variable that is wrong, and tries again at the next call', async () => {
    const env: Record<string, string> = { ...ENV, REPORT_BUCKET: '' };
    const entry = lambdaEntry('record', () => async () => 'made', { env, cloud: CLOUD, logger: notebook().logger });
    await expect(entry({}, context())).rejects.toThrow('environment variable REPORT_BUCKET must be the name');
    env.REPORT_BUCKET = 'report-bucket';
    await expect(entry({}, context())).resolves.toBe('made');
  });

  const SUBJECTS: [payload: unknown, run: string | null, account: string | null][] = [
    [{ run_id: RUN, item: { accountId: '111122223333' } }, RUN, '111122223333'],
    [{ run_id: RUN, item: { owner: '444455556666' } }, RUN, '444455556666'],
    [{ input: { resume: RUN } }, RUN, null],
    [{ run_id: RUN }, RUN, null],
    [null, null, null],
    ['text', null, null],
    [{ run_id: 7, item: [] }, null, null],
  ];
  test.each(SUBJECTS)('%j: every line of the log carries run, account and Region', async (payload, run, account) => {
    const { keys, lines, logger } = notebook();
    process.env.AWS_REGION = 'eu-west-1';
    await lambdaEntry('record', () => async () => ({}), { env: ENV, cloud: CLOUD, logger })(payload, context());
    expect(Object.assign({}, ...keys)).toEqual({ region: 'eu-west-1', run_id: run, account_id: account ?? OWN });
    expect(lines).toEqual([['info', 'record done', { result: {} }]]);
  });

  test('the run that Plan begins is on the line that says so', async () => {
    const { keys, logger } = notebook();
    const begins: Factory<'record'> = () => async () => ({ run_id: RUN });
    await lambdaEntry('record', begins, { env: ENV, cloud: CLOUD, logger })({ input: {} }, context());
    expect(Object.assign({}, ...keys)).toMatchObject({ run_id: RUN, account_id: OWN });
  });

  test('logs what went wrong and lets the workflow see it', async () => {
    const { lines, logger } = notebook();
    const failure = new Error('no room');
    const entry = lambdaEntry('record', () => async () => Promise.reject(failure), { env: ENV, cloud: CLOUD, logger });
    await expect(entry({}, context())).rejects.toBe(failure);
    expect(lines).toEqual([['error', 'record failed', failure]]);
  });

  test('tells the handler to stop before Lambda would cut it off', async () => {
    const waits: Factory<'record'> =
      () =>
      (_, { signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve('stopped')));
    const entry = lambdaEntry('record', waits, { env: ENV, cloud: CLOUD, logger: notebook().logger });
    // 2,000 ms before the end is 10 ms from now.
    expect(await entry({}, context(2_010))).toBe('stopped');
    expect(await entry({}, context(500))).toBe('stopped');
  });
});
