import type { ColumnChunk, CompressionCodec, Encoding, SchemaElement } from 'hyparquet';
import { ByteWriter, type ParquetWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import type { Column } from '../columns.ts';
import { type Cell, cellReader, Problem } from './parquet-cells.ts';
import { columnElements } from './parquet-schema.ts';
import { type PlainValues, plainIntegers, plainTexts } from './parquet-values.ts';

/** Uncompressed bytes of a data page, about; a row is never torn apart. */
const PAGE_BYTES = 1_048_576;
const FEW = 1_024;

/**
 * One column of a row group. Of each cell it keeps the place of its value among those that differ; the library, handed
 * all cells, looks at each half a dozen times, and takes twice the CPU. Page headers, levels and Snappy are the library's.
 */
export class ParquetColumn {
  readonly name: string;
  /** UTF-16 units of the cell added last. */
  lastCharacters = 0;
  readonly #column: Column;
  readonly #isList: boolean;
  readonly #check: ReturnType<typeof cellReader>;
  readonly #leaf: SchemaElement;
  readonly #path: string[];
  readonly #codec: CompressionCodec;

  /** The values that differ, in the order in which they came, and where each cell as it came is among them. */
  #values: Cell[] = [];
  #placeOf = new Map<unknown, number>();
  /** Of each cell or item of a list that is not null: its place in #values. */
  #places = new Int32Array(FEW);
  #count = 0;
  /** Of each cell or item, and of each empty list: 1 where there is a value; 1 where it goes on with the row before it. */
  #defined = new Uint8Array(FEW);
  #continued = new Uint8Array(FEW);
  #slots = 0;
  #last: unknown;
  #lastPlace = 0;

  constructor(column: Column) {
    const elements = columnElements(column);
    this.name = column.name;
    this.#column = column;
    this.#isList = column.type === 'array<string>';
    this.#check = cellReader(column);
    this.#leaf = elements.at(-1) as SchemaElement;
    this.#path = elements.map(({ name }) => name);
    // To compress hashes takes twice the time of writing them, and saves a tenth.
    this.#codec = column.isHash ? 'UNCOMPRESSED' : 'SNAPPY';
  }

  /** What is wrong with the cell, in words; null where it was taken. */
  add(cell: unknown): string | null {
    // Names, dates and whatever else is the same in row after row is looked at once.
    if (cell !== this.#last || this.#slots === 0 || this.#isList) {
      // Undefined is a column someone forgot, even where null would be an answer.
      if (cell === undefined) return 'missing';
      if (cell === null && !this.#column.nullable) return 'is null, and may not be';
      if (this.#isList) return this.#addList(cell);
      if (cell !== null) {
        const place = this.#placeOf.get(cell) ?? this.#newPlace(cell);
        if (typeof place === 'string') return place;
        this.#lastPlace = place;
      }
      this.lastCharacters = typeof cell === 'string' ? cell.length : 0;
      this.#last = cell;
    }
    if (cell === null) this.#addSlot(0, 0);
    else {
      this.#addSlot(1, 0);
      this.#addPlace(this.#lastPlace);
    }
    return null;
  }

  /** Writes the cells since the last chunk, and forgets them. */
  writeTo(writer: Writer): ColumnChunk {
    const began = writer.offset;
    const plain = this.#plain();
    const isDictionary = this.#leaf.type !== 'BOOLEAN' && this.#dictionaryPays(plain);
    let uncompressed = 0;
    if (isDictionary) {
      uncompressed += this.#writePage(writer, plain.bytes, {
        type: 'DICTIONARY_PAGE',
        dictionary_page_header: { num_values: this.#values.length, encoding: 'PLAIN' },
      });
    }
    const dataOffset = writer.offset;
    const encoding = isDictionary ? 'RLE_DICTIONARY' : 'PLAIN';
    const pages = this.#pages(isDictionary ? null : plain);
    for (const page of pages) {
      const body = isDictionary ? this.#indexes(page) : this.#plainPage(page, plain);
      uncompressed += this.#writeData(writer, page, { body, encoding });
    }
    const chunk: ColumnChunk = {
      file_offset: BigInt(began),
      meta_data: {
        type: this.#leaf.type ?? 'BYTE_ARRAY',
        encodings: isDictionary ? ['PLAIN', 'RLE_DICTIONARY', 'RLE'] : ['PLAIN', 'RLE'],
        path_in_schema: this.#path,
        codec: this.#codec,
        num_values: BigInt(this.#slots),
        total_compressed_size: BigInt(writer.offset - began),
        total_uncompressed_size: BigInt(uncompressed),
        data_page_offset: BigInt(dataOffset),
        ...(isDictionary && { dictionary_page_offset: BigInt(began) }),
        statistics: { null_count: BigInt(this.#slots - this.#count), ...this.#bounds(plain) },
        encoding_stats: [
          ...(isDictionary ? [{ page_type: 'DICTIONARY_PAGE', encoding: 'PLAIN', count: 1 } as const] : []),
          { page_type: 'DATA_PAGE_V2', encoding, count: pages.length },
        ],
      },
    };
    this.#values = [];
    this.#placeOf = new Map();
    this.#count = 0;
    this.#slots = 0;
    this.#last = undefined;
    return chunk;
  }

  #addList(items: unknown): string | null {
    if (!Array.isArray(items)) return (this.#check(items) as Problem).text;
    this.lastCharacters = 0;
    if (items.length === 0) this.#addSlot(0, 0);
    for (let index = 0; index < items.length; index++) {
      const place = this.#placeOf.get(items[index]) ?? this.#newPlace(items[index]);
      if (typeof place === 'string') return (this.#check(items) as Problem).text;
      this.lastCharacters += items[index].length;
      this.#addSlot(1, index === 0 ? 0 : 1);
      this.#addPlace(place);
    }
    return null;
  }

  /** The place of a value that was not seen before, or what is wrong with it, in words. */
  #newPlace(cell: unknown): number | string {
    const checked = this.#isList && typeof cell === 'string' ? cell : this.#check(cell);
    if (checked instanceof Problem) return checked.text;
    const place = this.#values.push(checked) - 1;
    // No hash comes twice: to look for each would take as long as all else.
    if (!this.#column.isHash) this.#placeOf.set(cell, place);
    return place;
  }

  #addPlace(place: number): void {
    if (this.#count === this.#places.length) this.#places = larger(this.#places, new Int32Array(2 * this.#count));
    this.#places[this.#count++] = place;
  }

  #addSlot(defined: 0 | 1, continued: 0 | 1): void {
    if (this.#slots === this.#defined.length) {
      this.#defined = larger(this.#defined, new Uint8Array(2 * this.#slots));
      this.#continued = larger(this.#continued, new Uint8Array(2 * this.#slots));
    }
    this.#defined[this.#slots] = defined;
    this.#continued[this.#slots++] = continued;
  }

  #plain(): PlainValues {
    switch (this.#leaf.type) {
      case 'BYTE_ARRAY':
        return plainTexts(this.#values as string[]);
      case 'INT64':
        return plainIntegers(this.#values as number[]);
      default:
        return { bytes: new Uint8Array(), starts: new Uint32Array(this.#values.length + 1) };
    }
  }

  /** Where dictionary and indexes take half of what the values take one by one. */
  #dictionaryPays({ bytes, starts }: PlainValues): boolean {
    let all = 0;
    for (let index = 0; index < this.#count; index++) all += sizeAt(starts, this.#places[index] as number);
    return this.#count > 0 && 2 * (bytes.length + (this.#count * this.#indexBits()) / 8) <= all;
  }

  #indexBits = (): number => 32 - Math.clz32(Math.max(0, this.#values.length - 1));

  /** Where each page begins and ends, in slots and in values. `plain` null: of indexes, 32 bits at most. */
  #pages(plain: PlainValues | null): Page[] {
    const pages: Page[] = [];
    let page: Page = { slots: [0, 0], values: [0, 0], rows: 0 };
    let bytes = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      const isRow = this.#continued[slot] === 0;
      const size = this.#defined[slot] === 0 ? 0 : plain ? sizeAt(plain.starts, this.#places[page.values[1]] ?? 0) : 4;
      bytes += size;
      if (isRow && bytes >= PAGE_BYTES && slot > page.slots[0]) {
        pages.push(page);
        page = { slots: [slot, slot], values: [page.values[1], page.values[1]], rows: 0 };
        bytes = size;
      }
      page.slots[1]++;
      page.values[1] += this.#defined[slot] as number;
      if (isRow) page.rows++;
    }
    return [...pages, page];
  }

  #indexes({ values }: Page): Uint8Array {
    const page = new ByteWriter();
    const bits = this.#indexBits();
    page.appendUint8(bits);
    writeRleBitPackedHybrid(page, this.#places.subarray(...values), bits);
    return page.getBytes();
  }

  #plainPage({ values: [from, to] }: Page, { bytes, starts }: PlainValues): Uint8Array {
    const places = this.#places.subarray(from, to);
    if (this.#leaf.type === 'BOOLEAN') return bits(places, (place) => this.#values[place] === true);
    // Where no value came twice they are there already, one after the other.
    if (this.#values.length === this.#count) return bytes.subarray(starts[from], starts[to]);
    const page = new Uint8Array(places.reduce((sum, place) => sum + sizeAt(starts, place), 0));
    let at = 0;
    for (const place of places) {
      page.set(bytes.subarray(starts[place], starts[place + 1]), at);
      at += sizeAt(starts, place);
    }
    return page;
  }

  #writeData(writer: Writer, page: Page, { body, encoding }: { body: Uint8Array; encoding: Encoding }): number {
    const slots = page.slots[1] - page.slots[0];
    const levels = new ByteWriter();
    const level = (of: Uint8Array) => writeRleBitPackedHybrid(levels, of.subarray(...page.slots), 1);
    const repetitionBytes = this.#isList ? level(this.#continued) : 0;
    const definitionBytes = this.#isList || this.#column.nullable ? level(this.#defined) : 0;
    const data_page_header_v2 = {
      num_values: slots,
      num_nulls: slots - (page.values[1] - page.values[0]),
      num_rows: page.rows,
      encoding,
      definition_levels_byte_length: definitionBytes,
      repetition_levels_byte_length: repetitionBytes,
      is_compressed: true,
    };
    return this.#writePage(writer, body, { type: 'DATA_PAGE_V2', data_page_header_v2 }, levels.getBytes());
  }

  /** @returns its bytes before compression; levels are not compressed */
  #writePage(writer: Writer, body: Uint8Array, header: PageKind, levels = new Uint8Array()): number {
    const stored = this.#codec === 'SNAPPY' ? snappyCompress(body) : body;
    const began = writer.offset;
    writePageHeader(writer, {
      uncompressed_page_size: levels.length + body.length,
      compressed_page_size: levels.length + stored.length,
      ...header,
    });
    const headerBytes = writer.offset - began;
    writer.appendBytes(levels);
    writer.appendBytes(stored);
    return headerBytes + levels.length + body.length;
  }

  /** Least and greatest value; of texts in the order of their bytes, which is not JavaScript's beyond ASCII. */
  #bounds({ bytes, starts }: PlainValues): { min_value?: Bound; max_value?: Bound } {
    const values = this.#values;
    if (values.length === 0) return {};
    const isAscii = this.#values.every(
      (value, at) => typeof value !== 'string' || sizeAt(starts, at) === 4 + value.length,
    );
    const text = (at: number) => bytes.subarray((starts[at] as number) + 4, starts[at + 1]);
    const isLess = isAscii
      ? (a: number, b: number) => (values[a] as Cell) < (values[b] as Cell)
      : (a: number, b: number) => Buffer.compare(text(a), text(b)) < 0;
    let [least, greatest] = [0, 0];
    for (let at = 1; at < values.length; at++) {
      if (isLess(at, least)) least = at;
      else if (isLess(greatest, at)) greatest = at;
    }
    // As text: a part of the bytes would keep them all until the footer is written.
    const bound = (at: number): Bound => {
      const value = values[at];
      return typeof value === 'number' ? BigInt(value) : (value as string | boolean);
    };
    return { min_value: bound(least), max_value: bound(greatest) };
  }
}

type Writer = ParquetWriter['writer'];
type Bound = string | bigint | boolean;

interface Page {
  slots: [from: number, to: number];
  values: [from: number, to: number];
  rows: number;
}

type PageKind = Pick<Parameters<typeof writePageHeader>[1], 'type' | 'dictionary_page_header' | 'data_page_header_v2'>;

const sizeAt = (starts: Uint32Array, place: number): number =>
  (starts[place + 1] as number) - (starts[place] as number);

function larger<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** One bit for each place, the first the lowest. */
function bits(places: Int32Array, isSet: (place: number) => boolean): Uint8Array {
  const packed = new Uint8Array(Math.ceil(places.length / 8));
  places.forEach((place, at) => {
    if (isSet(place)) packed[at >> 3] = (packed[at >> 3] as number) | (1 << (at & 7));
  });
  return packed;
}
