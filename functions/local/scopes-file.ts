import { readFile } from 'node:fs/promises';
import { TrailSealError } from '../domain/model/errors.ts';
import { parseScopes, type Scope, scopeNamed } from '../domain/scopes/scope.ts';

/** Looked for in the current folder where no `--scopes` names another. */
const SCOPES_FILE = 'scopes.yaml';

/** @throws TrailSealError USAGE, SCOPES */
export async function readScope(name: string, file: string = SCOPES_FILE): Promise<Scope> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const how = file === SCOPES_FILE ? 'write it, or name another with --scopes' : 'it is what --scopes names';
    throw new TrailSealError('USAGE', `${file.slice(0, 200)} cannot be read (${code}): ${how}.`, { cause });
  }
  return scopeNamed(name, parseScopes(text, file), file);
}
