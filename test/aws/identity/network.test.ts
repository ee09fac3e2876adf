import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { trailseal } from '../../cli/trailseal.ts';
import {
  type Arrived,
  awsHome,
  awsListener,
  CALLER,
  connectProxy,
  expiredLoginToken,
  expiredSsoToken,
  httpServer,
  proxyThatAsks,
  resigningServer,
  serve,
} from './aws-on-loopback.ts';

const closing: (() => unknown)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

const SSO = `[profile sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Audit
region = eu-west-1
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://example.awsapps.com/start
sso_registration_scopes = sso:account:access
`;

describe('behind a proxy that re-signs TLS', () => {
  const network = async () => {
    const calls: Arrived[] = [];
    const hosts: string[] = [];
    const { server, bundle } = resigningServer(awsListener(calls));
    const proxy = connectProxy(hosts, await serve(server, closing), awsListener(calls));
    return { calls, hosts, bundle, url: `http://127.0.0.1:${await serve(proxy, closing)}` };
  };

  test('every call goes through it, the renewal of an SSO token and the SSO portal included', async () => {
    const { calls, hosts, bundle, url } = await network();
    const env = awsHome(SSO);
    expiredSsoToken(env.HOME ?? '', 'corp');
    const ended = await trailseal(['doctor', '--profile', 'sso'], {
      env: { ...env, HTTPS_PROXY: url, AWS_CA_BUNDLE: bundle },
    });
    expect(ended.err).toBe('');
    expect(ended.out).toContain(`Credentials: ${CALLER}`);
    expect(new Set(hosts)).toEqual(
      new Set([
        'oidc.eu-west-1.amazonaws.com:443',
        'portal.sso.eu-west-1.amazonaws.com:443',
        'sts.eu-west-1.amazonaws.com:443',
        'organizations.us-east-1.amazonaws.com:443',
      ]),
    );
    expect(calls.find(({ body }) => body.includes('GetCallerIdentity'))?.key).toBe('ASIAFROMSSO');
  });

  test('without the bundle, the sentence names the certificate and AWS_CA_BUNDLE', async () => {
    const { calls, url } = await network();
    const ended = await trailseal(['doctor'], {
      env: {
        HTTPS_PROXY: url,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'AKIAENV',
        AWS_SECRET_ACCESS_KEY: 's',
        AWS_MAX_ATTEMPTS: '1',
      },
    });
    expect(ended.code).toBe(2);
    expect(ended.out.replace(/\s+/g, ' ')).toMatch(/certificate .* is not trusted here .* set AWS_CA_BUNDLE/);
    expect(calls).toEqual([]);
  });

  test('HTTP_PROXY takes plain calls, and NO_PROXY exempts a host', async () => {
    const direct: Arrived[] = [];
    const proxied: Arrived[] = [];
    const endpoint = `http://127.0.0.1:${await serve(httpServer(awsListener(direct)), closing)}`;
    const proxy = `http://127.0.0.1:${await serve(httpServer(awsListener(proxied)), closing)}`;
    const env = {
      AWS_ENDPOINT_URL: endpoint,
      HTTP_PROXY: proxy,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIAENV',
      AWS_SECRET_ACCESS_KEY: 's',
    };
    await trailseal(['doctor'], { env });
    expect(direct).toEqual([]);
    expect(proxied.length).toBeGreaterThan(0);
    proxied.length = 0;
    await trailseal(['doctor'], { env: { ...env, NO_PROXY: 'localhost,127.0.0.1' } });
    expect(proxied).toEqual([]);
    expect(direct.length).toBeGreaterThan(0);
  });

  const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 's' };
  const STS = 'sts.eu-west-1.amazonaws.com:443';
  const ROLE = 'role_arn=arn:aws:iam::111122223333:role/Audit';
  const keyThatAsks = (calls: Arrived[]) => calls.find(({ body }) => body.includes('GetCallerIdentity'))?.key;
  /** With the certificate in the profile alone: nothing else leads to AWS. */
  const asked = async (
    words: string[],
    env: (home: string, bundle: string) => Record<string, string>,
    config: string,
  ) => {
    const { calls, hosts, bundle, url } = await network();
    const home = awsHome(config.replaceAll('BUNDLE', bundle));
    const ended = await trailseal(['doctor', ...words], {
      env: { ...home, HTTPS_PROXY: url, ...env(home.HOME ?? '', bundle) },
      // The SDK renews an SSO token once in half a minute.
      ownProcess: words.includes('role'),
    });
    expect(ended.err).toBe('');
    expect(ended.out).toContain(`Credentials: ${CALLER}`);
    return { calls, hosts };
  };

  test('a role that an SSO profile assumes', async () => {
    const { calls, hosts } = await asked(
      ['--profile', 'role'],
      (home, bundle) => {
        expiredSsoToken(home, 'corp');
        return { AWS_CA_BUNDLE: bundle };
      },
      `${SSO}[profile role]\n${ROLE}\nsource_profile=sso\nregion=eu-west-1\n`,
    );
    expect(hosts.slice(0, 3)).toEqual([
      'oidc.eu-west-1.amazonaws.com:443',
      'portal.sso.eu-west-1.amazonaws.com:443',
      STS,
    ]);
    expect(calls.find(({ body }) => body.includes('Action=AssumeRole&'))?.key).toBe('ASIAFROMSSO');
    expect(keyThatAsks(calls)).toBe('ASIAASSUMED');
  });

  test.each([
    ['of the environment', [], true],
    ['of a profile', ['--profile', 'web'], false],
  ])('a web identity %s', async (_, words, isInEnvironment) => {
    const { calls } = await asked(
      words,
      (home, bundle) => {
        const file = join(home, 'token');
        writeFileSync(file, 'a.web.token');
        writeFileSync(
          join(home, '.aws/config'),
          `[profile web]\n${ROLE}\nweb_identity_token_file=${file}\nregion=eu-west-1\n`,
        );
        const identity = {
          AWS_WEB_IDENTITY_TOKEN_FILE: file,
          AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/Audit',
          AWS_REGION: 'eu-west-1',
        };
        return { AWS_CA_BUNDLE: bundle, ...(isInEnvironment ? identity : {}) };
      },
      '',
    );
    expect(calls[0]?.body).toContain('Action=AssumeRoleWithWebIdentity');
    expect(calls[0]?.body).toContain('a.web.token');
    expect(keyThatAsks(calls)).toBe('ASIAASSUMED');
  });

  test('the session of aws login is renewed', async () => {
    const { calls, hosts } = await asked(
      ['--profile', 'console'],
      (home, bundle) => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
        const dpopKey = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
        expiredLoginToken(home, 'arn:aws:iam::111122223333:user/me', dpopKey);
        return { AWS_CA_BUNDLE: bundle, AWS_LOGIN_CACHE_DIRECTORY: join(home, '.aws/login/cache') };
      },
      '[profile console]\nlogin_session=arn:aws:iam::111122223333:user/me\nregion=eu-west-1\n',
    );
    expect(hosts[0]).toBe('eu-west-1.signin.aws.amazon.com:443');
    expect(keyThatAsks(calls)).toBe('ASIAFROMLOGIN');
  });

  test.each<[string, string[], Record<string, string>]>([
    ['of the profile asked for', ['--profile', 'corp'], {}],
    ['of AWS_PROFILE, beside keys in the environment', [], { ...KEYS, AWS_PROFILE: 'corp' }],
    ['of the default profile, beside keys in the environment', [], KEYS],
  ])('the ca_bundle %s is trusted', async (_, words, env) => {
    const keys = 'aws_access_key_id=AKIACORP\naws_secret_access_key=s\n';
    const profile = 'region=eu-west-1\nca_bundle=BUNDLE\n';
    const { calls } = await asked(words, () => env, `[profile corp]\n${profile}${keys}[default]\n${profile}`);
    expect(keyThatAsks(calls)).toBe(words.length > 0 ? 'AKIACORP' : 'AKIAENV');
  });

  test('a proxy that wants a password is named, and given one is passed', async () => {
    const calls: Arrived[] = [];
    const { server, bundle } = resigningServer(awsListener(calls));
    const proxy = await serve(proxyThatAsks('me:secret', await serve(server, closing)), closing);
    const ask = (user: string) =>
      trailseal(['doctor'], {
        env: {
          ...KEYS,
          AWS_REGION: 'eu-west-1',
          AWS_CA_BUNDLE: bundle,
          HTTPS_PROXY: `http://${user}127.0.0.1:${proxy}`,
        },
      });
    const refused = await ask('me:guessed@');
    expect(refused.code).toBe(2);
    expect(refused.out.replace(/\s+/g, ' ')).toContain('The proxy asks for a user and a password (HTTP407)');
    expect(`${refused.out}${refused.err}`).not.toContain('guessed');
    expect(calls).toEqual([]);
    expect((await ask('me:secret@')).out).toContain(`Credentials: ${CALLER}`);
  });
});
