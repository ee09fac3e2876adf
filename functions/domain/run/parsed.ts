import * as z from 'zod';
import { LIMITS, type Limit } from '../limits/limits.ts';
import { amount } from '../limits/markdown.ts';
import { TrailSealError } from '../model/errors.ts';

/** Parsed, or why it could not be. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; why: string };

/** The first thing that does not fit a schema: where it is, empty for the whole, and what is wrong with it. */
export const firstIssue = ({ issues: [issue] }: z.ZodError): { where: string; what: string } => ({
  where: issue?.path.join('.').slice(0, 100) ?? '',
  what: issue?.message ?? 'does not fit',
});

/** A parser of what `schema` describes. */
export const parserOf =
  <T>(schema: z.ZodType<T>) =>
  (source: unknown): Parsed<T> => {
    const parsed = schema.safeParse(source);
    if (parsed.success) return { ok: true, value: parsed.data };
    const { where, what } = firstIssue(parsed.error);
    return { ok: false, why: `${what}${where === '' ? '' : ` at ${where}`}`.slice(0, 300) };
  };

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** The same from the bytes of a JSON file, which must be UTF-8. `limit` null: as long as it likes. */
export const jsonParserOf = <T>(schema: z.ZodType<T>, limit: Limit | null = LIMITS.runFile) => {
  const parse = parserOf(schema);
  return (bytes: Uint8Array | string): Parsed<T> => {
    if (limit !== null && bytes.length > limit.most) return { ok: false, why: `larger than ${amount(limit)}` };
    let source: unknown;
    try {
      source = JSON.parse(typeof bytes === 'string' ? bytes : UTF_8.decode(bytes));
    } catch (error) {
      return { ok: false, why: error instanceof Error ? `not JSON (${error.message.slice(0, 120)})` : 'not JSON' };
    }
    return parse(source);
  };
};

/** A stored code, typed as the set that this version knows: a file of a later version may hold others, and is read all the same. */
export const codeOf = <T extends string>() => z.string() as unknown as z.ZodType<T>;

/** Counts by such codes. */
export const countsOf = <T extends string>() =>
  z.record(z.string(), z.number().nonnegative()) as unknown as z.ZodType<Record<T, number>>;

/** The value, or null for what is nobody's to refuse: it is passed over, or written again. */
export const orNull = <T>(parsed: Parsed<T>): T | null => (parsed.ok ? parsed.value : null);

/** The value, or a TrailSealError that names the file. */
export function orRefuse<T>(parsed: Parsed<T>, file: string): T {
  if (parsed.ok) return parsed.value;
  throw new TrailSealError(
    'CORRUPT_FILE',
    `${file} cannot be read: ${parsed.why}. Start a new scan, or restore the file.`,
  );
}
