import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { READS } from '../functions/reads/registry.ts';

const ROOT = join(import.meta.dirname, '..');
const HANDLERS = join(ROOT, 'functions/handlers/lambda');
const FUNCTIONS = ['plan', 'scan', 'record', 'gather', 'inspect', 'report', 'notify', 'collect', 'start'];

/** Where the SDK names a client otherwise than AWS PrivateLink names its endpoint. */
const ENDPOINTS: Record<string, string> = { 'cloudwatch-logs': 'logs', eventbridge: 'events', sfn: 'states' };
/** Lambda sends traces itself, from the function's network. */
const OF_THE_RUNTIME = { xray: FUNCTIONS };

/** What the code of a function calls, by the endpoint's name: the clients that its bundle holds. */
export const calledServices = (): Record<string, string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'trailseal-endpoints-'));
  try {
    const meta = join(folder, 'meta.json');
    const entries = FUNCTIONS.map((name) => join(HANDLERS, `${name}.ts`));
    const options = ['--bundle', '--platform=node', '--format=esm', '--log-level=error'];
    execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [
      ...[...entries, ...options, `--outdir=${folder}`, `--metafile=${meta}`],
    ]);
    const { outputs } = JSON.parse(readFileSync(meta, 'utf8')) as {
      outputs: Record<string, { entryPoint?: string; inputs: Record<string, { bytesInOutput: number }> }>;
    };
    const called: Record<string, string[]> = structuredClone(OF_THE_RUNTIME);
    for (const { entryPoint = '', inputs } of Object.values(outputs)) {
      const name = /(\w+)\.ts$/.exec(entryPoint)?.[1] ?? '';
      const clients = Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
        bytesInOutput > 0 ? (/@aws-sdk\/client-([a-z0-9-]+)\//.exec(file)?.[1] ?? []) : [],
      );
      for (const client of new Set(clients)) {
        const endpoint = ENDPOINTS[client] ?? client;
        called[endpoint] = [...(called[endpoint] ?? []), name];
      }
    }
    return called;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The endpoints that functions in a VPC need, for docs/reference/settings.md. */
export const endpointTable = (): string => {
  const called = calledServices();
  // Regions and the names of all buckets are asked for once.
  const inEveryRegion = new Set(READS.filter(({ isGlobal }) => !isGlobal).map(({ service }) => service));
  const where = (name: string) => {
    if (name === 'organizations') return 'one Region of the partition: us-east-1 in `aws`';
    return inEveryRegion.has(name) ? 'each Region that accounts use' : 'its own Region';
  };
  const kind = (name: string) => {
    if (name === 's3-control') return '`s3` | interface, with private DNS: S3 Control';
    return `\`${name}\` | ${name === 's3' ? 'gateway' : 'interface'}`;
  };
  const rows = Object.keys(called)
    .sort()
    .map((name) => {
      const by = FUNCTIONS.filter((one) => called[name]?.includes(one));
      return `| ${kind(name)} | ${where(name)} | ${by.length === FUNCTIONS.length ? 'all' : by.join(', ')} |`;
    });
  return ['| Endpoint | Kind | Called in | By |', '|---|---|---|---|', ...rows, ''].join('\n');
};
