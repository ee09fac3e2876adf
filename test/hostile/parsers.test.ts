import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { atDepth } from '../depth.ts';
import { fuzz } from './fuzz.ts';
import { parsers, type Samples, samples } from './parsers.ts';

/** The short form of the inputs of `npm run test:chaos`. */
const INPUTS = atDepth({ quick: 12, deep: 60 });

describe('every parser of outside input', () => {
  let given: Samples;
  beforeAll(async () => {
    given = await samples();
  });
  afterAll(() => given.close());

  it('takes it, or refuses it with a sentence fit to be printed', async () => {
    let tried = 0;
    const broken: string[] = [];
    for (const parser of parsers(given)) {
      const inputs = Math.ceil(INPUTS * (parser.share ?? 1));
      await fuzz(parser, { inputs, seed: 1 }).then(
        (count) => {
          tried += count;
        },
        (error: Error) => broken.push(`${parser.name}: ${error.message}`),
      );
    }
    expect(broken).toEqual([]);
    expect(tried).toBeGreaterThan(30 * INPUTS);
    process.stderr.write(`hostile inputs tried: ${tried}\n`);
  }, 240_000);
});
