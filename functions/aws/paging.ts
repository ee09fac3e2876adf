import { CallError } from './failure.ts';

/**
 * Every page of an operation. A page may be empty and still name a next one, so only a missing token ends the listing.
 * @throws CallError where a token comes twice: following it again would never end
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
    if (seen.has(token)) {
      const message = 'a page names a next page that was already read';
      throw new CallError({ kind: 'ERROR', operation, code: 'MalformedAnswer', message });
    }
    seen.add(token);
  }
}
