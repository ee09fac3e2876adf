import { grown } from './parquet-values.ts';
import { utf8Order } from './utf8-order.ts';

/** Values one after the other in Parquet's PLAIN encoding, each to be found by its index. */
export interface PlainValues<V extends string | number> {
  readonly count: number;
  push(value: V): void;
  /** Another's value; or one of its own, once more. */
  copy(from: PlainValues<V>, index: number): void;
  /** Bytes of the values from `start` up to `end`. */
  size(start: number, end: number): number;
  bytes(start: number, end: number): Uint8Array;
  readonly min: V | undefined;
  readonly max: V | undefined;
  clear(): void;
}

/** UTF-8 behind its length in four bytes. */
export class PlainTexts implements PlainValues<string> {
  count = 0;
  min: string | undefined;
  max: string | undefined;
  #bytes = Buffer.allocUnsafe(1_024);
  #ends = new Uint32Array(256);
  #end = 0;

  push(text: string): void {
    // A UTF-16 unit is three bytes at most.
    this.#room(4 + 3 * text.length);
    const length = this.#bytes.write(text, this.#end + 4);
    this.#bytes.writeUInt32LE(length, this.#end);
    this.#end += 4 + length;
    this.#bound();
    if (this.min === undefined || utf8Order(text, this.min) < 0) this.min = text;
    if (this.max === undefined || utf8Order(text, this.max) > 0) this.max = text;
  }

  copy(from: PlainTexts, index: number): void {
    const { buffer, start, end } = from.#at(index, index + 1);
    this.#room(end - start);
    this.#bytes.set(buffer.subarray(start, end), this.#end);
    this.#end += end - start;
    this.#bound();
    if (from === this) return;
    this.min = from.min;
    this.max = from.max;
  }

  size(start: number, end: number): number {
    const at = this.#at(start, end);
    return at.end - at.start;
  }

  bytes(start: number, end: number): Uint8Array {
    const at = this.#at(start, end);
    return this.#bytes.subarray(at.start, at.end);
  }

  clear(): void {
    this.count = 0;
    this.#end = 0;
    this.min = undefined;
    this.max = undefined;
  }

  #at(start: number, end: number) {
    const before = (index: number) => (index === 0 ? 0 : (this.#ends[index - 1] ?? 0));
    return { buffer: this.#bytes, start: before(start), end: before(end) };
  }

  #room(length: number): void {
    if (this.#end + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#end + length));
    larger.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = larger;
  }

  #bound(): void {
    if (this.count === this.#ends.length) this.#ends = grown(this.#ends, this.count + 1);
    this.#ends[this.count++] = this.#end;
  }
}

const INT64 = 8;
const UINT32_RANGE = 2 ** 32;

/** Safe integers as 64 bits, little endian. */
export class PlainIntegers implements PlainValues<number> {
  count = 0;
  min: number | undefined;
  max: number | undefined;
  #halves = new Uint32Array(512);

  push(value: number): void {
    const at = 2 * this.count++;
    if (at + 2 > this.#halves.length) this.#halves = grown(this.#halves, at + 2);
    // Both conversions are modulo 2^32, as two's complement is.
    this.#halves[at] = value;
    this.#halves[at + 1] = Math.floor(value / UINT32_RANGE);
    if (this.min === undefined || value < this.min) this.min = value;
    if (this.max === undefined || value > this.max) this.max = value;
  }

  copy(from: PlainIntegers, index: number): void {
    const low = from.#halves[2 * index] ?? 0;
    const high = from.#halves[2 * index + 1] ?? 0;
    this.push((high | 0) * UINT32_RANGE + low);
  }

  size(start: number, end: number): number {
    return INT64 * (end - start);
  }

  bytes(start: number, end: number): Uint8Array {
    return new Uint8Array(this.#halves.buffer, INT64 * start, INT64 * (end - start));
  }

  clear(): void {
    this.count = 0;
    this.min = undefined;
    this.max = undefined;
  }
}
