/** Values one after the other as Parquet's PLAIN encoding has them. */
export interface PlainValues {
  bytes: Uint8Array;
  /** Where each value begins, and where the last one ends. */
  starts: Uint32Array;
}

/** Texts in UTF-8, each after its length in bytes (32 bits, little-endian). */
export function plainTexts(values: readonly string[]): PlainValues {
  const starts = new Uint32Array(values.length + 1);
  for (let index = 0; index < values.length; index++) {
    starts[index + 1] = (starts[index] as number) + 4 + Buffer.byteLength(values[index] as string);
  }
  const bytes = Buffer.allocUnsafe(starts[values.length] as number);
  for (let index = 0; index < values.length; index++) {
    const at = starts[index] as number;
    bytes.writeUInt32LE(bytes.write(values[index] as string, at + 4), at);
  }
  return { bytes, starts };
}

/** Whole numbers of 64 bits, little-endian. */
export function plainIntegers(values: readonly number[]): PlainValues {
  const halves = new Int32Array(2 * values.length);
  const starts = new Uint32Array(values.length + 1);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    halves[2 * index] = value;
    halves[2 * index + 1] = Math.floor(value / 2 ** 32);
    starts[index + 1] = 8 * (index + 1);
  }
  return { bytes: new Uint8Array(halves.buffer), starts };
}
