import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

let own: string | undefined;
/** What the suites of this run share; outside jest a folder of this process. */
const runFolder = (): string => {
  if (process.env.TRAILSEAL_TEST_RUN) return process.env.TRAILSEAL_TEST_RUN;
  if (own === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'trailseal-tests-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    own = made;
  }
  return own;
};

/**
 * Makes something once in a run of the tests, in a folder: the first suite that asks makes it, the others wait and only
 * read it.
 * @returns the folder
 * @throws in every suite that asks, where it could not be made
 */
export async function onceInRun(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(runFolder(), name);
  const [made, failed] = [`${folder}.made`, `${folder}.failed`];
  if (existsSync(made)) return folder;
  if (await isFirst(`${folder}.taken`)) {
    try {
      await mkdir(folder);
      await make(folder);
      await writeFile(made, '');
      return folder;
    } catch (error) {
      await writeFile(`${failed}.tmp`, String(error));
      await rename(`${failed}.tmp`, failed);
      throw error;
    }
  }
  while (!existsSync(made)) {
    if (existsSync(failed)) throw new Error(`${name} could not be made: ${await readFile(failed, 'utf8')}`);
    await delay(20);
  }
  return folder;
}

const isFirst = (path: string): Promise<boolean> =>
  mkdir(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
