import type { EncodedValues, ValueBuffer } from './parquet-values.ts';

/** Yes and no, eight to a byte. */
export class BooleanValues implements ValueBuffer {
  count = 0;
  #values = new Uint8Array(1_024);

  push(value: boolean): void {
    if (this.count === this.#values.length) {
      const larger = new Uint8Array(2 * this.count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.count++] = value ? 1 : 0;
  }

  repeat(): void {
    this.push(this.#values[this.count - 1] === 1);
  }

  encode(): EncodedValues {
    const values = this.#values.subarray(0, this.count);
    return {
      encoding: 'PLAIN',
      dictionary: null,
      size: (start, end) => Math.ceil((end - start) / 8),
      page(start, end) {
        const bytes = new Uint8Array(Math.ceil((end - start) / 8));
        for (let at = start; at < end; at++) bytes[(at - start) >> 3] = byteWith(bytes, at - start, values[at] ?? 0);
        return bytes;
      },
      min: this.count === 0 ? undefined : !values.includes(0),
      max: this.count === 0 ? undefined : values.includes(1),
    };
  }

  clear(): void {
    this.count = 0;
  }
}

const byteWith = (bytes: Uint8Array, bit: number, value: number): number =>
  (bytes[bit >> 3] ?? 0) | (value << (bit & 7));
