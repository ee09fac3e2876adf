/** Text, a safe integer, or yes and no. */
export type Value = string | number | boolean;

/** The values of one column of a row group, nulls left out. Kept as bytes and numbers, which no garbage collector follows. */
export interface ValueBuffer {
  readonly count: number;
  push(value: Value): void;
  /** What was pushed last, once more. */
  repeat(): void;
  encode(): EncodedValues;
  /** Begins anew, in the memory that it has. */
  clear(): void;
}

/** A column chunk's values, as they are written. */
export interface EncodedValues {
  encoding: 'PLAIN' | 'RLE_DICTIONARY';
  /** The dictionary's own values, PLAIN; null where there is none. */
  dictionary: { bytes: Uint8Array; values: number } | null;
  /** About how many bytes the values from `start` up to `end` take. */
  size(start: number, end: number): number;
  /** Those values, as a page holds them. */
  page(start: number, end: number): Uint8Array;
  /** The least and the greatest; undefined where there are no values. */
  min: Value | undefined;
  max: Value | undefined;
}

export function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(length, 2 * array.length));
  larger.set(array);
  return larger;
}
