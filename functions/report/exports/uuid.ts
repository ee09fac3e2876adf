import { createHash } from 'node:crypto';

/** TrailSeal's namespace, a random UUID once drawn. */
const NAMESPACE = Buffer.from('6f0a4b7c1d5e4f0e9b3a2c8d7e6f5a41', 'hex');

/** A version 5 UUID (RFC 4122): the same name gives the same id, in every run. */
export function uuidOf(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
