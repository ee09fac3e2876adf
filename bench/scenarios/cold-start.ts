import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { emptyItem } from '../../functions/domain/model/inspection.ts';
import { HANDLER_NAMES, type HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { ownEnvironment } from '../worker.ts';

const scenario = 'cold-start';
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Size of each function's bundle, and the time from the start of its process to its first AWS call, beside an empty handler. */
export const coldStart: Scenario = {
  name: scenario,
  title: 'Cold start: bundle size, and time to the first AWS call, beside an empty handler with the same SDK clients',
  async run({ quick, folder, say }) {
    const handlers: readonly HandlerName[] = quick ? ['scan'] : HANDLER_NAMES;
    const rounds = quick ? 3 : 11;
    const listening = await endpoint();
    const figures: Figure[] = [];
    try {
      for (const handler of handlers) {
        say(handler);
        const ours = join(folder, handler);
        const made = await bundle(join(REPOSITORY, 'functions', 'handlers', 'lambda', `${handler}.ts`), ours);
        const clients = [
          ...new Set(made.inputs.flatMap((input) => /@aws-sdk\/(client-[\w-]+)\//.exec(input)?.[1] ?? [])),
        ];
        const empty = join(folder, `${handler}-empty`);
        const entry = join(REPOSITORY, 'bench', 'out', `empty-${handler}.mjs`);
        writeFileSync(entry, emptyHandler(clients));
        const bare = await bundle(entry, empty);
        const times = { ours: [] as number[], empty: [] as number[] };
        // In turns, so that a busy moment of the machine meets both.
        for (let round = 0; round < rounds; round++) {
          times.ours.push(await firstCall(ours, listening));
          times.empty.push(await firstCall(empty, listening));
        }
        const [own, floor] = [median(times.ours), median(times.empty)];
        figures.push(
          figure(scenario, `${handler}: bundle`, made.bytes / 1e6, 'MB', {
            ...(handler === 'scan' ? { goal: 1.25 } : {}),
            note: `${(made.bytes / bare.bytes).toFixed(2)} × the empty one's; ${clients.join(', ')}`,
          }),
          figure(scenario, `${handler}: first call, of the empty handler's`, own / floor, '×', {
            goal: 1.3,
            note: `${own.toFixed(0)} ms beside ${floor.toFixed(0)} ms, medians of ${rounds}`,
          }),
        );
      }
    } finally {
      await listening.close();
    }
    return figures;
  },
};

/** As infra/workflow/handler-function.ts bundles for Lambda, but for the Node version that measures. */
async function bundle(entry: string, folder: string): Promise<{ bytes: number; inputs: string[] }> {
  mkdirSync(folder);
  const { metafile } = await build({
    entryPoints: [entry],
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    target: 'node20',
    metafile: true,
    logLevel: 'silent',
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  const [output] = Object.values(metafile.outputs);
  const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  const inputs = Object.entries(output?.inputs ?? {}).flatMap(([name, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [name] : [],
  );
  return { bytes, inputs };
}

const CLASSES: Readonly<Record<string, string>> = {
  'client-s3': 'S3Client',
  'client-sts': 'STSClient',
  'client-cloudtrail': 'CloudTrailClient',
  'client-ec2': 'EC2Client',
  'client-kms': 'KMSClient',
  'client-organizations': 'OrganizationsClient',
  'client-cloudwatch-logs': 'CloudWatchLogsClient',
  'client-sns': 'SNSClient',
  'client-eventbridge': 'EventBridgeClient',
  'client-athena': 'AthenaClient',
};

/** Makes each client once, as a handler's first statements would, and calls one of them. */
function emptyHandler(clients: readonly string[]): string {
  const known = clients.filter((name) => CLASSES[name]);
  mustHold(
    known.includes('client-s3') || known.includes('client-sts'),
    `no client of ${clients.join(', ')} can be called`,
  );
  const s3 = known.includes('client-s3');
  const lines = known.map((name) => {
    const command =
      name === 'client-s3' ? ', GetObjectCommand' : name === 'client-sts' ? ', GetCallerIdentityCommand' : '';
    return `import { ${CLASSES[name]}${command} } from '@aws-sdk/${name}';`;
  });
  const makes = known.map((name) => `new ${CLASSES[name]}({ forcePathStyle: true })`).join(', ');
  const call = s3 ? "new GetObjectCommand({ Bucket: 'bucket', Key: 'key' })" : 'new GetCallerIdentityCommand({})';
  const which = s3 ? 'S3Client' : 'STSClient';
  return `${lines.join('\n')}
const clients = [${makes}];
export const handler = async () => clients.find((c) => c instanceof ${which}).send(${call});
`;
}

interface Endpoint {
  url: string;
  /** Resolves with the time of the next request, by the monotonic clock. */
  next(): Promise<number>;
  close(): Promise<void>;
}

/** Answers every request 404, and tells when it came. */
async function endpoint(): Promise<Endpoint> {
  let heard: ((at: number) => void) | null = null;
  const server = createServer((request, response) => {
    heard?.(performance.now());
    heard = null;
    request.resume();
    response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchKey</Code></Error>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: () =>
      new Promise((resolve) => {
        heard = resolve;
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const RUN_ID = '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N';
const ITEM = { accountId: '111122223333', accountState: 'ACTIVE', regions: ['us-east-1'] };
const OWNER = { ...emptyItem('111122223333'), itemId: '111122223333-0' };
/** What each function needs to reach its first call; the answers it gets then are refusals. */
const PAYLOADS: Record<HandlerName, object> = {
  plan: { input: {}, execution_arn: 'arn:aws:states:us-east-1:111122223333:execution:x:y', execution_name: RUN_ID },
  scan: { run_id: RUN_ID, item: ITEM },
  record: { run_id: RUN_ID, map: 'scan', item: ITEM, error: { Error: 'X', Cause: 'Y' } },
  gather: { run_id: RUN_ID },
  inspect: { run_id: RUN_ID, item: OWNER },
  report: { run_id: RUN_ID, map_failures: { scan: null, inspect: null } },
  notify: { run_id: RUN_ID },
};

const ENVIRONMENT = {
  REPORT_BUCKET: 'bucket',
  REPORT_BUCKET_OWNER: '111122223333',
  REPORT_PREFIX: '',
  ROLE_NAME: 'TrailSealAudit',
  EXTERNAL_ID: '',
  HOME_REGION: 'us-east-1',
  SCANNER_VERSION: '1.0.0',
  CONCURRENCY: '10',
  TRUSTED_ACCOUNTS: '',
  LOG_ARCHIVE_ACCOUNTS: '',
  EXCLUDE_ACCOUNTS: '',
  EXCLUDE_REGIONS: '',
  ONLY_OUS: '',
  LAKE: 'true',
  SAMPLE_LOGS: 'false',
  SAMPLE_ACCOUNTS: 'false',
  WAIVERS_KEY: '',
  SIGNING_KEY_ARN: '',
  UNREACHABLE_HOURS: '72',
  TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:t',
  EVENT_BUS: 'default',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
  POWERTOOLS_SERVICE_NAME: 'bench',
  LOG_LEVEL: 'SILENT',
};

/** Milliseconds from starting the process to its first request. */
async function firstCall(folder: string, listening: Endpoint): Promise<number> {
  const handler = basename(folder).replace('-empty', '') as HandlerName;
  const program = `
    const { handler } = await import(${JSON.stringify(join(folder, 'index.mjs'))});
    await handler(${JSON.stringify(PAYLOADS[handler])}, { getRemainingTimeInMillis: () => 60000, awsRequestId: 'x', functionName: 'f', invokedFunctionArn: 'a', memoryLimitInMB: '512' });`;
  const heard = listening.next();
  const began = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...ownEnvironment(), ...ENVIRONMENT, AWS_ENDPOINT_URL: listening.url, AWS_MAX_ATTEMPTS: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let noise = '';
  child.stderr.on('data', (chunk) => {
    noise += chunk;
  });
  const ended = new Promise<never>((_, reject) => {
    child.on('close', () => reject(new Error(`${handler} made no call: ${noise.slice(-600)}`)));
  });
  ended.catch(() => {});
  const patience = setTimeout(() => child.kill('SIGKILL'), 60_000);
  try {
    return (await Promise.race([heard, ended])) - began;
  } finally {
    clearTimeout(patience);
    child.kill('SIGKILL');
  }
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
