import { LIMITS } from '../domain/limits/limits.ts';
import { amount } from '../domain/limits/markdown.ts';
import { CallError } from './call-error.ts';

/**
 * Every page of an operation. A page may be empty and still name a next one, so only a missing token ends the listing.
 * @throws CallError where a token comes twice, or pages without end: following them would never end
 */
export async function* pages<P>(
  operation: string,
  ask: (token: string | undefined, page: number) => Promise<P>,
  tokenOf: (page: P) => string | undefined,
): AsyncGenerator<P> {
  const seen = new Set<string>();
  let token: string | undefined;
  for (let page = 1; ; page++) {
    const answer = await ask(token, page);
    yield answer;
    token = tokenOf(answer);
    if (!token) return;
    if (seen.has(token) || page >= LIMITS.pages.most) {
      const message = seen.has(token)
        ? 'a page names a next page that was already read'
        : `there are more than ${amount(LIMITS.pages)}`;
      throw new CallError({ kind: 'ERROR', operation, code: 'MalformedAnswer', message });
    }
    seen.add(token);
  }
}
