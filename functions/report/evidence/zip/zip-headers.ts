import type { Entry, LocalFileHeader } from 'yauzl';
import type { BytesAt } from './zip-layout.ts';

/** Sizes and checksum follow the data. */
const HAS_DESCRIPTOR = 0x0008;
/** How hard the writer compressed (bits 1 and 2), the descriptor, and that the name is UTF-8: nothing else is read here. */
const FLAGS = 0x0006 | HAS_DESCRIPTOR | 0x0800;
const MOST_32 = 0xffffffff;
const ZIP64 = 0x0001;
/** Extra fields that say when a file was changed and whose it was, with the bytes they may have (APPNOTE 4.5, Info-ZIP's extrafld.txt). */
const UNREAD_EXTRAS: Readonly<Record<number, number>> = { 10: 32, 21589: 13, 22613: 12, 30805: 4, 30837: 15 };

/**
 * Why a file is not read although its name is fine, in words that follow "it". A file is described three times: in the
 * directory, in its local header and, where its size was not known before, in a descriptor after its data. Programs
 * differ in which they believe: all must say the same, and nothing else.
 */
export function wrongHeaders(
  entry: Entry,
  local: LocalFileHeader,
  bytesAt: BytesAt,
): { wrong: string | null; to: number } {
  const { descriptor, to } = descriptorOf(entry, local, bytesAt);
  return { wrong: wrongField(entry) ?? disagreement(entry, local) ?? descriptor, to };
}

const wrongField = (entry: Entry): string | null => {
  if ((entry.generalPurposeBitFlag & ~FLAGS) !== 0) return 'has flags that are not read here';
  return wrongExtra(entry.extraFieldRaw, () => entry.extraFields.some(({ id }) => id === ZIP64) && !isLong(entry));
};

/** Where the directory's own fields hold the sizes, a ZIP64 field would say them once more. */
const isLong = ({ uncompressedSize, compressedSize, relativeOffsetOfLocalHeader }: Entry): boolean =>
  [uncompressedSize, compressedSize, relativeOffsetOfLocalHeader].some((value) => value >= MOST_32);

function wrongExtra(raw: Buffer, saysSizesTwice: () => boolean): string | null {
  let at = 0;
  while (at + 4 <= raw.length) {
    const id = raw.readUInt16LE(at);
    const length = raw.readUInt16LE(at + 2);
    if (id !== ZIP64 && length > (UNREAD_EXTRAS[id] ?? -1)) return 'has an extra field that is not read here';
    if (id === ZIP64 && length > 28) return 'has an extra field that is too long';
    at += 4 + length;
  }
  if (at !== raw.length) return 'has bytes after its extra fields';
  return saysSizesTwice() ? 'says its sizes twice' : null;
}

function disagreement(entry: Entry, local: LocalFileHeader): string | null {
  const later = (entry.generalPurposeBitFlag & HAS_DESCRIPTOR) !== 0;
  const { sizes, said } = localSizes(local);
  const unlike = (mine: number, theirs: number): boolean => mine !== theirs && !(later && mine === 0);
  if (local.generalPurposeBitFlag !== entry.generalPurposeBitFlag) return 'has other flags in its local header';
  if (local.compressionMethod !== entry.compressionMethod) return 'is packed in another way by its local header';
  if (local.lastModFileTime !== entry.lastModFileTime || local.lastModFileDate !== entry.lastModFileDate)
    return 'has another time in its local header';
  if (unlike(local.crc32, entry.crc32)) return 'has another checksum in its local header';
  if (unlike(sizes.bytes, entry.uncompressedSize) || unlike(sizes.packed, entry.compressedSize))
    return 'has another size in its local header';
  return wrongExtra(local.extraField, () => said === 'twice');
}

/** What the local header says of the sizes, in its own fields or in a ZIP64 field. */
function localSizes({ uncompressedSize, compressedSize, extraField }: LocalFileHeader) {
  const sizes = { bytes: uncompressedSize, packed: compressedSize };
  for (let at = 0; at + 4 <= extraField.length; at += 4 + extraField.readUInt16LE(at + 2)) {
    if (extraField.readUInt16LE(at) !== ZIP64) continue;
    const data = extraField.subarray(at + 4, at + 4 + extraField.readUInt16LE(at + 2));
    if (data.length !== 16) return { sizes, said: 'twice' as const };
    const own = { bytes: Number(data.readBigUInt64LE(0)), packed: Number(data.readBigUInt64LE(8)) };
    // A writer that does not know the sizes yet leaves both places empty.
    const known = uncompressedSize === MOST_32 || compressedSize === MOST_32;
    return {
      sizes: known ? own : sizes,
      said: known || own.bytes + own.packed === 0 ? ('once' as const) : ('twice' as const),
    };
  }
  return { sizes, said: 'once' as const };
}

/** The descriptor after the data, with or without its signature, of 32 or 64 bits (APPNOTE 4.3.9); and where the file ends. */
function descriptorOf(
  entry: Entry,
  local: LocalFileHeader,
  bytesAt: BytesAt,
): { descriptor: string | null; to: number } {
  const from = local.fileDataStart + entry.compressedSize;
  if ((entry.generalPurposeBitFlag & HAS_DESCRIPTOR) === 0) return { descriptor: null, to: from };
  const found = bytesAt(from, 24);
  for (const signed of [true, false]) {
    for (const wide of [false, true]) {
      const expected = descriptor(entry, { signed, wide });
      if (expected && found.subarray(0, expected.length).equals(expected))
        return { descriptor: null, to: from + expected.length };
    }
  }
  return { descriptor: 'has another size or checksum after its data', to: from + 16 };
}

function descriptor(
  { crc32, compressedSize, uncompressedSize }: Entry,
  { signed, wide }: { signed: boolean; wide: boolean },
): Buffer | null {
  if (!wide && (compressedSize > MOST_32 || uncompressedSize > MOST_32)) return null;
  const bytes = Buffer.alloc(4 + 4 + 2 * (wide ? 8 : 4));
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(crc32, 4);
  if (wide) {
    bytes.writeBigUInt64LE(BigInt(compressedSize), 8);
    bytes.writeBigUInt64LE(BigInt(uncompressedSize), 16);
  } else {
    bytes.writeUInt32LE(compressedSize, 8);
    bytes.writeUInt32LE(uncompressedSize, 12);
  }
  return signed ? bytes : bytes.subarray(4);
}
