import type { WireRequest } from '../apis/wire.ts';

/** Who signed a request, and for where. */
export interface Signed {
  accessKeyId: string;
  region: string;
  service: string;
}

/** Who signed, for where: read from the credential scope of SigV4's Authorization header. */
export const signedBy = (request: WireRequest): Signed | null => {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  const from = header.indexOf('Credential=');
  if (from < 0) return null;
  const comma = header.indexOf(',', from);
  const [accessKeyId, , region, service] = header.slice(from + 11, comma < 0 ? undefined : comma).split('/');
  return accessKeyId && region && service ? { accessKeyId, region, service } : null;
};

/** `20261102T101500Z` as epoch milliseconds. */
export const amzDate = (text: string): number => {
  // A second has thousands of calls.
  if (text !== last.text) {
    const iso = text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z');
    last = { text, ms: Date.parse(iso) };
  }
  return last.ms;
};

let last = { text: '', ms: Number.NaN };
