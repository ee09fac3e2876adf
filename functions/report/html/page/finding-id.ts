/** SHA-256, the first 32 hex digits: how findings are named. Written out, since a page over plain HTTP has no crypto. */
export const findingId = (controlId: string, resourceArn: string): string =>
  sha256(new TextEncoder().encode(`${controlId}|${resourceArn}`)).slice(0, 32);

const PRIMES = primes(64);
const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0;
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUNDS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

function sha256(message: Uint8Array): string {
  const length = Math.ceil((message.length + 9) / 64) * 64;
  const bytes = new DataView(new ArrayBuffer(length));
  for (const [at, byte] of message.entries()) bytes.setUint8(at, byte);
  bytes.setUint8(message.length, 0x80);
  bytes.setUint32(length - 4, message.length * 8);
  const state = Int32Array.from(START);
  const w = new Int32Array(64);
  const at = (list: ArrayLike<number>, index: number): number => list[index] ?? 0;
  const turn = (x: number, n: number): number => (x >>> n) | (x << (32 - n));
  for (let block = 0; block < length; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = bytes.getInt32(block + i * 4);
    for (let i = 16; i < 64; i++) {
      const a = at(w, i - 15);
      const b = at(w, i - 2);
      w[i] =
        at(w, i - 16) +
        (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) +
        at(w, i - 7) +
        (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
    }
    const v = Array.from(state);
    for (let i = 0; i < 64; i++) {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = v;
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + at(ROUNDS, i) + at(w, i)) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      v.pop();
      v.unshift((one + two) | 0);
      v[4] = (d + one) | 0;
    }
    for (let i = 0; i < 8; i++) state[i] = at(state, i) + at(v, i);
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
