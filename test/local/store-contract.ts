import { describe, expect, test } from '@jest/globals';
import { StoreError } from '../../functions/domain/model/errors.ts';
import type { ReportStore } from '../../functions/domain/model/store.ts';

/** What every form of the report store must do; `open` gives a store over a root of its own. */
export const storeContract = (name: string, open: () => Promise<ReportStore>): void => {
  describe(`${name} as a report store`, () => {
    test('gives back what was written, as bytes and as a stream', async () => {
      const store = await open();
      await store.write('runs/a/plan.json', 'héllo');
      await store.write('runs/a/bytes', new Uint8Array([0, 255, 1]));
      expect(text(await store.read('runs/a/plan.json'))).toBe('héllo');
      expect([...((await store.read('runs/a/bytes')) ?? [])]).toEqual([0, 255, 1]);
      expect(text(await whole(await store.open('runs/a/plan.json')))).toBe('héllo');
    });

    test('writes a stream of chunks, also an empty one and one of several megabytes', async () => {
      const store = await open();
      await store.write('streamed', chunks(['a', 'b', 'c']));
      expect(text(await store.read('streamed'))).toBe('abc');
      await store.write('empty', chunks([]));
      expect((await store.read('empty'))?.length).toBe(0);
      const megabyte = 'x'.repeat(1_000_000);
      await store.write('large', chunks(Array.from({ length: 7 }, () => megabyte)));
      expect((await whole(await store.open('large')))?.length).toBe(7_000_000);
    });

    test('answers null for what is not there, a folder included', async () => {
      const store = await open();
      expect(await store.read('none')).toBeNull();
      expect(await store.open('none')).toBeNull();
      await store.write('folder/file', 'x');
      expect(await store.read('folder')).toBeNull();
      expect(await store.open('folder')).toBeNull();
      expect(await store.read('folder/file/below')).toBeNull();
    });

    test('overwrites', async () => {
      const store = await open();
      await store.write('latest.json', 'a longer first version');
      await store.write('latest.json', 'second');
      expect(text(await store.read('latest.json'))).toBe('second');
    });

    test('a body that fails leaves what was there, and its own error reaches the writer', async () => {
      const store = await open();
      await store.write('kept', 'first');
      await expect(store.write('kept', failing(6_000_000))).rejects.toThrow('the body broke');
      expect(text(await store.read('kept'))).toBe('first');
      await expect(store.write('never', failing(10))).rejects.toThrow('the body broke');
      expect(await store.read('never')).toBeNull();
      expect(await keys(store, '')).toEqual(['kept']);
    });

    test('lists keys under a prefix in order, whole names or part of one', async () => {
      const store = await open();
      await writesInOrder(store, ['a/b/c', 'a-b', 'a.b', 'a/b-c', 'ab', 'a/z', 'a/Z', 'b', 'a/b.d', 'a b']);
      expect(await keys(store, 'none/')).toEqual([]);
    });

    test.each(['../outside', 'a/../../outside', '/etc/passwd', 'a//b', './a', '', 'a/', 'a\0b', 'a\\..\\b'])(
      'refuses the key %j',
      async (key) => {
        const store = await open();
        await expect(store.write(key, 'x')).rejects.toThrow(StoreError);
        await expect(store.read(key)).rejects.toThrow(StoreError);
        await expect(store.open(key)).rejects.toThrow(StoreError);
        expect(() => store.objectKey(key)).toThrow(StoreError);
      },
    );

    test('writers at once leave one of their versions, whole', async () => {
      const store = await open();
      const versions = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000));
      await Promise.all(versions.map((version) => store.write('contended', chunks([version]))));
      expect(versions).toContain(text(await store.read('contended')));
      expect(await keys(store, '')).toEqual(['contended']);
    });
  });
};

/** S3 orders by the bytes of UTF-8, in which a character beyond the first plane comes after one that JavaScript puts last. */
export const ordersByBytes = (name: string, open: () => Promise<ReportStore>): void => {
  test(`${name} lists names beyond ASCII by their bytes`, async () => {
    await writesInOrder(await open(), ['a/\u{1F600}', 'a/\uFFFD', 'a/\u00E9', 'a/z', 'a\u00E9/x']);
  });
};

const writesInOrder = async (store: ReportStore, written: string[]): Promise<void> => {
  for (const key of written) await store.write(key, key);
  const sorted = [...written].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
  expect(await keys(store, '')).toEqual(sorted);
  for (const prefix of ['a/', 'a/b', 'a']) {
    expect(await keys(store, prefix)).toEqual(sorted.filter((key) => key.startsWith(prefix)));
  }
};

/** A thousand keys is what one page of S3 holds. */
export const listsBeyondAPage = (name: string, open: () => Promise<ReportStore>): void => {
  test(`${name} lists more keys than one page of S3`, async () => {
    const store = await open();
    const written = Array.from({ length: 1_005 }, (_, i) => `many/${String(i).padStart(5, '0')}`);
    for (let i = 0; i < written.length; i += 50) {
      await Promise.all(written.slice(i, i + 50).map((key) => store.write(key, '')));
    }
    expect(await keys(store, 'many/')).toEqual(written);
  }, 60_000);
};

export const keys = async (store: ReportStore, prefix: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const key of store.list(prefix)) found.push(key);
  return found;
};

export async function* chunks(parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield new TextEncoder().encode(part);
}

async function* failing(bytes: number): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(bytes);
  throw new Error('the body broke');
}

const whole = async (stream: AsyncIterable<Uint8Array> | null): Promise<Uint8Array | null> => {
  if (stream === null) return null;
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
};

export const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : new TextDecoder().decode(bytes);
