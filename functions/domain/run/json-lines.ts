import { LIMITS } from '../limits/limits.ts';
import { amount } from '../limits/markdown.ts';
import { TrailSealError } from '../model/errors.ts';

/**
 * The lines of a text stream, without their line ends; empty lines are left out. Memory holds one chunk and one line.
 * @param name how the file is called where it is refused
 * @throws TrailSealError CORRUPT_FILE for a line beyond the limit
 */
export async function* lines(chunks: AsyncIterable<Uint8Array>, name: string): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LIMITS.line.most)
      throw new TrailSealError('CORRUPT_FILE', `${name} has a line of more than ${amount(LIMITS.line)}.`);
    for (const part of parts) if (part.trim() !== '') yield part;
  }
  rest += decoder.decode();
  if (rest.trim() !== '') yield rest;
}

const CHUNK_CHARACTERS = 65_536;

/** Values as JSON Lines, in chunks of about 64 KiB. */
export async function* jsonLines(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder();
  let buffer = '';
  for await (const value of values) {
    buffer += `${JSON.stringify(value)}\n`;
    if (buffer.length >= CHUNK_CHARACTERS) {
      yield encoder.encode(buffer);
      buffer = '';
    }
  }
  if (buffer !== '') yield encoder.encode(buffer);
}

/** Values as one JSON array, an element a line: the form of a Distributed Map's ItemReader that Step Functions and moto both read. */
export async function* jsonArray(values: Iterable<unknown>): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder();
  let buffer = '[';
  let separator = '\n';
  for (const value of values) {
    buffer += `${separator}${JSON.stringify(value)}`;
    separator = ',\n';
    if (buffer.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(buffer);
    buffer = '';
  }
  yield encoder.encode(`${buffer}\n]\n`);
}
