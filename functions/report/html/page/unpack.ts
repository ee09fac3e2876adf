import type { PackedTable, PackedValue, PackHeader, PageFacts } from '../pack-format.ts';
import { byId } from './dom.ts';

/** A column of a packed table: the code of each row, and what the codes mean. */
export interface Column {
  codes: Uint8Array | Uint16Array | Uint32Array;
  /** null for counts. */
  values: readonly PackedValue[] | null;
  get(row: number): PackedValue;
}

export interface Table {
  rows: number;
  /** Of its columns, in the order of the table. */
  names: readonly string[];
  column(name: string): Column;
}

export const facts = JSON.parse(byId('facts').textContent ?? '{}') as PageFacts;

/** As of when an account is, and since when that is stale; null where the page is of a run. */
export const timesOf = (account: string): { asOf: string; staleSince: string | null } | null =>
  facts.present ? (facts.present.newer[account] ?? facts.present) : null;

const opened = new Map<PackedTable, Promise<Table>>();

/** Unpacks a table when it is first needed, once. @throws Error with a sentence for the reader */
export function openTable(name: PackedTable): Promise<Table> {
  let table = opened.get(name);
  if (!table) {
    table = unpack(name);
    opened.set(name, table);
  }
  return table;
}

async function unpack(name: PackedTable): Promise<Table> {
  const missing = facts.missing[name];
  if (missing) throw new Error(missing);
  if (typeof DecompressionStream === 'undefined')
    throw new Error('This browser is too old to unpack the tables: use one of 2023 or later.');
  const element = byId(`table-${name}`);
  const packed = fromBase64(element.textContent ?? '');
  // The text is not needed again, and large.
  element.remove();
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = await new Response(stream).arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length))) as PackHeader;
  const start = Math.ceil((4 + length) / 8) * 8;
  const columns = new Map(
    header.columns.map(({ name: column, width, offset, values }) => {
      const kind = width === 1 ? Uint8Array : width === 2 ? Uint16Array : Uint32Array;
      const codes = new kind(bytes, start + offset, header.rows);
      const get = (row: number): PackedValue => {
        const code = codes[row] ?? 0;
        if (values) return values[code] ?? null;
        return code === 0 ? null : code - 1;
      };
      return [column, { codes, values, get }] as const;
    }),
  );
  return {
    rows: header.rows,
    names: [...columns.keys()],
    column(wanted) {
      const column = columns.get(wanted);
      if (!column) throw new Error(`table ${name} has no column ${wanted}`);
      return column;
    },
  };
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> }).fromBase64;
  if (native) return native.call(Uint8Array, text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
