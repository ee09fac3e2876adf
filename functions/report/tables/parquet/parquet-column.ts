import type { ColumnChunk, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import type { Column } from '../columns.ts';
import { BooleanValues } from './parquet-booleans.ts';
import { cellReader, Problem } from './parquet-cells.ts';
import { DictionaryValues } from './parquet-dictionary.ts';
import { PlainIntegers, PlainTexts } from './parquet-plain.ts';
import { columnElements } from './parquet-schema.ts';
import type { EncodedValues, ValueBuffer } from './parquet-values.ts';

/** Uncompressed bytes of a data page, about; a row is never torn apart. */
const PAGE_BYTES = 1_048_576;

/** One column of a row group, encoded as its cells come, written when the group is full. */
export class ParquetColumn {
  readonly name: string;
  /** UTF-16 units of text since the last chunk. */
  characters = 0;
  readonly #column: Column;
  readonly #check: ReturnType<typeof cellReader>;
  readonly #values: ValueBuffer;
  readonly #leaf: SchemaElement;
  readonly #path: string[];
  /** Of every slot: 0 for null or an empty list, 1 for a value. Not kept where every row has one value. */
  readonly #definitions: Levels | null;
  /** Of every slot of a list column: 0 where a row begins. */
  readonly #repetitions: Levels | null;
  #rows = 0;
  #last: unknown;

  constructor(column: Column) {
    const isList = column.type === 'array<string>';
    const elements = columnElements(column);
    this.name = column.name;
    this.#column = column;
    this.#check = cellReader(column);
    this.#values = bufferFor(column);
    this.#leaf = elements.at(-1) as SchemaElement;
    this.#path = elements.map(({ name }) => name);
    this.#definitions = isList || column.nullable ? new Levels() : null;
    this.#repetitions = isList ? new Levels() : null;
  }

  /** What is wrong with the cell, in words; null where it was taken. */
  add(cell: unknown): string | null {
    // Names, dates and whatever else is the same in row after row is looked at once.
    if (cell === this.#last && this.#repetitions === null && this.#rows > 0) {
      if (cell !== null) {
        if (typeof cell === 'string') this.characters += cell.length;
        this.#values.repeat();
      }
      this.#definitions?.push(cell === null ? 0 : 1);
      this.#rows++;
      return null;
    }
    if (cell === null || cell === undefined) {
      // Undefined is a column someone forgot, even where null would be an answer.
      if (cell === undefined) return 'missing';
      if (!this.#column.nullable) return 'is null, and may not be';
      this.#definitions?.push(0);
    } else {
      const checked = this.#check(cell);
      if (checked instanceof Problem) return checked.text;
      if (typeof checked === 'object') this.#addList(checked);
      else {
        if (this.#leaf.type === 'BYTE_ARRAY') this.characters += (checked as string).length;
        this.#values.push(checked);
        this.#definitions?.push(1);
      }
    }
    this.#last = cell;
    this.#rows++;
    return null;
  }

  /** Writes the rows since the last chunk, and forgets them. */
  writeTo(writer: ByteWriter): ColumnChunk {
    const began = writer.offset;
    const values = this.#values.encode();
    let uncompressed = 0;
    let dictionaryOffset: number | undefined;
    if (values.dictionary) {
      dictionaryOffset = writer.offset;
      uncompressed += writeDictionary(writer, values.dictionary);
    }
    const dataOffset = writer.offset;
    const pages = this.#pages(values);
    for (const page of pages) uncompressed += this.#writePage(writer, page, values);
    const slots = this.#definitions?.count ?? this.#values.count;
    const chunk: ColumnChunk = {
      file_offset: BigInt(began),
      meta_data: {
        type: this.#leaf.type ?? 'BYTE_ARRAY',
        encodings: values.dictionary ? ['PLAIN', 'RLE_DICTIONARY', 'RLE'] : ['PLAIN', 'RLE'],
        path_in_schema: this.#path,
        codec: 'SNAPPY',
        num_values: BigInt(slots),
        total_compressed_size: BigInt(writer.offset - began),
        total_uncompressed_size: BigInt(uncompressed),
        data_page_offset: BigInt(dataOffset),
        ...(dictionaryOffset !== undefined && { dictionary_page_offset: BigInt(dictionaryOffset) }),
        statistics: {
          null_count: BigInt(slots - this.#values.count),
          ...(values.min !== undefined && { min_value: values.min }),
          ...(values.max !== undefined && { max_value: values.max }),
        },
        encoding_stats: [
          ...(values.dictionary ? [{ page_type: 'DICTIONARY_PAGE', encoding: 'PLAIN', count: 1 } as const] : []),
          { page_type: 'DATA_PAGE_V2', encoding: values.encoding, count: pages.length },
        ],
      },
    };
    this.#values.clear();
    this.#definitions?.clear();
    this.#repetitions?.clear();
    this.#rows = 0;
    this.#last = undefined;
    this.characters = 0;
    return chunk;
  }

  #addList(items: readonly string[]): void {
    if (items.length === 0) {
      this.#definitions?.push(0);
      this.#repetitions?.push(0);
    }
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as string;
      this.characters += item.length;
      this.#values.push(item);
      this.#definitions?.push(1);
      this.#repetitions?.push(index === 0 ? 0 : 1);
    }
  }

  /** Where each page begins and ends, in slots and in values. */
  #pages(values: EncodedValues): Page[] {
    const { count } = this.#values;
    const slots = this.#definitions?.count ?? count;
    const all = { slots: [0, slots], values: [0, count], rows: this.#rows } as const satisfies Page;
    if (values.size(0, count) <= PAGE_BYTES) return [all];
    const pages: Page[] = [];
    let from = { slot: 0, value: 0 };
    let value = 0;
    let rows = 0;
    for (let slot = 0; slot < slots; slot++) {
      const isRow = (this.#repetitions?.at(slot) ?? 0) === 0;
      if (isRow && values.size(from.value, value) >= PAGE_BYTES) {
        pages.push({ slots: [from.slot, slot], values: [from.value, value], rows });
        from = { slot, value };
        rows = 0;
      }
      if (isRow) rows++;
      value += this.#definitions?.at(slot) ?? 1;
    }
    pages.push({ slots: [from.slot, slots], values: [from.value, count], rows });
    return pages;
  }

  /** @returns its bytes before compression */
  #writePage(writer: ByteWriter, page: Page, values: EncodedValues): number {
    const levels = new ByteWriter();
    const repetitionBytes = this.#repetitions?.writeTo(levels, page.slots) ?? 0;
    const definitionBytes = this.#definitions?.writeTo(levels, page.slots) ?? 0;
    const body = values.page(...page.values);
    const compressed = snappyCompress(body);
    const slots = page.slots[1] - page.slots[0];
    const began = writer.offset;
    writePageHeader(writer, {
      type: 'DATA_PAGE_V2',
      uncompressed_page_size: levels.offset + body.length,
      compressed_page_size: levels.offset + compressed.length,
      data_page_header_v2: {
        num_values: slots,
        num_nulls: slots - (page.values[1] - page.values[0]),
        num_rows: page.rows,
        encoding: values.encoding,
        definition_levels_byte_length: definitionBytes,
        repetition_levels_byte_length: repetitionBytes,
        is_compressed: true,
      },
    });
    const header = writer.offset - began;
    writer.appendBytes(levels.getBytes());
    writer.appendBytes(compressed);
    return header + levels.offset + body.length;
  }
}

interface Page {
  slots: readonly [start: number, end: number];
  values: readonly [start: number, end: number];
  rows: number;
}

function bufferFor({ type }: Column): ValueBuffer {
  switch (type) {
    case 'boolean':
      return new BooleanValues();
    case 'bigint':
    case 'timestamp':
      return new DictionaryValues(() => new PlainIntegers());
    case 'string':
    case 'array<string>':
      return new DictionaryValues(() => new PlainTexts());
  }
}

/** @returns its bytes before compression */
function writeDictionary(writer: ByteWriter, { bytes, values }: { bytes: Uint8Array; values: number }): number {
  const compressed = snappyCompress(bytes);
  const began = writer.offset;
  writePageHeader(writer, {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: bytes.length,
    compressed_page_size: compressed.length,
    dictionary_page_header: { num_values: values, encoding: 'PLAIN' },
  });
  const header = writer.offset - began;
  writer.appendBytes(compressed);
  return header + bytes.length;
}

/** Definition or repetition levels, 0 or 1 in every column of ours. */
class Levels {
  count = 0;
  #levels = new Uint8Array(1_024);

  push(level: 0 | 1): void {
    if (this.count === this.#levels.length) {
      const larger = new Uint8Array(2 * this.count);
      larger.set(this.#levels);
      this.#levels = larger;
    }
    this.#levels[this.count++] = level;
  }

  at(index: number): number {
    return this.#levels[index] ?? 0;
  }

  writeTo(writer: ByteWriter, [start, end]: readonly [number, number]): number {
    return writeRleBitPackedHybrid(writer, this.#levels.subarray(start, end), 1);
  }

  clear(): void {
    this.count = 0;
  }
}
