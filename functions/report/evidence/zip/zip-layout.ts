/** Bytes of the file from there; fewer at its end. */
export type BytesAt = (from: number, length: number) => Buffer;

/** Where in a zip things lie, in bytes from its beginning. */
export interface ZipLayout {
  /** Of each file: its header, its data and the descriptor that may follow. */
  extents: { from: number; to: number }[];
  directory: { from: number; to: number };
  entries: number;
  /** In bytes. */
  size: number;
  commentLength: number;
}

const END = 22;
const ZIP64_END = 56;
const ZIP64_LOCATOR = 20;
const MOST_16 = 0xffff;
const MOST_32 = 0xffffffff;

/**
 * What a zip holds that belongs to none of its files: a sentence each, without its end. What stands before, between or
 * after them may make the zip another kind of file, or be unpacked by programs that read it from its beginning; an end
 * that contradicts the directory shows other files to programs that believe it.
 */
export function outsideFiles(layout: ZipLayout, bytesAt: BytesAt): string[] {
  const { directory } = layout;
  const extents = layout.extents.sort((a, b) => a.from - b.from);
  const found: string[] = [];
  if (layout.commentLength > 0) found.push('The zip has a comment');
  if ((extents[0]?.from ?? directory.from) > 0) found.push('Something stands before the first file');
  const starts = [...extents.slice(1).map(({ from }) => from), directory.from];
  const gaps = extents.map(({ to }, at) => (starts[at] ?? 0) - to);
  if (gaps.some((gap) => gap > 0)) found.push('Something stands between the files');
  if (gaps.some((gap) => gap < 0)) found.push('Files overlap in it');
  const length = layout.size - layout.commentLength - directory.to;
  const zip64 = length === END + ZIP64_END + ZIP64_LOCATOR;
  if (length !== END && !zip64) found.push('Something stands after the directory');
  else if (!isEndOf(layout, bytesAt(directory.to, length), zip64))
    found.push('The end of the zip does not say what its directory says');
  return found;
}

/** APPNOTE 4.3.14 to 4.3.16. */
function isEndOf({ directory, entries }: ZipLayout, tail: Buffer, zip64: boolean): boolean {
  const bytes = directory.to - directory.from;
  const end = tail.subarray(-END);
  const says = (value: number, expected: number, most: number): boolean =>
    value === expected || (zip64 && value === most);
  const agrees =
    [0, MOST_16].includes(end.readUInt16LE(4)) &&
    [0, MOST_16].includes(end.readUInt16LE(6)) &&
    says(end.readUInt16LE(8), entries, MOST_16) &&
    says(end.readUInt16LE(10), entries, MOST_16) &&
    says(end.readUInt32LE(12), bytes, MOST_32) &&
    says(end.readUInt32LE(16), directory.from, MOST_32);
  if (!zip64 || !agrees) return agrees;
  const number = (at: number): number => Number(tail.readBigUInt64LE(at));
  return (
    tail.readUInt32LE(0) === 0x06064b50 &&
    number(4) === ZIP64_END - 12 &&
    tail.readUInt32LE(16) + tail.readUInt32LE(20) === 0 &&
    number(24) === entries &&
    number(32) === entries &&
    number(40) === bytes &&
    number(48) === directory.from &&
    tail.readUInt32LE(ZIP64_END) === 0x07064b50 &&
    tail.readUInt32LE(ZIP64_END + 4) === 0 &&
    number(ZIP64_END + 8) === directory.to &&
    tail.readUInt32LE(ZIP64_END + 16) <= 1
  );
}
