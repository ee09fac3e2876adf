import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { TrailSealError } from '../../../functions/domain/model/errors.ts';
import type { Cloud } from '../../../functions/handlers/lambda/cloud.ts';
import { type Factory, lambdaEntry } from '../../../functions/handlers/lambda/entry.ts';
import { TEXTS } from '../../hostile/corpus.ts';

/** What Lambda's log agent splits at, and what moves the cursor of a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BREAKS = /[\u0000-\u001f\u007f]/;
/** CloudWatch cuts an event in two beyond it. */
const EVENT_BYTES = 262_144;

const env = { REPORT_BUCKET: 'report-bucket', REPORT_BUCKET_OWNER: '111122223333', REPORT_PREFIX: '' };
const context = {
  getRemainingTimeInMillis: () => 60_000,
  functionName: 'TrailSeal-record',
  functionVersion: '1',
  memoryLimitInMB: '512',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:999988887777:function:TrailSeal-record',
  awsRequestId: 'a-request',
} as Context;

let written: string[];
beforeEach(() => {
  written = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** The lines that one call left, each held to be one event of one JSON object. */
async function linesOf(payload: unknown, factory: Factory<'record'>): Promise<Record<string, unknown>[]> {
  written = [];
  await lambdaEntry('record', factory, { env, cloud: {} as Cloud })(payload, context).catch(() => {});
  return written.map((line) => {
    expect(line.endsWith('\n')).toBe(true);
    expect(line.slice(0, -1)).not.toMatch(BREAKS);
    expect(Buffer.byteLength(line)).toBeLessThan(EVENT_BYTES);
    return JSON.parse(line);
  });
}

describe("texts from other people's accounts in the log of a function", () => {
  test('as the subject of a call', async () => {
    expect(TEXTS.length).toBeGreaterThan(50);
    for (const hostile of TEXTS) {
      const payload = { run_id: hostile, item: { accountId: hostile } };
      const lines = await linesOf(payload, () => async () => ({}));
      expect(lines).toMatchObject([
        { level: 'INFO', message: 'record done', ...(hostile && { run_id: hostile.slice(0, 64) }) },
      ]);
    }
  });

  test('in the message, the name and the causes of a failure', async () => {
    const failing = (hostile: string, causes: number): Error =>
      Object.assign(new Error(hostile, causes > 0 ? { cause: failing(hostile, causes - 1) } : {}), {
        name: hostile,
        code: hostile,
        $response: hostile,
      });
    for (const hostile of TEXTS) {
      const [line, ...others] = await linesOf({}, () => async () => Promise.reject(failing(hostile, 9)));
      const message = hostile.slice(0, 4_000);
      expect(line).toMatchObject({ level: 'ERROR', error: { message, cause: { message, cause: { message } } } });
      expect(JSON.stringify(line)).not.toContain('$response');
      expect(others).toEqual([]);
    }
  });

  test('in something that is thrown and is no error', async () => {
    for (const hostile of [...TEXTS, null, undefined, 7]) {
      const [line] = await linesOf({}, () => async () => Promise.reject(hostile));
      expect(line).toMatchObject({ level: 'ERROR', error: { message: String(hostile).slice(0, 4_000) } });
    }
  });

  test('in what a handler answers', async () => {
    for (const hostile of TEXTS.filter(({ length }) => length < 10_000)) {
      const lines = await linesOf({}, () => async () => ({ [hostile]: hostile, list: [hostile] }));
      expect(lines).toMatchObject([{ level: 'INFO', message: 'record done' }]);
    }
  });

  test("in an error of TrailSeal's own", async () => {
    for (const hostile of TEXTS) {
      const lines = await linesOf({}, () => async () => {
        throw new TrailSealError('STORE', `${hostile} cannot be written.`);
      });
      expect(lines).toMatchObject([{ level: 'ERROR', message: 'record failed' }]);
    }
  });
});
