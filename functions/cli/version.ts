import { readFileSync } from 'node:fs';

/** The package's version; the same relative path from functions/cli and from dist/cli. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
