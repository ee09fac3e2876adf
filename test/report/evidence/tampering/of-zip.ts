import { inflateRawSync } from 'node:zlib';
import { inserted, localEntry } from '../zip-surgery.ts';
import { type Tampering, WORDS } from './of-files.ts';
import {
  extraField,
  LINE,
  LOCAL,
  putTogether,
  type RawFile,
  type RawZip,
  takenApart,
  withContent,
  withExtra,
} from './raw-zip.ts';

type Between = Parameters<typeof putTogether>[1];

/** The zip taken apart, changed, and put together with every offset right. */
const raw =
  (change: (zip: RawZip) => void, between: (zip: RawZip) => Between = () => ({})) =>
  ({ zip }: { zip: Buffer }): Buffer => {
    const parts = takenApart(zip);
    change(parts);
    return putTogether(parts, between(parts));
  };
const between = (around: (zip: RawZip) => Between) => raw(() => {}, around);

const coverOf = ({ files }: RawZip): RawFile => {
  const found = files.find(({ name }) => name.endsWith('/cover.html'));
  if (!found) throw new Error('the pack has no cover');
  return found;
};
const onCover = (change: (file: RawFile) => void) => raw((zip) => change(coverOf(zip)));
/** The same bits of the cover's two headers. */
const onBoth = (change: (flags: number) => number) =>
  onCover(({ local, line }) => {
    local.writeUInt16LE(change(local.readUInt16LE(LOCAL.flags)), LOCAL.flags);
    line.writeUInt16LE(change(line.readUInt16LE(LINE.flags)), LINE.flags);
  });
const followed = (garbage: Buffer<ArrayBuffer>) =>
  onCover((file) => Object.assign(file, withContent(file, inflateRawSync(file.data), garbage)));

/** ZIP64's end and locator (APPNOTE 4.3.14, 4.3.15) of a directory with so many entries. */
function zip64End(zip: RawZip, { entries = zip.files.length } = {}): Buffer {
  const plain = putTogether(zip);
  const [from, to] = [plain.readUInt32LE(plain.length - 6), plain.length - 22];
  const long = Buffer.alloc(76);
  long.writeUInt32LE(0x06064b50, 0);
  long.writeBigUInt64LE(44n, 4);
  for (const place of [24, 32]) long.writeBigUInt64LE(BigInt(entries), place);
  long.writeBigUInt64LE(BigInt(to - from), 40);
  long.writeBigUInt64LE(BigInt(from), 48);
  long.writeUInt32LE(0x07064b50, 56);
  long.writeBigUInt64LE(BigInt(to), 64);
  long.writeUInt32LE(1, 72);
  return long;
}

/** A sound ZIP64 end, where none is needed: no tampering. */
export const withZip64End = between((zip) => ({ end: zip64End(zip) }));

const OUTSIDE = localEntry('trailseal/NOTE.txt', WORDS);
const sizesAgain = extraField(1, Buffer.alloc(16, 1));

