import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

// The engines field of package.json says which Node versions are supported; the SDK need not say it again.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** The Python that has LocalStack: it cannot share one with moto, whose versions it pins. */
export const PYTHON = process.env.TRAILSEAL_LOCALSTACK;

export const INSTALL_LOCALSTACK =
  "a Python 3.12 or newer with pip install 'localstack-core[runtime]==4.14.0' 'cbor2<5.8' cryptography==45.0.7 pyopenssl==25.1.0 service_identity==24.2.0, named by TRAILSEAL_LOCALSTACK";

export const hasLocalStack = (): boolean =>
  PYTHON !== undefined &&
  spawnSync(PYTHON, ['-c', 'import localstack.runtime, localstack.services.stores']).status === 0;

export interface LocalStack {
  /** For any SDK client. */
  client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    forcePathStyle: boolean;
  };
  /** The lines of its newest output that have these words. */
  said(words: string): string;
  stop(): Promise<void>;
}

/**
 * LocalStack on a free port, without Docker: CloudFormation and what it makes, but no functions.
 * @param mocks what the tasks of its state machines answer
 */
export async function startLocalStack(mocks: unknown): Promise<LocalStack> {
  const folder = mkdtempSync(join(tmpdir(), 'trailseal-localstack-'));
  const mockFile = join(folder, 'mocks.json');
  writeFileSync(mockFile, JSON.stringify(mocks));
  const port = await freePort();
  const child = spawn(PYTHON ?? 'python3', ['-m', 'localstack.runtime.main'], {
    env: {
      ...{ PATH: process.env.PATH ?? '', HOME: folder, LOCALSTACK_VOLUME_DIR: folder, TMPDIR: folder },
      ...{ GATEWAY_LISTEN: `127.0.0.1:${port}`, DISABLE_EVENTS: '1', SKIP_SSL_CERT_DOWNLOAD: '1', DNS_ADDRESS: '0' },
      // The dashboard and the schedule are not among what it makes.
      CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES: '1',
      SFN_MOCK_CONFIG: mockFile,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = `${output}${chunk}`.slice(-20_000);
    });
  }
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 120_000;
  while (!(await isReady(endpoint))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`LocalStack does not start: ${output}`);
    await delay(500);
  }
  return {
    client: {
      ...{ endpoint, region: 'us-east-1', forcePathStyle: true },
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
    said: (words) =>
      output
        .split('\n')
        .filter((line) => line.includes(words))
        .join('\n'),
    async stop() {
      process.removeListener('exit', killed);
      killed();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const isReady = async (endpoint: string): Promise<boolean> => {
  try {
    return (await fetch(`${endpoint}/_localstack/health`)).ok;
  } catch {
    return false;
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
