import type { PackedFile } from '../pack-manifest.ts';

const LINES_AT_ONCE = 10_000;

/**
 * `SHA256SUMS`: a line a file, as `sha256sum` writes and `sha256sum -c` reads them, sorted by path. In bytes, made in
 * pieces: a pack of a year has a million files.
 */
export function checksums(files: readonly PackedFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const pieces: Buffer[] = [];
  for (let at = 0; at < sorted.length; at += LINES_AT_ONCE)
    pieces.push(
      Buffer.from(
        sorted
          .slice(at, at + LINES_AT_ONCE)
          .map(line)
          .join(''),
      ),
    );
  return Buffer.concat(pieces);
}

/** GNU coreutils mark a line whose name has a backslash or a line break with a backslash of its own. */
function line({ sha256, path }: PackedFile): string {
  const name = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${name === path ? '' : '\\'}${sha256}  ${name}\n`;
}
