import { expect, test } from '@jest/globals';
import { sideBySide } from '../../functions/local/state-machine/side-by-side.ts';

const items = async function* (count: number) {
  for (let n = 0; n < count; n++) yield n;
};

/** How many are under way at once, each ended by hand. */
const watched = () => {
  const open: (() => void)[] = [];
  let most = 0;
  return {
    work: () =>
      new Promise<void>((resolve) => {
        open.push(resolve);
        most = Math.max(most, open.length);
      }),
    endAll: () => {
      for (const end of open.splice(0)) end();
    },
    most: () => most,
  };
};
const settle = () => new Promise((resolve) => setImmediate(resolve));

test.each([
  ['grow while the process has time left', 0.2, 20],
  ['stay as many as at first while it has none', 0.1, 4],
] as const)('items side by side %s', async (_, idle, expected) => {
  const { work, endAll, most } = watched();
  const done: number[] = [];
  const all = sideBySide(items(200), { most: 20, first: 4, idle: () => idle }, async (item) => {
    await work();
    done.push(item);
  });
  let over = false;
  all.then(() => {
    over = true;
  });
  while (!over) {
    endAll();
    await settle();
  }
  expect(most()).toBe(expected);
  expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n));
});

test.each([
  [0.2, 2],
  [0.6, 3],
])('while the process does nothing for %s of the time, each that ends is followed by %i', async (idle, following) => {
  const { work, endAll, most } = watched();
  const all = sideBySide(items(60), { most: 50, first: 4, idle: () => idle }, work);
  await settle();
  endAll();
  await settle();
  expect(most()).toBe(4 * following);
  const over = all.then(() => true);
  while (!(await Promise.race([over, settle()]))) endAll();
});

test('no more are begun than asked for at most, where that is less than at first', async () => {
  let running = 0;
  let most = 0;
  await sideBySide(items(10), { most: 2, first: 8, idle: () => 1 }, async () => {
    running++;
    most = Math.max(most, running);
    await settle();
    running--;
  });
  expect(most).toBe(2);
});

test('the first failure ends it, after what is under way has ended, and the items are closed', async () => {
  let closed = false;
  let ended = 0;
  const source = async function* () {
    try {
      yield* items(100);
    } finally {
      closed = true;
    }
  };
  const all = sideBySide(source(), { most: 3, first: 3 }, async (item) => {
    if (item === 1) throw new Error('the second failed');
    await settle();
    ended++;
  });
  await expect(all).rejects.toThrow('the second failed');
  expect([closed, ended]).toEqual([true, 2]);
});
