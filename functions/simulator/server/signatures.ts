import { createHash, createHmac } from 'node:crypto';
import type { WireRequest } from '../apis/wire.ts';

/** Checks AWS Signature Version 4 as the services do: by signing the request again with the secret that was issued. */
export interface Signatures {
  holds(request: WireRequest, secret: string): boolean;
}

/** Signing keys kept: one for each secret, day, region and service in use. */
const KEPT = 4_096;

export const createSignatures = (): Signatures => {
  const keys = new Map<string, Buffer>();
  const signingKey = (secret: string, scope: readonly string[]): Buffer => {
    const name = `${secret}/${scope.join('/')}`;
    const known = keys.get(name);
    if (known) return known;
    const key = scope.reduce((from: string | Buffer, part) => hmac(from, part), `AWS4${secret}`) as Buffer;
    if (keys.size >= KEPT) keys.clear();
    keys.set(name, key);
    return key;
  };
  return {
    holds: (request, secret) => {
      const header = request.headers.authorization ?? '';
      const found = /Credential=[^/]+\/([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})/.exec(header);
      if (!found) return false;
      const [, scope = '', signedHeaders = '', signature = ''] = found;
      const date = request.headers['x-amz-date'] ?? '';
      const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical(request, signedHeaders))].join('\n');
      return hmac(signingKey(secret, scope.split('/')), text).toString('hex') === signature;
    },
  };
};

/** The canonical request. S3 takes the path as it is sent; every other service here is called at `/`. */
const canonical = (request: WireRequest, signedHeaders: string): string => {
  const query = Object.entries(request.query)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? '']).map((one) => `${escaped(name)}=${escaped(one)}`),
    )
    .sort()
    .join('&');
  const headers = signedHeaders
    .split(';')
    .map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`)
    .join('');
  const payload = request.headers['x-amz-content-sha256'] ?? sha256(request.body);
  return [request.method, request.path, query, headers, signedHeaders, payload].join('\n');
};

const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
