const ASCII = /^[\x20-\x7e]*$/;
/** Characters that take two columns: East Asian wide and full-width forms, and emoji (Unicode's EastAsianWidth W and F). */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Regional_Indicator}{2})/u;
const COMBINING = /^\p{M}/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Columns that printable text takes in a terminal. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

const graphemeWidth = (grapheme: string): number => (COMBINING.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1);

/** As many graphemes from the front as fit. */
function take(parts: readonly string[], width: number): string[] {
  let used = 0;
  const end = parts.findIndex((part) => {
    used += graphemeWidth(part);
    return used > width;
  });
  return parts.slice(0, end < 0 ? parts.length : end);
}

/** A line may end after these. */
const BREAKS = /(?<=[\s_/:,;-])/u;

/** Columns that the widest part takes which no line break can divide, up to `most`. */
export const leastWidth = (text: string, most: number): number =>
  Math.min(most, Math.max(0, ...text.split(BREAKS).map((part) => textWidth(part.trimEnd()))));

/**
 * The text in lines of at most `width` columns, broken between words and the parts of ARNs where that can be.
 * Beyond `lines` lines it is cut out of its middle.
 */
export function wrapText(text: string, { width, lines }: { width: number; lines: number }): string[] {
  const wrapped: string[] = [];
  let current = '';
  for (const word of text.split(BREAKS).flatMap((part) => pieces(part, width))) {
    if (current !== '' && textWidth(current) + textWidth(word.trimEnd()) > width) {
      wrapped.push(current.trimEnd());
      current = '';
    }
    current += word;
  }
  wrapped.push(current.trimEnd());
  if (wrapped.length <= lines) return wrapped;
  const head = wrapped.slice(0, Math.ceil(lines / 2));
  const last = head.length - 1;
  head[last] = `${fitHead(head[last] ?? '', width - 1)}…`;
  return [...head, ...wrapped.slice(wrapped.length - (lines - head.length))];
}

/** A word that is wider than the column, in pieces. */
function pieces(word: string, width: number): string[] {
  if (textWidth(word.trimEnd()) <= width) return [word];
  const cut: string[] = [];
  let rest = [...graphemes.segment(word)].map(({ segment }) => segment);
  while (rest.length > 0) {
    const piece = take(rest, width);
    // A grapheme wider than the column still has to go somewhere.
    const taken = Math.max(1, piece.length);
    cut.push(rest.slice(0, taken).join(''));
    rest = rest.slice(taken);
  }
  return cut;
}

const fitHead = (text: string, width: number): string =>
  take(
    [...graphemes.segment(text)].map(({ segment }) => segment),
    width,
  ).join('');

/** The text in exactly `width` columns where it is not wider. */
export function padText(text: string, width: number, side: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return side === 'left' ? text + space : space + text;
}
