import { crc32, deflateRawSync } from 'node:zlib';

/** A file of a zip in the very bytes that describe and hold it; APPNOTE 4.3.7, 4.3.9 and 4.3.12 give their places. */
export interface RawFile {
  name: string;
  /** Name and extra field included. */
  local: Buffer;
  data: Buffer;
  descriptor: Buffer;
  /** Its line of the directory: name, extra field and comment included. */
  line: Buffer;
}

/** A small zip (no ZIP64) taken apart, to be put together otherwise. */
export interface RawZip {
  files: RawFile[];
  end: Buffer;
}

const END = 22;
/** Places in a local header and in a line of the directory. */
export const LOCAL = { flags: 6, method: 8, time: 10, crc: 14, packed: 18, bytes: 22, nameLength: 26, extraLength: 28 };
export const LINE = {
  ...{ flags: 8, method: 10, time: 12, crc: 16, packed: 20, bytes: 24, nameLength: 28, extraLength: 30 },
  ...{ attributes: 38, offset: 42 },
};

export function takenApart(zip: Buffer): RawZip {
  const end = Buffer.from(zip.subarray(-END));
  const directory = end.readUInt32LE(16);
  const lines: { line: Buffer; from: number }[] = [];
  for (let at = directory; at < zip.length - END; ) {
    const length = 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    const line = Buffer.from(zip.subarray(at, at + length));
    lines.push({ line, from: line.readUInt32LE(LINE.offset) });
    at += length;
  }
  const files = lines.map(({ line, from }, n) => {
    const data = from + 30 + zip.readUInt16LE(from + LOCAL.nameLength) + zip.readUInt16LE(from + LOCAL.extraLength);
    const dataEnd = data + line.readUInt32LE(LINE.packed);
    return {
      name: line.subarray(46, 46 + line.readUInt16LE(LINE.nameLength)).toString(),
      local: Buffer.from(zip.subarray(from, data)),
      data: Buffer.from(zip.subarray(data, dataEnd)),
      descriptor: Buffer.from(zip.subarray(dataEnd, lines[n + 1]?.from ?? directory)),
      line,
    };
  });
  return { files, end };
}

/** What is put between the parts, and how the end differs. */
interface Between {
  directory?: Buffer;
  /** Before the end. */
  end?: Buffer;
  /** Changes the end once its places are right. */
  edit?: (end: Buffer, at: { from: number; to: number }) => void;
}

/** The zip again, with every offset as it then is. */
export function putTogether({ files, end }: RawZip, between: Between = {}): Buffer {
  const parts: Buffer[] = [];
  const lines: Buffer[] = [];
  let at = 0;
  const put = (...buffers: Buffer[]): void => {
    for (const buffer of buffers) {
      parts.push(buffer);
      at += buffer.length;
    }
  };
  for (const file of files) {
    const line = Buffer.from(file.line);
    line.writeUInt32LE(at, LINE.offset);
    lines.push(line);
    put(file.local, file.data, file.descriptor);
  }
  put(between.directory ?? Buffer.alloc(0));
  const from = at;
  put(...lines);
  const to = at;
  const own = Buffer.from(end);
  for (const place of [8, 10]) own.writeUInt16LE(files.length, place);
  own.writeUInt32LE(to - from, 12);
  own.writeUInt32LE(from, 16);
  between.edit?.(own, { from, to });
  put(between.end ?? Buffer.alloc(0), own);
  return Buffer.concat(parts);
}

/** A header with more extra field. */
export function withExtra(header: Buffer, places: { nameLength: number; extraLength: number }, extra: Buffer): Buffer {
  const fixed = places === LINE ? 46 : 30;
  const own = Buffer.from(header);
  const had = own.readUInt16LE(places.extraLength);
  const at = fixed + own.readUInt16LE(places.nameLength) + had;
  own.writeUInt16LE(had + extra.length, places.extraLength);
  return Buffer.concat([own.subarray(0, at), extra, own.subarray(at)]);
}

/** An extra field: its id, its length, its data. */
export function extraField(id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
}

/** The file with other content, described alike in all three places. */
export function withContent(file: RawFile, content: Buffer, garbage = Buffer.alloc(0)): RawFile {
  const packed = file.line.readUInt16LE(LINE.method) === 8 ? deflateRawSync(content) : content;
  const data = Buffer.concat([packed, garbage]);
  const [line, descriptor] = [Buffer.from(file.line), Buffer.alloc(16)];
  descriptor.writeUInt32LE(0x08074b50, 0);
  const numbers: [keyof typeof LINE, number][] = [
    ['crc', crc32(content)],
    ['packed', data.length],
    ['bytes', content.length],
  ];
  numbers.forEach(([name, value], n) => {
    line.writeUInt32LE(value, LINE[name]);
    descriptor.writeUInt32LE(value, 4 + 4 * n);
  });
  return { ...file, data, line, descriptor };
}
