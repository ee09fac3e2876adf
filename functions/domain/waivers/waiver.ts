import { type Document, isAlias, isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import * as z from 'zod';
import { CONTROLS, controlById } from '../controls/catalogue.ts';
import { LIMITS } from '../limits/limits.ts';
import { amount } from '../limits/markdown.ts';
import { nearestName } from '../model/edit-distance.ts';
import { TrailSealError } from '../model/errors.ts';
import { sanitize } from '../model/sanitize.ts';

/** An accepted exception: findings of one control, where the patterns say, until a day. */
export type Waiver = z.output<ReturnType<typeof waiverSchema>> & {
  /** Line of the file it begins on. */
  line: number;
};

/** `message` begins with the file and the line: `waivers.yaml:12: …`. */
export interface WaiverProblem {
  line: number;
  message: string;
}

/** The waivers file cannot be used; `problems` holds all that is wrong with it, by line. */
export class WaiverFileError extends TrailSealError {
  readonly problems: readonly WaiverProblem[];
  constructor(problems: readonly WaiverProblem[]) {
    super(
      'WAIVERS',
      problems.map(({ message }) => message),
    );
    this.name = 'WaiverFileError';
    this.problems = problems;
  }
}

const PROBLEMS_TOLD = 20;
const DAY_MS = 86_400_000;

/**
 * Reads a waivers file (`docs/waivers.md`). All scalars are text, so that account ids keep their zeros; anchors,
 * aliases and tags are refused, and so is what is unknown, expired by rule, or said twice.
 * @param today YYYY-MM-DD, UTC: an approval may not lie ahead
 * @param file how messages name the file
 * @throws WaiverFileError naming every problem with its line
 */
export const parseWaivers = (
  text: string,
  { today, file = 'waivers.yaml' }: { today: string; file?: string },
): Waiver[] => {
  const problems = new Problems(file);
  if (Buffer.byteLength(text, 'utf8') > LIMITS.waiversFile.most)
    throw problems.at(1, `the file is larger than ${amount(LIMITS.waiversFile)}`).error();
  const lines = new LineCounter();
  const document = read(text, lines, problems);
  const lineOf = (path: readonly PropertyKey[], key?: string): number =>
    lines.linePos(offsetOf(document, path, key)).line;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw problems.at(1, `the file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`).error();
  }
  const parsed = fileSchema(today).safeParse(value);
  if (parsed.success) return parsed.data.waivers.map((waiver, at) => ({ ...waiver, line: lineOf(['waivers', at]) }));
  for (const issue of parsed.error.issues) {
    if (issue.code !== 'unrecognized_keys') {
      problems.at(lineOf(issue.path), `${fieldOf(issue.path)}${issue.message}`);
      continue;
    }
    for (const key of issue.keys) {
      const shown = JSON.stringify(key.slice(0, 60));
      const known = issue.path.length === 0 ? 'waivers' : nearestName(key, FIELD_NAMES);
      problems.at(lineOf(issue.path, key), `there is no field ${shown}; the nearest is ${known}`);
    }
  }
  throw problems.error();
};

/** The problems found so far. */
class Problems {
  readonly #file: string;
  readonly #problems: WaiverProblem[] = [];
  constructor(file: string) {
    this.#file = file;
  }
  at(line: number, sentence: string): this {
    this.#problems.push({ line, message: sanitize(`${this.#file}:${line}: ${sentence}`) });
    return this;
  }
  get some(): boolean {
    return this.#problems.length > 0;
  }
  error(): WaiverFileError {
    const different = new Map(this.#problems.map((problem) => [problem.message, problem]));
    const sorted = [...different.values()].sort((a, b) => a.line - b.line);
    const more = sorted.length - PROBLEMS_TOLD;
    if (more <= 0) return new WaiverFileError(sorted);
    const { line } = sorted[PROBLEMS_TOLD] ?? { line: 1 };
    const rest = { line, message: `${this.#file}:${line}: and ${more} more problems from here on` };
    return new WaiverFileError([...sorted.slice(0, PROBLEMS_TOLD), rest]);
  }
}

/** Where the parser's own words are for programmers. */
const FAULTS = new Map<string, string>([
  ['MULTIPLE_DOCS', 'a second document begins here: put all waivers in one list'],
  ['RESOURCE_EXHAUSTION', 'is nested too deeply'],
]);

const read = (text: string, lineCounter: LineCounter, problems: Problems): Document.Parsed => {
  let document: Document.Parsed;
  try {
    // The failsafe schema knows text, lists and maps: no numbers, dates, merge keys or anything to run.
    document = parseDocument(text, { schema: 'failsafe', lineCounter, prettyErrors: false, logLevel: 'error' });
    for (const { pos, code, message } of [...document.errors, ...document.warnings]) {
      problems.at(lineCounter.linePos(pos[0]).line, FAULTS.get(code) ?? message);
    }
    visit(document, {
      Node: (_, node) => {
        const line = lineCounter.linePos(node.range?.[0] ?? 0).line;
        if (isAlias(node) || node.anchor) problems.at(line, 'anchors and aliases are not taken here: write it out');
        else if (node.tag?.startsWith('!')) problems.at(line, 'tags are not taken here');
      },
    });
  } catch (cause) {
    // Nesting of thousands of levels runs out of stack.
    throw problems.at(1, `the file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`).error();
  }
  if (problems.some) throw problems.error();
  return document;
};

/** Where the node at a path begins, or the nearest one above it that exists; with `key`, that key of the map there. */
const offsetOf = (document: Document.Parsed, path: readonly PropertyKey[], key?: string): number => {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    const field = key !== undefined && length === path.length ? keyNode(node, key) : null;
    const range = (field ?? (node as Node | null | undefined))?.range;
    if (range) return range[0];
  }
  return 0;
};

