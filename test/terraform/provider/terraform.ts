import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AwsCloudOptions } from './aws-cloud.ts';
import type { MemoryCloudOptions } from './memory-cloud.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** A copy of terraform/ in which Terraform runs against the provider of the tests. */
export interface Workspace {
  readonly folder: string;
  /** @param folder below terraform/ */
  run(folder: string, ...words: string[]): Promise<Ended>;
  stop(): Promise<void>;
}

const AUDIT_ACCOUNT: MemoryCloudOptions = {
  account: '111122223333',
  partition: 'aws',
  dnsSuffix: 'amazonaws.com',
  region: 'eu-central-1',
  buckets: [],
};

/** @param cloud what is behind the provider: an endpoint, or a cloud in its memory */
export const startWorkspace = async (cloud: AwsCloudOptions | Partial<MemoryCloudOptions> = {}): Promise<Workspace> => {
  const home = mkdtempSync(join(tmpdir(), 'trailseal-tf-'));
  const folder = join(home, 'terraform');
  cpSync(join(ROOT, 'terraform'), folder, { recursive: true });
  const socket = join(home, 'provider');
  const words = ['--no-warnings', '--import', 'tsx', join(import.meta.dirname, 'serve.mjs'), socket];
  const provider = spawn(process.execPath, [...words, JSON.stringify({ ...AUDIT_ACCOUNT, ...cloud })], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [said] = (await Promise.race([once(provider.stdout, 'data'), once(provider, 'exit')])) as [unknown];
  if (String(said) !== 'ready\n') throw new Error('the provider does not start');
  const reattached = {
    'registry.terraform.io/hashicorp/aws': {
      ...{ Protocol: 'grpc', ProtocolVersion: 6, Pid: provider.pid, Test: true },
      Addr: { Network: 'unix', String: socket },
    },
  };
  const env = {
    ...{ PATH: process.env.PATH, HOME: home, TMPDIR: home },
    ...{ TF_CLI_CONFIG_FILE: '/dev/null', TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' },
    ...Object.fromEntries(['plan', 'apply', 'validate'].map((command) => [`TF_CLI_ARGS_${command}`, '-no-color'])),
    TF_REATTACH_PROVIDERS: JSON.stringify(reattached),
  };
  return {
    folder,
    run: async (below, ...words) => {
      const child = spawn('terraform', words, { cwd: join(folder, below), env, stdio: ['ignore', 'pipe', 'pipe'] });
      const ended = { out: '', err: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.out += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.err += text));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, ...ended };
    },
    stop: async () => {
      provider.stdin.end();
      if (provider.exitCode === null) await once(provider, 'exit');
      rmSync(home, { recursive: true, force: true });
    },
  };
};
