import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Suites that need more than Node and npm, or minutes. */
const ONLY_DEEP = /(^|\/)moto\/|\.(deep|browser)\.test\.ts$/;
const IMPORT = /(?:from|import) '(\.[^']+\.ts)'/g;

/**
 * Which suites run, by `TRAILSEAL_TESTS`: without it the quick ones, `all` of them, or with `rest` those that go further
 * than the quick run did: CI runs each once.
 * @returns what to give jest as testMatch
 */
export function suites(root) {
  const which = process.env.TRAILSEAL_TESTS;
  if (![undefined, 'all', 'rest'].includes(which)) throw new Error(`TRAILSEAL_TESTS is "${which}": all or rest.`);
  const all = readdirSync(join(root, 'test'), { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.ts'));
  const hasTwoForms = importerOf(join(root, 'test', 'depth.ts'), join(root, 'test'));
  const chosen = all.filter((file) => {
    if (which === 'all') return true;
    if (which === 'rest') return ONLY_DEEP.test(file) || hasTwoForms(join(root, 'test', file));
    return !ONLY_DEEP.test(file);
  });
  return chosen.map((file) => `<rootDir>/test/${file}`);
}

/** @returns a function that tells whether a file of a folder imports another, by itself or through others of the folder */
function importerOf(wanted, folder) {
  const known = new Map();
  const imports = (file) => {
    if (!known.has(file)) {
      known.set(file, false);
      const targets = [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, path]) => join(dirname(file), path));
      known.set(
        file,
        targets.some((target) => target === wanted || (target.startsWith(folder) && imports(target))),
      );
    }
    return known.get(file);
  };
  return imports;
}