const keyNode = (node: unknown, key: string): Node | null => {
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return isScalar(pair?.key) ? pair.key : null;
};

/** `approver: `, or nothing for the file or a waiver as a whole. */
const fieldOf = (path: readonly PropertyKey[]): string => {
  const field = path.findLast((part) => typeof part === 'string');
  return field === undefined || field === 'waivers' ? '' : `${String(field)}: `;
};

const text = (most: number) =>
  z
    .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be text') })
    .trim()
    .min(1, 'is empty')
    .max(most, `is longer than ${most} characters`);

/** A pattern or a list of them. */
const patterns = (shape: RegExp, what: string) => {
  const pattern = text(2048).regex(shape, `must be ${what}, with * for any text`);
  return z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z
        .array(pattern, 'must be a pattern or a list of them')
        .min(1, 'is empty')
        .max(LIMITS.waiverPatterns.most, `has more than ${amount(LIMITS.waiverPatterns)}`),
    )
    .optional();
};

const day = text(10)
  .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'must be a date like 2027-01-31', abort: true })
  .refine((value) => asDay(Date.parse(value)) === value, { error: 'is no day of the calendar', abort: true });

/** YYYY-MM-DD, UTC; '' for no date. */
const asDay = (time: number): string => (Number.isNaN(time) ? '' : new Date(time).toISOString().slice(0, 10));

const controlIds = (): string[] => CONTROLS.map(({ id }) => id);
const isControl = (id: string): boolean => controlById(id) !== undefined;

/** A waiver as the file has it. Of the patterns (`*` any text, `?` one character) those left out match anything. */
const fields = {
  id: text(64).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be letters, digits, dots, dashes and underscores'),
  control: text(100).pipe(
    z.string().refine(isControl, {
      error: ({ input }) =>
        `there is no such control; the nearest is ${nearestName(String(input), controlIds() as [string, ...string[]])}`,
    }),
  ),
  accounts: patterns(/^[0-9*?]{1,12}$/, 'an account id of 12 digits'),
  /** The OU and all below it. */
  ous: patterns(/^[^/]/, 'an OU path like Root/Sandbox'),
  /** Of AWS Organizations; the account must have all of them. */
  account_tags: patterns(/^[^=]+=/, 'a tag like environment=sandbox'),
  regions: patterns(/^[a-z0-9*?-]+$/, 'a Region like eu-west-1'),
  /** For `region-recorded` `<account>/<region>`. */
  resources: patterns(/^/, 'an ARN'),
  reason: text(2000),
  ticket: text(200),
  approver: text(200),
  approved_on: day,
  expires_on: day,
};
const FIELD_NAMES = Object.keys(fields) as [string, ...string[]];

const waiverSchema = (today: string) =>
  z
    .strictObject(fields, {
      error: ({ code }) => (code === 'invalid_type' ? 'a waiver must be a map of fields' : undefined),
    })
    .superRefine(({ approved_on, expires_on, ...waiver }, context) => {
      const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
      const latest = asDay(Date.parse(approved_on) + LIMITS.waiverDays.most * DAY_MS);
      if (approved_on > today) problem('approved_on', `is in the future: today is ${today}`);
      if (expires_on < approved_on) problem('expires_on', `lies before approved_on, ${approved_on}`);
      if (expires_on > latest) {
        problem('expires_on', `may be at most ${LIMITS.waiverDays.most} days after approved_on, that is ${latest}`);
      }
      if (!waiver.accounts && !waiver.ous && !waiver.account_tags && !waiver.regions && !waiver.resources) {
        problem('id', 'needs accounts, ous, account_tags, regions or resources; say accounts: "*" to mean them all');
      }
    })
    .transform(({ approved_on, expires_on, accounts, ous, account_tags, regions, resources, ...waiver }) => ({
      ...waiver,
      accounts: accounts ?? null,
      ous: ous ?? null,
      accountTags: account_tags ?? null,
      regions: regions ?? null,
      resources: resources ?? null,
      approvedOn: approved_on,
      expiresOn: expires_on,
      /** The last instant of `expiresOn`, ISO 8601 UTC. */
      expiresAt: `${expires_on}T23:59:59.999Z`,
    }));

const fileSchema = (today: string) =>
  z
    .strictObject(
      {
        waivers: z
          .array(z.unknown(), { error: 'must be a list under waivers:, which may be empty: waivers: []' })
          .max(LIMITS.waivers.most, `the file has more than ${amount(LIMITS.waivers)}`)
          .pipe(z.array(waiverSchema(today))),
      },
      { error: ({ code }) => (code === 'invalid_type' ? 'must be a list under waivers:' : undefined) },
    )
    .superRefine(({ waivers }, context) => {
      const seen = new Set<string>();
      for (const [at, { id }] of waivers.entries()) {
        if (seen.has(id))
          context.addIssue({ code: 'custom', path: ['waivers', at, 'id'], message: `${id} is used twice` });
        seen.add(id);
      }
    });
