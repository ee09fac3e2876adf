import type { Json } from './definition.ts';

/**
 * The elements of one JSON array that arrives in chunks, one at a time, wherever the line breaks are. Holds no more
 * than one element and one chunk.
 * @throws SyntaxError that says which element is not JSON
 */
export async function* arrayItems(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Json> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const splitter = new ArraySplitter();
  for await (const chunk of chunks) yield* splitter.push(decoder.decode(chunk, { stream: true }));
  yield* splitter.push(decoder.decode());
  splitter.end();
}

/** Where the splitter is: before `[`, before or within an element, after `]`. */
type Place = 'start' | 'element' | 'end';

class ArraySplitter {
  #place: Place = 'start';
  #text = '';
  #depth = 0;
  #inString = false;
  #escaped = false;
  #count = 0;

  *push(chunk: string): Generator<Json> {
    // `from` is where the element under way begins in this chunk.
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const char = chunk.charCodeAt(at);
      if (this.#place === 'element') {
        if (this.#inString) {
          if (this.#escaped) this.#escaped = false;
          else if (char === BACKSLASH) this.#escaped = true;
          else if (char === QUOTE) this.#inString = false;
        } else if (char === QUOTE) this.#inString = true;
        else if (char === OPEN_BRACE || char === OPEN_BRACKET) this.#depth += 1;
        else if (this.#depth === 0 && (char === COMMA || char === CLOSE_BRACKET)) {
          const text = this.#text + chunk.slice(from, at);
          this.#text = '';
          from = at + 1;
          const empty = char === CLOSE_BRACKET && this.#count === 0 && text.trim() === '';
          if (char === CLOSE_BRACKET) this.#place = 'end';
          if (!empty) yield this.#parse(text);
        } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) this.#depth -= 1;
      } else if (char === OPEN_BRACKET && this.#place === 'start') {
        this.#place = 'element';
        from = at + 1;
      } else if (!BLANK.has(char)) {
        const where = this.#place === 'start' ? 'is not a JSON array' : 'goes on after its end';
        throw new SyntaxError(`the file of the map's items ${where}`);
      }
    }
    if (this.#place === 'element') this.#text += chunk.slice(from);
  }

  end(): void {
    if (this.#place !== 'end') throw new SyntaxError(`the file of the map's items ends after ${this.#count} items`);
  }

  #parse(text: string): Json {
    this.#count += 1;
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new SyntaxError(`item ${this.#count} of the map is not JSON`, { cause });
    }
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** JSON's white space, and the byte order mark that some editors leave. */
const BLANK = new Set([0x20, 0x0a, 0x0d, 0x09, 0xfeff]);
