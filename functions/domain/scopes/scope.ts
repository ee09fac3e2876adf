import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { LIMITS } from '../limits/limits.ts';
import { amount } from '../limits/markdown.ts';
import { nearestName } from '../model/edit-distance.ts';
import { TrailSealError, usageError } from '../model/errors.ts';

/** What an environment holds, as far as a framework asks for it. */
export const HOLDS = ['card-data', 'ephi'] as const;
export type Holds = (typeof HOLDS)[number];

/** Part of an organization under a name of its own, such as a card-data environment: what any of its lists names. */
export interface Scope {
  name: string;
  holds: readonly Holds[];
  /** Account ids. */
  accounts: readonly string[];
  /** Organizational units: paths from the root, or ids. */
  ous: readonly string[];
  /** Organizations tags of accounts, `key=value`; an account with any of them is in. */
  tags: readonly string[];
}

const listOf = (pattern: RegExp, what: string) =>
  z.array(z.string(`is not ${what}`).regex(pattern, `is not ${what}`), 'is not a list').default([]);

const scopeSchema = z
  .strictObject({
    name: z
      .string('is missing')
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is not a name: small letters, digits and dashes, 64 at most'),
    holds: z.array(z.enum(HOLDS, `is neither ${HOLDS.join(' nor ')}`), 'is not a list').default([]),
    accounts: listOf(/^\d{12}$/, 'an account id of 12 digits'),
    ous: listOf(/\S/, 'an organizational unit'),
    tags: listOf(/^[^=]+=/, 'a tag such as data=card'),
  })
  .refine(
    ({ accounts, ous, tags }) => accounts.length + ous.length + tags.length > 0,
    'names no accounts, ous or tags',
  );
const FIELDS = ['name', 'holds', 'accounts', 'ous', 'tags'] as const;
const fileSchema = z.strictObject({ scopes: z.array(scopeSchema, 'is not a list') }, 'needs a list called scopes');

/**
 * Reads a file of scopes (docs/evidence.md). Every scalar is text, so that account ids keep their zeros.
 * @param file how the message names it
 * @throws TrailSealError SCOPES, naming the first problem with its line
 */
export function parseScopes(text: string, file = 'scopes.yaml'): Scope[] {
  const wrong = (line: number, sentence: string): TrailSealError =>
    new TrailSealError('SCOPES', `${file}:${line}: ${sentence}.`);
  if (Buffer.byteLength(text) > LIMITS.waiversFile.most)
    throw wrong(1, `the file is larger than ${amount(LIMITS.waiversFile)}`);
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, uniqueKeys: true });
  const [error] = document.errors;
  if (error)
    throw wrong(lines.linePos(error.pos[0]).line, error.message.split('\n')[0]?.replace(/ at line .*$/, '') ?? '');
  const parsed = fileSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if ((isScalar(node) || isMap(node)) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  if (!parsed.success) {
    const { issues } = parsed.error;
    // What is misspelled is missing, too: the message names it.
    const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
    const where = issue?.path.at(-1);
    if (issue?.code === 'unrecognized_keys') {
      const [key = ''] = issue.keys;
      const nearest = issue.path.length === 0 ? 'scopes' : nearestName(key, FIELDS);
      throw wrong(
        lineOf(issue.path),
        `there is no field ${JSON.stringify(key.slice(0, 60))}; the nearest is ${nearest}`,
      );
    }
    const field = typeof where === 'number' ? issue?.path.at(-2) : where;
    const subject =
      field === undefined || (typeof where === 'number' && field === 'scopes') ? 'the scope' : String(field);
    throw wrong(lineOf(issue?.path ?? []), `${subject} ${issue?.message ?? 'does not fit'}`);
  }
  const { scopes } = parsed.data;
  const twice = scopes.findIndex(({ name }, at) => scopes.findIndex((other) => other.name === name) < at);
  if (twice >= 0) throw wrong(lineOf(['scopes', twice, 'name']), `there are two scopes called ${scopes[twice]?.name}`);
  return scopes;
}

/** A scope as a run's settings keep it: `name=…`, then `account=…`, `ou=…` and `tag=…`. */
export const scopeEntries = ({ name, accounts, ous, tags }: Scope): string[] => [
  `name=${name}`,
  ...accounts.map((id) => `account=${id}`),
  ...ous.map((ou) => `ou=${ou}`),
  ...tags.map((tag) => `tag=${tag}`),
];

/** Such entries read again; what a scope holds is no matter of a run. */
export function scopeOfEntries(entries: readonly string[]): Omit<Scope, 'holds'> {
  const valuesOf = (kind: string): string[] =>
    entries.flatMap((entry) => (entry.startsWith(`${kind}=`) ? [entry.slice(kind.length + 1)] : []));
  return { name: valuesOf('name')[0] ?? '', accounts: valuesOf('account'), ous: valuesOf('ou'), tags: valuesOf('tag') };
}

/** @throws TrailSealError USAGE, with the nearest name there is */
export function scopeNamed(name: string, scopes: readonly Scope[], file = 'scopes.yaml'): Scope {
  const found = scopes.find((scope) => scope.name === name);
  if (found) return found;
  const [first, ...others] = scopes.map((scope) => scope.name);
  const nearest = first === undefined ? 'it has none' : `the nearest is ${nearestName(name, [first, ...others])}`;
  throw usageError(`There is no scope "${name.slice(0, 64)}" (--scope) in ${file}: ${nearest}.`);
}
