import { describe, expect, test } from '@jest/globals';
import { pages } from '../../functions/reads/paging.ts';

interface Page {
  items: number[];
  next?: string;
}

const read = async (answers: Page[]) => {
  const asked: (string | undefined)[] = [];
  const items: number[] = [];
  const ask = async (token: string | undefined, page: number) => {
    asked.push(token);
    return answers[page - 1] ?? { items: [] };
  };
  for await (const page of pages('ListThings', ask, (answer) => answer.next)) items.push(...page.items);
  return { asked, items };
};

describe('the pages of an operation', () => {
  test('go on past an empty page that names a next one', async () => {
    const answers = [{ items: [], next: 'a' }, { items: [1], next: 'b' }, { items: [], next: 'c' }, { items: [2] }];
    expect(await read(answers)).toEqual({ asked: [undefined, 'a', 'b', 'c'], items: [1, 2] });
  });

  test('end at an empty token as at a missing one', async () => {
    expect((await read([{ items: [1], next: '' }, { items: [2] }])).items).toEqual([1]);
  });

  test.each([[['a', 'a']], [['a', 'b', 'a']]])(
    'that lead in a circle (%j) are an error, not a loop',
    async (tokens) => {
      const answers = tokens.map((next) => ({ items: [1], next }));
      await expect(read([...answers, ...answers])).rejects.toMatchObject({
        failure: { kind: 'ERROR', operation: 'ListThings', code: 'MalformedAnswer' },
      });
    },
  );
});