export const OF_ZIP: readonly Tampering<Buffer>[] = [
  [
    'a comment of the zip',
    'ADDED ',
    raw((zip) => {
      zip.end.writeUInt16LE(WORDS.length, 20);
      zip.end = Buffer.concat([zip.end, Buffer.from(WORDS)]);
    }),
  ],
  [
    'a comment of a file',
    'ADDED cover.html',
    onCover((file) => {
      file.line.writeUInt16LE(WORDS.length, 32);
      file.line = Buffer.concat([file.line, Buffer.from(WORDS)]);
    }),
  ],
  ['bytes before the zip', 'UNREADABLE ', ({ zip }) => Buffer.concat([Buffer.from(WORDS), zip])],
  ['bytes before the zip, its offsets moved on', 'ADDED ', ({ zip }) => inserted(zip, 0, Buffer.from(WORDS))],
  ['bytes after the zip', 'UNREADABLE ', ({ zip }) => Buffer.concat([zip, Buffer.from(WORDS)])],
  [
    'a file between two that the directory does not name',
    'ADDED ',
    onCover((file) => {
      file.descriptor = Buffer.concat([file.descriptor, OUTSIDE]);
    }),
  ],
  ['a file before the directory', 'ADDED ', between(() => ({ directory: OUTSIDE }))],
  ['a file after the directory', 'ADDED ', between(() => ({ end: OUTSIDE }))],
  [
    'a file of the directory that is not counted',
    'ADDED ',
    between(({ files }) => ({
      edit: (end) => {
        for (const place of [8, 10]) end.writeUInt16LE(files.length - 1, place);
      },
    })),
  ],
  ['another count for this disk', 'ADDED ', between(() => ({ edit: (end) => end.writeUInt16LE(1, 8) }))],
  [
    'another length of the directory',
    'ADDED ',
    between(() => ({ edit: (end, { from, to }) => end.writeUInt32LE(to - from - 60, 12) })),
  ],
  ['text where a ZIP64 end may stand', 'ADDED ', between(() => ({ end: Buffer.from(WORDS.repeat(5).slice(0, 76)) }))],
  [
    'a ZIP64 end beside another count',
    'ADDED ',
    between((zip) => ({ end: zip64End(zip), edit: (end) => end.writeUInt16LE(1, 10) })),
  ],
  [
    'a ZIP64 end with a file less',
    'ADDED ',
    between((zip) => ({ end: zip64End(zip, { entries: zip.files.length - 1 }) })),
  ],
  [
    'another name in the local header',
    'UNSAFE cover.html',
    onCover(({ local }) => local.write('COVER.exe!', local.length - 'cover.html'.length)),
  ],
  [
    'another way of packing in the local header',
    'UNSAFE cover.html',
    onCover(({ local }) => local.writeUInt16LE(0, LOCAL.method)),
  ],
  [
    'another size in the local header',
    'UNSAFE cover.html',
    onCover(({ local }) => local.writeUInt32LE(7, LOCAL.bytes)),
  ],
  [
    'another checksum in the local header',
    'UNSAFE cover.html',
    onCover(({ local }) => local.writeUInt32LE(7, LOCAL.crc)),
  ],
  [
    'other flags in the local header',
    'UNSAFE cover.html',
    onCover(({ local }) => local.writeUInt16LE(local.readUInt16LE(LOCAL.flags) ^ 0x0800, LOCAL.flags)),
  ],
  ['another time in the local header', 'UNSAFE cover.html', onCover(({ local }) => local.writeUInt16LE(1, LOCAL.time))],
  [
    'an extra field in the local header',
    'UNSAFE cover.html',
    onCover((file) => {
      file.local = withExtra(file.local, LOCAL, extraField(0x6375, Buffer.from(WORDS)));
    }),
  ],
  [
    'an extra field in the directory',
    'UNSAFE cover.html',
    onCover((file) => {
      file.line = withExtra(file.line, LINE, extraField(0x6375, Buffer.from(WORDS)));
    }),
  ],
  [
    'an extra field for times that is too long',
    'UNSAFE cover.html',
    onCover((file) => {
      file.line = withExtra(file.line, LINE, extraField(0x5455, Buffer.from(WORDS)));
    }),
  ],
  [
    'a second name in an extra field',
    'UNSAFE cover.html',
    onCover((file) => {
      file.line = withExtra(file.line, LINE, extraField(0x7075, Buffer.from(`00000${WORDS}`)));
    }),
  ],
  [
    'bytes after the extra fields',
    'UNSAFE cover.html',
    onCover((file) => {
      file.local = withExtra(file.local, LOCAL, Buffer.from('abc'));
    }),
  ],
  [
    'sizes a second time, in a ZIP64 field',
    'UNSAFE cover.html',
    onCover((file) => {
      file.line = withExtra(file.line, LINE, sizesAgain);
    }),
  ],
  [
    'sizes a second time, in a ZIP64 field of the local header',
    'UNSAFE cover.html',
    onCover((file) => {
      file.local = withExtra(file.local, LOCAL, sizesAgain);
    }),
  ],
  ['another size after the data', 'UNSAFE cover.html', onCover(({ descriptor }) => descriptor.writeUInt32LE(7, 12))],
  [
    'another checksum in the directory and after the data',
    'ALTERED cover.html',
    onCover(({ line, descriptor }) => {
      line.writeUInt32LE(7, LINE.crc);
      descriptor.writeUInt32LE(7, 4);
    }),
  ],
  ['bytes after the packed data of a file', 'ALTERED cover.html', followed(Buffer.from(WORDS))],
  ['a megabyte after the packed data of a file', 'ALTERED cover.html', followed(Buffer.alloc(1 << 20, WORDS))],
  ['a file said to be encrypted', 'UNSAFE cover.html', onBoth((flags) => flags | 1)],
  ['a file with its name masked', 'UNSAFE cover.html', onBoth((flags) => flags | 0x2000)],
  [
    'a file marked as a folder',
    'UNSAFE cover.html',
    onCover(({ line }) => line.writeUInt32LE((line.readUInt32LE(LINE.attributes) | 0x10) >>> 0, LINE.attributes)),
  ],
  ['a file in the directory twice', 'DUPLICATED cover.html', raw((zip) => zip.files.push(coverOf(zip)))],
  [
    'a line of the directory that leads to another file',
    'UNSAFE cover.html',
    raw((zip) => {
      const none = Buffer.alloc(0);
      zip.files.unshift({ ...coverOf(zip), local: none, data: none, descriptor: none });
    }),
  ],
];
