import type { ContextReader } from './request.ts';

const MANY = -1;
const ONE = -2;
const COLON = 58;

/** UTF-16 code units with `MANY` for `*` and `ONE` for `?`, so that an escaped or substituted `*` stays a character. */
export type Pattern = readonly number[];

/** - `ABSENT`: names a key the request does not carry, and so equals nothing · `UNKNOWN`: names one that is not known */
export type Compiled = { pattern: Pattern } | { unresolved: 'ABSENT' | 'UNKNOWN' };

export interface CompileOptions {
  /** `*` and `?` are wildcards (StringLike, Arn*, Resource) rather than characters (StringEquals). */
  wildcards: boolean;
  /** Policy variables are read from here; null where the policy's version has none (2008-10-17). */
  variables: ContextReader | null;
}

const codes = (text: string): number[] => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));

/**
 * A policy value made ready to match. `${*}`, `${?}` and `${$}` are the characters themselves;
 * `${key}` and `${key, 'default'}` are replaced by the request's value, in which wildcards are plain characters.
 */
export const compile = (text: string, { wildcards, variables }: CompileOptions): Compiled => {
  const pattern: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const end = variables && text.startsWith('${', at) ? text.indexOf('}', at + 2) : -1;
    if (variables && end !== -1) {
      const resolved = variable(text.slice(at + 2, end), variables);
      if (typeof resolved !== 'string') return resolved;
      pattern.push(...codes(resolved));
      at = end;
      continue;
    }
    const code = text.charCodeAt(at);
    if (wildcards && code === 42) pattern.push(MANY);
    else if (wildcards && code === 63) pattern.push(ONE);
    else pattern.push(code);
  }
  return { pattern };
};

const variable = (inside: string, context: ContextReader): string | { unresolved: 'ABSENT' | 'UNKNOWN' } => {
  if (inside === '*' || inside === '?' || inside === '$') return inside;
  const comma = inside.indexOf(',');
  const key = (comma === -1 ? inside : inside.slice(0, comma)).trim();
  const quoted = comma === -1 ? null : inside.slice(comma + 1).trim();
  if (quoted !== null && !(quoted.length >= 2 && quoted.startsWith("'") && quoted.endsWith("'"))) {
    return { unresolved: 'UNKNOWN' };
  }
  const states = context(key.toLowerCase());
  const [only] = states ?? [];
  if (states?.length !== 1 || only === undefined) return { unresolved: 'UNKNOWN' };
  if (only === null) return quoted === null ? { unresolved: 'ABSENT' } : quoted.slice(1, -1);
  const [value] = only;
  // AWS does not say what a list means inside a variable.
  return only.length === 1 && value !== undefined ? value : { unresolved: 'UNKNOWN' };
};

/** Greedy with one step back, so O(pattern × text) at worst: a policy's text must never become a regular expression. */
export const matches = (pattern: Pattern, text: string): boolean => {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const code = pattern[p];
    if (code === MANY) {
      if (p === pattern.length - 1) return true;
      star = p;
      resume = t;
      p += 1;
    } else if (code === ONE || code === text.charCodeAt(t)) {
      p += 1;
      t += 1;
    } else if (star !== -1) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else return false;
  }
  while (pattern[p] === MANY) p += 1;
  return p === pattern.length;
};

/** The pattern cut at the first five colons, as an ARN's six parts; null where it has fewer. */
const arnParts = (pattern: Pattern): Pattern[] | null => {
  const parts: number[][] = [[]];
  for (const code of pattern) {
    if (code === COLON && parts.length < 6) parts.push([]);
    else parts.at(-1)?.push(code);
  }
  return parts.length === 6 ? parts : null;
};

/** As ArnLike and ArnEquals compare: each of the six parts on its own. null where the pattern is not shaped like an ARN. */
export const matchesArn = (pattern: Pattern, text: string): boolean | null => {
  const parts = arnParts(pattern);
  if (!parts) return null;
  const found = text.split(':');
  if (found.length < 6) return false;
  const given = [...found.slice(0, 5), found.slice(5).join(':')];
  return parts.every((part, at) => matches(part, given[at] ?? ''));
};

/** `*` and `?` as wildcards, no variables: Action, and Resource of a 2008 policy. */
export const matchesWildcard = (text: string, subject: string): boolean => {
  const compiled = compile(text, { wildcards: true, variables: null });
  return 'pattern' in compiled && matches(compiled.pattern, subject);
};
