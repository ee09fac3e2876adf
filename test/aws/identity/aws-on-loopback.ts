import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const CALLER = 'arn:aws:sts::111122223333:assumed-role/Audit/me';

/** A call as it came in. */
export interface Arrived {
  host: string;
  path: string;
  body: string;
  /** Whose key signed it. */
  key: string | undefined;
}

/** Enough of STS, SSO and OIDC to come by an identity; everything else is refused. */
export const awsListener =
  (calls: Arrived[], refuse?: (call: Arrived) => string | null): RequestListener =>
  async (request, response) => {
    const body = await bodyOf(request);
    const key = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1];
    const call = { host: request.headers.host ?? '', path: request.url ?? '', body, key };
    calls.push(call);
    const xml = (text: string, status = 200) => response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
    const json = (value: object, status = 200, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
    const refusal = refuse?.(call) ?? null;
    if (refusal !== null) return xml(refusal, 403);
    const keys = { accessKeyId: 'ASIAFROMSSO', secretAccessKey: 's', sessionToken: 't' };
    if (call.path.startsWith('/v1/token')) {
      const accessToken = { ...keys, accessKeyId: 'ASIAFROMLOGIN' };
      return json({ accessToken, tokenType: 'aws_sigv4', expiresIn: 900, refreshToken: 'r2' });
    }
    if (call.path.startsWith('/token')) return json({ accessToken: 'renewed', expiresIn: 3_600, refreshToken: 'r2' });
    if (call.path.startsWith('/federation/credentials'))
      return json({ roleCredentials: { ...keys, expiration: Date.now() + 3_600_000 } });
    if (body.includes('Action=GetCallerIdentity'))
      return xml(
        `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${CALLER}</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      );
    const [, assume] = /Action=(AssumeRole\w*)/.exec(body) ?? [];
    if (assume)
      return xml(
        `<${assume}Response><${assume}Result><Credentials><AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials></${assume}Result></${assume}Response>`,
      );
    return json({ __type: 'AccessDeniedException', Message: 'not here' }, 400);
  };

/** What `AWS_CONTAINER_CREDENTIALS_FULL_URI` answers. */
export const containerListener =
  (calls: string[]): RequestListener =>
  (request, response) => {
    calls.push(request.url ?? '');
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ AccessKeyId: 'ASIACONTAINER', SecretAccessKey: 's', Token: 't', Expiration }));
  };

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};

/** Serves on loopback until the end of the test; `close` goes into the caller's list. */
export const serve = async (server: Server, closing: (() => unknown)[]): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    (server as { closeAllConnections?(): void }).closeAllConnections?.();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
};

export const httpServer = (listener: RequestListener): Server => createServer(listener);

/** A TLS server whose certificate, for every host of AWS, is signed by a CA made here: what a re-signing proxy shows. */
export const resigningServer = (listener: RequestListener): { server: Server; bundle: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'trailseal-ca-'));
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Proxy CA', '-days', '2');
  openssl('req', ...curve, '-keyout', 'host.key', '-out', 'host.csr', '-subj', '/CN=aws');
  const hosts = ['sts', 'organizations', 'portal.sso', 'oidc'].map((s) => `DNS:${s}.eu-west-1.amazonaws.com`);
  writeFileSync(
    join(folder, 'san'),
    `subjectAltName=${[...hosts, 'DNS:eu-west-1.signin.aws.amazon.com', 'DNS:organizations.us-east-1.amazonaws.com'].join()}`,
  );
  openssl(
    ...'x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out host.pem -days 2 -extfile san'.split(' '),
  );
  const read = (name: string) => readFileSync(join(folder, name));
  return {
    server: createTlsServer({ key: read('host.key'), cert: read('host.pem') }, listener),
    bundle: join(folder, 'ca.pem'),
  };
};

/** A proxy that answers CONNECT with a tunnel to `port`, whatever the host, and plain requests through `listener`. */
export const connectProxy = (hosts: string[], port: number, listener: RequestListener): Server => {
  const proxy = createServer(listener);
  proxy.on('connect', (request, socket, head) => {
    hosts.push(request.url ?? '');
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  return proxy;
};

/** A proxy with a tunnel to `port` for those who say `user:password`, and 407 for everybody else. */
export const proxyThatAsks = (password: string, port: number): Server => {
  const proxy = connectProxy([], port, (_, response) => response.writeHead(407).end());
  const [tunnel] = proxy.listeners('connect') as ((...given: unknown[]) => void)[];
  proxy.removeAllListeners('connect').on('connect', (request, socket, head) => {
    const basic = `Basic ${Buffer.from(password).toString('base64')}`;
    if (request.headers['proxy-authorization'] === basic) return tunnel?.(request, socket, head);
    const page = '<html>Authentication required</html>';
    socket.end(
      `HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="corp"\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
    );
  });
  return proxy;
};

/** A home folder with the given AWS files. @returns the environment that leads there */
export const awsHome = (config: string, credentials = ''): Record<string, string> => {
  const home = mkdtempSync(join(tmpdir(), 'trailseal-home-'));
  mkdirSync(join(home, '.aws'));
  const files = {
    AWS_CONFIG_FILE: join(home, '.aws/config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws/credentials'),
  };
  writeFileSync(files.AWS_CONFIG_FILE, config);
  writeFileSync(files.AWS_SHARED_CREDENTIALS_FILE, credentials);
  return { HOME: home, ...files };
};

/** The token that `aws sso login` left, expired and renewable. */
export const expiredSsoToken = (home: string, session: string): void => {
  const cache = join(home, '.aws/sso/cache');
  mkdirSync(cache, { recursive: true });
  const token = {
    accessToken: 'old',
    expiresAt: new Date(Date.now() - 60_000).toISOString(),
    refreshToken: 'r',
    clientId: 'c',
    clientSecret: 's',
    registrationExpiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    region: 'eu-west-1',
    startUrl: 'https://example.awsapps.com/start',
  };
  writeFileSync(join(cache, `${createHash('sha1').update(session).digest('hex')}.json`), JSON.stringify(token));
};

/** What `aws login` left, expired and renewable. */
export const expiredLoginToken = (home: string, session: string, dpopKey: string): void => {
  const cache = join(home, '.aws/login/cache');
  mkdirSync(cache, { recursive: true });
  const accessToken = {
    ...{ accessKeyId: 'ASIAOLD', secretAccessKey: 's', sessionToken: 't', accountId: '111122223333' },
    expiresAt: new Date(Date.now() - 60_000).toISOString(),
  };
  const token = { accessToken, tokenType: 'aws_sigv4', clientId: 'c', refreshToken: 'r', dpopKey };
  writeFileSync(join(cache, `${createHash('sha256').update(session).digest('hex')}.json`), JSON.stringify(token));
};
