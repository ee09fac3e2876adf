import fc from 'fast-check';
import { LIMITS } from '../../functions/domain/limits/limits.ts';
import { TrailSealError } from '../../functions/domain/model/errors.ts';
import { sanitizeLines } from '../../functions/domain/model/sanitize.ts';
import { EnvironmentError } from '../../functions/handlers/lambda/environment.ts';
import type { Parser } from './parsers.ts';

/** What must never change, however hostile the input: nothing in it becomes part of every object. */
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const members = () => PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join();

/**
 * Tries a parser with so many inputs: each gives a value, or one of our errors with a sentence that is fit to be printed.
 * @returns how many inputs were tried
 * @throws with the smallest input that breaks this, and its seed
 */
export async function fuzz({ name, input, read }: Parser, options: { inputs: number; seed: number }): Promise<number> {
  const { inputs, seed } = options;
  const before = members();
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(input, async (given) => {
      tried += 1;
      const told = await toldBy(() => read(given as never));
      if (told !== null && sanitizeLines(told) !== told)
        throw new Error(`${name} tells ${JSON.stringify(told.slice(0, 300))}`);
      if (members() !== before) throw new Error(`${name} changed a prototype`);
    }),
    { numRuns: inputs, seed, endOnFailure: true },
  );
  return tried;
}

/** What people will read of it: the error's sentence, or the text that was made of the value. */
async function toldBy(read: () => unknown): Promise<string | null> {
  try {
    const made = await read();
    return typeof made === 'string' ? made : null;
  } catch (error) {
    if (!(error instanceof TrailSealError || error instanceof EnvironmentError)) throw error;
    if (error.message.trim() === '' || error.message.length > LIMITS.message.most)
      throw new Error(`an error of ${error.message.length} characters`, { cause: error });
    return error.message;
  }
}
