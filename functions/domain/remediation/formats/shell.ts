/** A word that bash reads as exactly this text, whatever is in it. A NUL, which no argument can hold, is dropped. */
export const quoted = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`;
