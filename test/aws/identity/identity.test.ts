import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { compiledMain } from '../../cli/compiled.ts';
import { trailseal } from '../../cli/trailseal.ts';
import { type Arrived, awsHome, awsListener, CALLER, containerListener, httpServer, serve } from './aws-on-loopback.ts';

const closing: (() => unknown)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

describe('on a machine with a role of its own', () => {
  const machine = async () => {
    const calls: Arrived[] = [];
    const container: string[] = [];
    const endpoint = await serve(httpServer(awsListener(calls)), closing);
    const credentials = await serve(httpServer(containerListener(container)), closing);
    return {
      calls,
      container,
      env: {
        AWS_ENDPOINT_URL: `http://127.0.0.1:${endpoint}`,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${credentials}/role`,
        AWS_REGION: 'eu-west-1',
      },
    };
  };
  const BROKEN = '[profile audit]\nregion=eu-west-1\n[profile process]\ncredential_process = /no/such/program\n';

  test('that role is used where nobody names another, and a default profile without credentials names none', async () => {
    const { env, calls } = await machine();
    const ended = await trailseal(['doctor'], { env: { ...env, ...awsHome('[default]\nregion=eu-west-1\n') } });
    expect(ended.out).toContain(`Credentials: ${CALLER}`);
    expect(calls[0]?.key).toBe('ASIACONTAINER');
  });

  test.each<[string, string[], Record<string, string>, RegExp]>([
    [
      'a misspelled --profile',
      ['--profile', 'audti'],
      {},
      /no profile "audti" \(--profile\).*there are audit, process/,
    ],
    ['a misspelled AWS_PROFILE', [], { AWS_PROFILE: 'audti' }, /no profile "audti" \(AWS_PROFILE\)/],
    ['a credential_process that is missing', ['--profile', 'process'], {}, /profile "process".*no\/such\/program/],
    ['a profile without credentials', ['--profile', 'audit'], {}, /profile "audit"/],
    [
      'half of a key',
      [],
      { AWS_ACCESS_KEY_ID: 'AKIAENV' },
      /AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not/,
    ],
  ])('%s is an error before any call, and that role is not asked for', async (_, words, extra, sentence) => {
    const { env, calls, container } = await machine();
    for (const command of ['doctor', 'scan']) {
      const ended = await trailseal([command, ...words], { env: { ...env, ...awsHome(BROKEN), ...extra } });
      expect(ended.code).not.toBe(0);
      expect(`${ended.out} ${ended.err}`.replace(/\s+/g, ' ')).toMatch(sentence);
      expect(ended.err).not.toMatch(/Warning|\n\s+at /);
    }
    expect(container).toEqual([]);
    expect(calls).toEqual([]);
  });

  test('a default profile whose credential_process fails is not replaced either', async () => {
    const { env, container } = await machine();
    const home = awsHome('[default]\ncredential_process = /no/such/program\n');
    const ended = await trailseal(['doctor'], { env: { ...env, ...home } });
    expect(ended.code).toBe(2);
    expect(container).toEqual([]);
  });
});

describe('the order of the AWS CLI', () => {
  const PROFILES = '[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=s\n';
  const keyOf = async (words: string[], extra: Record<string, string>) => {
    const calls: Arrived[] = [];
    const env = {
      ...awsHome('', PROFILES),
      AWS_ENDPOINT_URL: `http://127.0.0.1:${await serve(httpServer(awsListener(calls)), closing)}`,
      AWS_REGION: 'eu-west-1',
    };
    const ended = await trailseal(['doctor', ...words], { env: { ...env, ...extra } });
    expect(ended.err).toBe('');
    return calls[0]?.key;
  };
  const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' };

  test('is --profile, keys in the environment, AWS_PROFILE, and says nothing on the terminal', async () => {
    expect(await keyOf(['--profile', 'work'], KEYS)).toBe('AKIAWORK');
    expect(await keyOf([], { ...KEYS, AWS_PROFILE: 'work' })).toBe('AKIAENV');
    expect(await keyOf([], { AWS_PROFILE: 'work' })).toBe('AKIAWORK');
    expect(await keyOf([], { ...KEYS, AWS_PROFILE: '' })).toBe('AKIAENV');
    expect(await keyOf([], { AWS_PROFILE: 'work', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })).toBe('AKIAWORK');
  });

  test('takes the keys that a credential_process prints', async () => {
    const home = awsHome('');
    const program = join(home.HOME ?? '', 'keys');
    writeFileSync(program, `#!/bin/sh\necho '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"s"}'\n`);
    chmodSync(program, 0o755);
    writeFileSync(home.AWS_CONFIG_FILE ?? '', `[profile process]\ncredential_process = ${program}\n`);
    expect(await keyOf(['--profile', 'process'], home)).toBe('AKIAPROCESS');
  });
});

describe('a profile with an MFA device', () => {
  const SERIAL = 'arn:aws:iam::111122223333:mfa/me';
  const MFA = `[profile mfa]\nrole_arn=arn:aws:iam::111122223333:role/Audit\nmfa_serial=${SERIAL}\nsource_profile=base\n`;
  const BASE = '[base]\naws_access_key_id=AKIABASE\naws_secret_access_key=s\n';
  const world = async () => {
    const calls: Arrived[] = [];
    const port = await serve(httpServer(awsListener(calls)), closing);
    return { calls, env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: 'eu-west-1' } };
  };

  /** Python's pty: a real terminal, on which the code is typed as soon as it is asked for. */
  const TYPIST = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
out, typed = b'', False
while True:
    try: data = os.read(fd, 4096)
    except OSError: break
    if not data: break
    out += data
    if b'MFA code' in out and not typed:
        typed = True
        os.write(fd, b'123456\\n')
os.waitpid(pid, 0)
sys.stdout.buffer.write(out)
`;
  const onTerminal = async (words: string[], env: Record<string, string>): Promise<string> => {
    const child = spawn('python3', ['-c', TYPIST, process.execPath, await compiledMain(), ...words], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    await new Promise((resolve) => child.on('close', resolve));
    return out;
  };

  test('asks for the code on a terminal, once', async () => {
    const { calls, env } = await world();
    const shown = await onTerminal(['doctor', '--profile', 'mfa'], { ...env, ...awsHome(MFA, BASE) });
    expect(shown.match(/MFA code of/g)).toHaveLength(1);
    expect(shown).toContain(`MFA code of ${SERIAL}: `);
    expect(calls[0]?.body).toContain('TokenCode=123456');
    expect(calls[0]?.key).toBe('AKIABASE');
    expect(calls[1]?.key).toBe('ASIAASSUMED');
  });

  test('elsewhere names the way out', async () => {
    const { calls, env } = await world();
    const ended = await trailseal(['scan', '--profile', 'mfa'], { env: { ...env, ...awsHome(MFA, BASE) } });
    expect(ended.code).toBe(1);
    expect(ended.err).toContain('aws configure export-credentials --profile mfa --format env');
    expect(ended.err).not.toContain('aws sso login');
    expect(calls).toEqual([]);
  });

  test('whose source profile fails says so before it asks', async () => {
    const { env } = await world();
    const home = awsHome(`${MFA}[profile base]\ncredential_process = /no/such/program\n`);
    const shown = await onTerminal(['doctor', '--profile', 'mfa'], { ...env, ...home });
    expect(shown).not.toContain('MFA code');
    expect(shown).toContain('/no/such/program');
  });
});

describe('the sentence for credentials that AWS refuses', () => {
  const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' };
  const refusedWith = async (code: string, message: string, extra: Record<string, string> = {}) => {
    const xml = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
    const port = await serve(httpServer(awsListener([], () => xml)), closing);
    const env = { ...KEYS, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_MAX_ATTEMPTS: '1', ...extra };
    return (await trailseal(['scan'], { env })).err;
  };
  const INVALID = ['InvalidClientTokenId', 'The security token included in the request is invalid.'] as const;

  test('names the assumed region, for keys of another partition', async () => {
    expect(await refusedWith(...INVALID)).toMatch(/us-east-1 was assumed: .* --home-region us-gov-west-1/);
    expect(await refusedWith(...INVALID, { AWS_REGION: 'us-east-1' })).not.toContain('was assumed');
  });

  test('names the clock, where the signature came too early or too late', async () => {
    const said = await refusedWith(
      'SignatureDoesNotMatch',
      'Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z (20260101T011500Z - 15 min.)',
    );
    expect(said).toContain("This machine's clock is wrong, not the credentials");
  });
});

// Only root can become another user.
const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot('a user id without an entry and without HOME gets one sentence', async () => {
  const main = await compiledMain();
  // Another user may have no right to start a node that lies in a private folder: the process changes its own user.
  const become = 'data:text/javascript,process.setuid(4242)';
  const child = spawn(process.execPath, ['--import', become, main, 'doctor'], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  expect(err).toMatch(/^trailseal: This user \(id 4242\) has no home directory: set HOME[^\n]*\n$/);
  expect(code).toBe(1);
});
