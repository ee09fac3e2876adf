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

/**
 * The text in at most `width` columns: what does not fit is cut out of the middle, since the ends of ARNs and paths
 * tell more, and `…` stands for it.
 */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 2) return width < 1 ? '' : '…';
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment);
  const head = take(parts, Math.floor((width - 1) / 2));
  const tail = take(parts.toReversed(), width - 1 - textWidth(head.join('')));
  return `${head.join('')}…${tail.toReversed().join('')}`;
}

/** As many graphemes from the front as fit. */
function take(parts: readonly string[], width: number): string[] {
  let used = 0;
  const end = parts.findIndex((part) => {
    used += graphemeWidth(part);
    return used > width;
  });
  return parts.slice(0, end < 0 ? parts.length : end);
}

/** The text in exactly `width` columns where it is not wider. */
export function padText(text: string, width: number, side: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return side === 'left' ? text + space : space + text;
}
