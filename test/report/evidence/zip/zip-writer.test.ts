import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openPromise } from 'yauzl';
import { createZipWriter } from '../../../../functions/report/evidence/zip/zip-writer.ts';
import { inDepth } from '../../../depth.ts';
import { unzipped } from '../zip-surgery.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zip-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const python = spawnSync('python3', ['--version']).status === 0;
/** A reader that is neither ours nor the library's. */
const soundToPython = (file: string): string => {
  const { stdout, stderr } = spawnSync('python3', ['-m', 'zipfile', '-t', file], { encoding: 'utf8' });
  return `${stdout}${stderr}`.trim();
};

describe('a zip that is written as it goes', () => {
  it('has what was added, in order: text, bytes and streams, packed where that helps', async () => {
    const file = join(folder, 'a.zip');
    const zip = createZipWriter({ sink: createWriteStream(file), folder: 'pack' });
    async function* stream() {
      for (let at = 0; at < 50; at++) yield Buffer.alloc(10_000, at);
    }
    const long = await buffer(stream());
    const added = [
      await zip.add('empty.txt', ''),
      await zip.add('näme – 名.csv', 'a,b\n'),
      await zip.add('deep/er/bytes.gz', Buffer.from([1, 2, 3])),
      await zip.add('long.json', stream()),
      await zip.add('long.parquet', stream()),
    ];
    await zip.end();
    const files = await unzipped(file);
    expect(files.map(({ path }) => path)).toEqual(added.map(({ path }) => `pack/${path}`));
    expect(files.map(({ bytes }) => [bytes.length, createHash('sha256').update(bytes).digest('hex')])).toEqual(
      added.map(({ bytes, sha256 }) => [bytes, sha256]),
    );
    expect(files[3]?.bytes.equals(long)).toBe(true);
    expect((await readFile(file)).length).toBeLessThan(long.length * 1.1);
    if (python) expect(soundToPython(file)).toBe('Done testing');
  });

  inDepth(
    'may have more files than the old format counts',
    async () => {
      const file = join(folder, 'many.zip');
      const zip = createZipWriter({ sink: createWriteStream(file), folder: 'pack' });
      for (let at = 0; at < 66_000; at++) await zip.add(`${at}.gz`, Buffer.from(String(at)));
      await zip.end();
      const opened = await openPromise(file, { autoClose: false });
      let entries = 0;
      for await (const entry of opened.eachEntry()) {
        expect(entry.fileName).toBe(`pack/${entries}.gz`);
        entries += 1;
      }
      opened.close();
      expect(entries).toBe(66_000);
      if (python) expect(soundToPython(file)).toBe('Done testing');
    },
    180_000,
  );

  it('reports a body or a sink that fails, and does not wait forever', async () => {
    const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      throw new Error('the store went away');
    }
    for (const path of ['a.gz', 'a.csv']) {
      const zip = createZipWriter({ sink: nowhere(), folder: 'pack' });
      await expect(zip.add(path, broken())).rejects.toThrow('the store went away');
    }
    const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no space left')) });
    const zip = createZipWriter({ sink: full, folder: 'pack' });
    const filled = async () => {
      await zip.add('a.gz', Buffer.alloc(1_000_000));
      await zip.add('b.csv', Buffer.alloc(1_000_000));
      await zip.end();
    };
    await expect(filled()).rejects.toThrow('no space left');
  });
});
