/** Characters that a terminal obeys or hides: controls, formats (bidi overrides, zero width), line separators, half pairs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** Text from other people's accounts, made safe to print: control characters and escape sequences are shown, not obeyed. */
export const sanitize = (text: string): string =>
  text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });

/** The same for text of several lines, whose breaks are its own. */
export const sanitizeLines = (text: string): string => text.split('\n').map(sanitize).join('\n');

/** JSON text with the same characters escaped: it still parses to the same value. */
export const sanitizeJson = (json: string): string =>
  json.replace(UNSAFE, (character) =>
    [...Array(character.length).keys()]
      .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
      .join(''),
  );
