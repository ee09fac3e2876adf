import { readFileSync } from 'node:fs';
import { usageError } from '../domain/model/errors.ts';
import { parseScopes, type Scope, scopeNamed } from '../domain/scopes/scope.ts';

/** Looked for in the current folder where no other is named. */
const SCOPES_FILE = 'scopes.yaml';

/**
 * The scope of `--scope`: NAME, or FILE:NAME.
 * @throws TrailSealError USAGE, SCOPES
 */
export function readScope(asked: string): Scope {
  const at = asked.lastIndexOf(':');
  const [file, name] = at < 0 ? [SCOPES_FILE, asked] : [asked.slice(0, at), asked.slice(at + 1)];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw usageError(
      `${file.slice(0, 200)} cannot be read (${code}): --scope takes the name of a scope in ${SCOPES_FILE} here, or FILE:NAME.`,
      { cause },
    );
  }
  return scopeNamed(name, parseScopes(text, file), file);
}
