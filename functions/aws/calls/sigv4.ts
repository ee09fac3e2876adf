import { createHmac, hash } from 'node:crypto';
import { buildQueryString, escapeUri, type HttpRequest } from '@smithy/core/protocols';

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

/** Headers that a proxy may change. */
const UNSIGNED = new Set(['authorization', 'user-agent', 'connection', 'transfer-encoding']);

/**
 * Signs requests as the SDK's own signer does, which derives the key again for nearly every call, since it remembers 50 keys and a
 * scan has one for each account and region. Here the keys of credentials live as long as those are in use.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const createSigner = ({
  credentialsOf,
  escapesPath = true,
}: {
  credentialsOf: (request: HttpRequest) => AwsCredentials;
  /** S3 alone takes a path as it is sent: elsewhere it is escaped a second time. */
  escapesPath?: boolean;
}) => ({
  sign: async (
    request: HttpRequest,
    at: { signingDate: Date; signingRegion: string; signingService: string },
  ): Promise<HttpRequest> => {
    const held = credentialsOf(request);
    const date = at.signingDate.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const scope = `${date.slice(0, 8)}/${at.signingRegion}/${at.signingService}/aws4_request`;
    const payload = request.body === undefined ? NO_BODY : sha256(request.body);
    const { headers, method } = request;
    headers['x-amz-date'] = date;
    headers['x-amz-content-sha256'] = payload;
    if (held.sessionToken) headers['x-amz-security-token'] = held.sessionToken;
    const names = Object.keys(headers)
      .filter((name) => !UNSIGNED.has(name))
      .sort();
    const signed = names.join(';');
    const canonical = names.map((name) => `${name}:${headers[name]?.trim().replace(/\s+/g, ' ')}\n`).join('');
    const path = escapesPath ? escapedPath(request.path) : request.path;
    const asked = sha256(`${method}\n${path}\n${buildQueryString(request.query)}\n${canonical}\n${signed}\n${payload}`);
    const signature = hmac(keyOf(held, scope), `AWS4-HMAC-SHA256\n${date}\n${scope}\n${asked}`).toString('hex');
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${held.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return request;
  },
});

/** Only an endpoint of one's own has another path than `/`. */
const escapedPath = (path: string): string => (path === '/' ? path : escapeUri(path).replaceAll('%2F', '/'));

/** By the credentials themselves: a key is forgotten with what it was derived from. */
const keys = new WeakMap<AwsCredentials, Map<string, Buffer>>();

const keyOf = (credentials: AwsCredentials, scope: string): Buffer => {
  const known = keys.get(credentials) ?? new Map<string, Buffer>();
  keys.set(credentials, known);
  const key =
    known.get(scope) ?? scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${credentials.secretAccessKey}`));
  known.set(scope, key);
  return key;
};

const sha256 = (text: string | Uint8Array): string => hash('sha256', text, 'hex');
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const NO_BODY = sha256('');
