import { ByteWriter } from 'hyparquet-writer';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import type { PlainValues } from './parquet-plain.ts';
import { type EncodedValues, grown, type ValueBuffer } from './parquet-values.ts';

/** After as many values it is seen whether a dictionary can pay at all. */
const SAMPLE = 1_000;
const DISTINCT_AT_MOST = 0.7;

/** Values that may repeat: each distinct one once, and its number for every row. Turns plain where too few repeat. */
export class DictionaryValues<V extends string | number> implements ValueBuffer {
  count = 0;
  /** The distinct values while there is a dictionary, else every value. */
  #plain: PlainValues<V>;
  #spare: PlainValues<V>;
  /** null without a dictionary. */
  #numbers: Map<V, number> | null = new Map();
  #ids = new Uint32Array(1_024);

  constructor(make: () => PlainValues<V>) {
    this.#plain = make();
    this.#spare = make();
  }

  push(value: V): void {
    if (this.#numbers === null) {
      this.#plain.push(value);
      this.count++;
      return;
    }
    let id = this.#numbers.get(value);
    if (id === undefined) {
      id = this.#numbers.size;
      this.#numbers.set(value, id);
      this.#plain.push(value);
    }
    this.#pushId(id);
  }

  repeat(): void {
    if (this.#numbers !== null) this.#pushId(this.#ids[this.count - 1] ?? 0);
    else {
      this.#plain.copy(this.#plain, this.count - 1);
      this.count++;
    }
  }

  encode(): EncodedValues {
    if (this.#numbers !== null && this.#paysAtLast(this.#numbers.size)) return this.#asDictionary(this.#numbers.size);
    this.#turnPlain();
    const plain = this.#plain;
    return {
      encoding: 'PLAIN',
      dictionary: null,
      size: (start, end) => plain.size(start, end),
      page: (start, end) => plain.bytes(start, end),
      min: plain.min,
      max: plain.max,
    };
  }

  clear(): void {
    this.count = 0;
    this.#plain.clear();
    this.#numbers = new Map();
  }

  #pushId(id: number): void {
    if (this.count === this.#ids.length) this.#ids = grown(this.#ids, this.count + 1);
    this.#ids[this.count++] = id;
    if (this.count === SAMPLE && this.#plain.count > SAMPLE * DISTINCT_AT_MOST) this.#turnPlain();
  }

  /** A dictionary must halve the bytes at least: plain values are simpler to read and to skip. */
  #paysAtLast(distinct: number): boolean {
    let all = 0;
    for (let at = 0; at < this.count; at++) {
      const id = this.#ids[at] ?? 0;
      all += this.#plain.size(id, id + 1);
    }
    const size = this.#plain.size(0, distinct) + (this.count * bitWidth(distinct)) / 8;
    return distinct > 0 && 2 * size <= all;
  }

  #asDictionary(distinct: number): EncodedValues {
    const ids = this.#ids;
    const width = bitWidth(distinct);
    return {
      encoding: 'RLE_DICTIONARY',
      dictionary: { bytes: this.#plain.bytes(0, distinct), values: distinct },
      size: (start, end) => Math.ceil(((end - start) * width) / 8),
      page(start, end) {
        const writer = new ByteWriter(64 + (end - start) * 2);
        writer.appendUint8(width);
        writeRleBitPackedHybrid(writer, ids.subarray(start, end), width);
        return writer.getBytes();
      },
      min: this.#plain.min,
      max: this.#plain.max,
    };
  }

  /** Every value in its order, from the dictionary. */
  #turnPlain(): void {
    if (this.#numbers === null) return;
    const distinct = this.#plain;
    this.#numbers = null;
    this.#plain = this.#spare;
    this.#spare = distinct;
    this.#plain.clear();
    for (let at = 0; at < this.count; at++) this.#plain.copy(distinct, this.#ids[at] ?? 0);
  }
}

const bitWidth = (distinct: number): number => (distinct > 1 ? Math.ceil(Math.log2(distinct)) : 0);
