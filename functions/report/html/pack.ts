import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import type { PackedColumn, PackedValue, PackHeader } from './pack-format.ts';

/** Columns of one table while its rows stream by: a dictionary of the distinct values, and a code a row. */
export class Pack {
  readonly #columns = new Map<string, DictionaryColumn | CountColumn>();
  #rows = 0;

  /** Values that repeat, or that are texts or lists. */
  dictionary(name: string): DictionaryColumn {
    const column = new DictionaryColumn();
    this.#columns.set(name, column);
    return column;
  }

  /** Whole numbers from 0 to 4,294,967,294, or null. */
  count(name: string): CountColumn {
    const column = new CountColumn();
    this.#columns.set(name, column);
    return column;
  }

  /** One row is done. */
  next(): void {
    this.#rows += 1;
  }

  get rows(): number {
    return this.#rows;
  }

  /** `[header length, 4 bytes][header, JSON][columns, each from a multiple of 8]`, compressed with deflate. */
  async compressed(): Promise<Uint8Array> {
    const columns: PackedColumn[] = [];
    const bodies: Uint8Array[] = [];
    let offset = 0;
    for (const [name, column] of this.#columns) {
      const { codes, values } = column.packed(this.#rows);
      const body = new Uint8Array(Math.ceil(codes.byteLength / 8) * 8);
      body.set(new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength));
      columns.push({ name, width: codes.BYTES_PER_ELEMENT as 1 | 2 | 4, offset, values });
      bodies.push(body);
      offset += body.length;
    }
    const header: PackHeader = { rows: this.#rows, columns };
    const text = new TextEncoder().encode(JSON.stringify(header));
    const start = Math.ceil((4 + text.length) / 8) * 8;
    const head = new Uint8Array(start);
    new DataView(head.buffer).setUint32(0, text.length, true);
    head.set(text, 4);
    return promisify(deflateRaw)(Buffer.concat([head, ...bodies]), { level: 7 });
  }
}

export class DictionaryColumn {
  readonly #codes = new Codes();
  readonly #codeOf = new Map<string, number>();
  readonly #values: PackedValue[] = [];

  add(value: PackedValue): void {
    // A list and a text that reads like it must not share a code.
    const name = typeof value === 'string' ? `s${value}` : JSON.stringify(value);
    let code = this.#codeOf.get(name);
    if (code === undefined) {
      code = this.#values.push(value) - 1;
      this.#codeOf.set(name, code);
    }
    this.#codes.push(code);
  }

  packed(rows: number): { codes: CodeArray; values: PackedValue[] } {
    return { codes: this.#codes.narrowed(rows), values: this.#values };
  }
}

export class CountColumn {
  readonly #codes = new Codes();

  add(value: number | null): void {
    this.#codes.push(value === null ? 0 : value + 1);
  }

  packed(rows: number): { codes: CodeArray; values: null } {
    return { codes: this.#codes.narrowed(rows), values: null };
  }
}

type CodeArray = Uint8Array | Uint16Array | Uint32Array;

/** Numbers in one growing block, as narrow at the end as the greatest of them allows. */
class Codes {
  #block = new Uint32Array(1_024);
  #length = 0;
  #greatest = 0;

  push(code: number): void {
    if (this.#length === this.#block.length) {
      const wider = new Uint32Array(this.#block.length * 2);
      wider.set(this.#block);
      this.#block = wider;
    }
    this.#block[this.#length] = code;
    this.#length += 1;
    if (code > this.#greatest) this.#greatest = code;
  }

  narrowed(rows: number): CodeArray {
    if (this.#length !== rows) throw new Error(`a column has ${this.#length} of ${rows} rows`);
    const codes = this.#block.subarray(0, this.#length);
    if (this.#greatest < 256) return Uint8Array.from(codes);
    return this.#greatest < 65_536 ? Uint16Array.from(codes) : codes.slice();
  }
}
