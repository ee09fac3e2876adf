/** A word that bash reads as exactly this text, whatever is in it. A NUL, which no argument can hold, is dropped. */
export const quoted = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`;

/** JSON in a variable; a quoted here-document takes every character as it is. Its end stands at the start of a line. */
export const jsonVariable = (name: string, value: unknown): string[] => [
  `IFS= read -r -d '' ${name} ${HERE_DOCUMENT} || true`,
  ...JSON.stringify(value, null, 2).split('\n'),
  END_OF_DOCUMENT,
];

const END_OF_DOCUMENT = 'JSON';
const HERE_DOCUMENT = `<<'${END_OF_DOCUMENT}'`;

/** Lines moved to the right, except those of here-documents. */
export function indented(lines: readonly string[], by: string): string[] {
  let inDocument = false;
  return lines.map((line) => {
    const isOfDocument = inDocument;
    inDocument = inDocument ? line !== END_OF_DOCUMENT : line.includes(HERE_DOCUMENT);
    return isOfDocument || line === '' ? line : `${by}${line}`;
  });
}
