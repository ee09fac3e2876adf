import fc from 'fast-check';
import { CODE_POINT } from '../code-point.ts';
import { CORPUS, SHORT_TEXTS } from './corpus.ts';

/** Text of the corpus, of any characters, or both run together; now and then a megabyte. */
export const hostileText = (): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...SHORT_TEXTS), weight: 50 },
    { arbitrary: fc.string({ unit: CODE_POINT, maxLength: 40 }), weight: 30 },
    {
      arbitrary: fc.array(fc.constantFrom(...SHORT_TEXTS), { minLength: 2, maxLength: 4 }).map((t) => t.join('')),
      weight: 19,
    },
    { arbitrary: fc.constantFrom(...CORPUS.large), weight: 1 },
  );

/** A value as JSON may hold it, as JSON text: objects have keys such as `__proto__` of their own. */
export const hostileJson = (): fc.Arbitrary<string> =>
  fc.letrec<{ json: string }>((tie) => ({
    json: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('null', 'true', 'false', '0', '-1', '1e400', '1e-7', '9007199254740993', '""', '[]', '{}'),
      hostileText().map((text) => JSON.stringify(text)),
      fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc
        .array(fc.tuple(hostileText(), tie('json')), { maxLength: 4 })
        .map((entries) => `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
    ),
  })).json;

/** JSON of the right shape with one thing wrong: a value changed, a member taken away or put in. */
export const almost = (sample: unknown): fc.Arbitrary<string> => {
  const paths = pathsIn(sample);
  return fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom('replace', 'drop', 'add'), hostileText(), hostileJson())
    .map(([path, change, key, json]) => {
      const MARK = '\u{10fffe}here\u{10fffe}';
      const copy: unknown = structuredClone(sample);
      if (path.length === 0) return change === 'add' ? `[${JSON.stringify(sample)},${json}]` : json;
      const holder = path.slice(0, -1).reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], copy);
      const last = path.at(-1) ?? '';
      const object = holder as Record<string, unknown>;
      if (change === 'drop') {
        if (Array.isArray(holder)) holder.splice(Number(last), 1);
        else delete object[last];
        return JSON.stringify(copy);
      }
      object[last] = MARK;
      const text = JSON.stringify(copy);
      const marked = JSON.stringify(MARK);
      if (change === 'replace' || Array.isArray(holder)) return text.replace(marked, () => json);
      return text.replace(marked, () => `${JSON.stringify(valueAt(sample, path))},${JSON.stringify(key)}:${json}`);
    });
};

/** Text of the right shape that was cut, doubled, or has something hostile within. */
export const corrupted = (sample: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.nat(sample.length),
      fc.nat(sample.length),
      fc.constantFrom('cut', 'insert', 'replace', 'double'),
      hostileText(),
    )
    .map(([a, b, change, text]) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      if (change === 'cut') return sample.slice(0, from) + sample.slice(to);
      if (change === 'double') return sample.slice(0, to) + sample.slice(from);
      return sample.slice(0, from) + text + sample.slice(change === 'insert' ? from : Math.min(to, from + 40));
    });

/** Bytes of a sound file with some changed, cut off, taken out or put in. */
export const damaged = (sample: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.constantFrom('change', 'cut', 'remove', 'insert'),
      fc.uint8Array({ maxLength: 64 }),
    )
    .map(([places, change, bytes]) => {
      const copy = Buffer.from(sample);
      const [first = 0] = places[0] ?? [];
      if (change === 'cut') return copy.subarray(0, first);
      if (change === 'remove') return Buffer.concat([copy.subarray(0, first), copy.subarray(first + bytes.length)]);
      if (change === 'insert') return Buffer.concat([copy.subarray(0, first), bytes, copy.subarray(first)]);
      for (const [at, byte] of places) copy[at] = byte;
      return copy;
    });

function pathsIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], value);
