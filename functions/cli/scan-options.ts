import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { LIMITS } from '../domain/limits/limits.ts';
import { amount } from '../domain/limits/markdown.ts';
import { usageError } from '../domain/model/errors.ts';
import { SEVERITIES, type Severity } from '../domain/model/vocabulary.ts';
import { scopeEntries } from '../domain/scopes/scope.ts';
import {
  defaultSettings,
  flagOf,
  RUN_SETTINGS,
  type RunSettings,
  type SettingName,
  type SettingOptions,
  settingDeclarations,
  withoutSlash,
  withRole,
} from '../domain/settings/run-settings.ts';
import { readScope } from '../local/scopes-file.ts';

/** The options of `trailseal scan` as commander hands them over. */
export interface ScanOptions extends SettingOptions {
  out: string;
  profile?: string;
  resume?: string;
  because?: string;
  waivers?: string;
  sseKmsKey?: string;
  signingKey?: string;
  dryRun?: boolean;
  json?: boolean;
  timings?: boolean;
  quiet?: boolean;
  debug?: boolean;
  failOn: string;
  simulate?: string | true;
  /** The options that stood on the command line, by the names above. */
  given?: string[];
}

/** What makes a scan end with another code than 0. */
export interface FailOn {
  partial: boolean;
  /** Findings of this severity and worse; null for none. */
  findingsFrom: Severity | null;
}

/** Everything that can be wrong with the options is said before anything is called. @throws TrailSealError USAGE */
export function runSettings(options: ScanOptions, homeRegion: string): RunSettings {
  const self = options.accounts?.includes('self') ?? false;
  if (self && options.accounts?.length !== 1)
    throw usageError('--accounts self stands alone: it scans the account of the credentials.');
  if (options.accountsFile && (options.accounts || options.ou || options.accountTag))
    throw usageError('--accounts-file names all accounts itself: leave --accounts, --ou and --account-tag out.');
  if (options.scope && (options.accounts || options.accountsFile || options.ou || options.accountTag))
    throw usageError('--scope stands alone: leave --accounts, --accounts-file, --ou and --account-tag out.');
  const asked = settingDeclarations.flatMap((declared): [SettingName, unknown][] => {
    const { name, option, kind } = declared;
    const value = option === undefined ? undefined : options[option as keyof SettingOptions];
    if (value === undefined) return [];
    check(declared, value);
    return [[name, kind === 'count' ? Number(value) : value]];
  });
  const settings: RunSettings = { ...defaultSettings(), ...Object.fromEntries(asked), homeRegion };
  return withRole({ ...settings, sampleLogs: settings.sampleLogs || settings.sampleAccounts });
}

type Declaration = (typeof settingDeclarations)[number];

function check(declared: Declaration, value: string | string[] | boolean): void {
  const { kind, pattern, expected } = declared;
  const flag = flagOf(declared);
  if (Array.isArray(value) && value.length > LIMITS.filter.most)
    throw usageError(`${flag} takes ${amount(LIMITS.filter)} at most.`);
  const most = LIMITS.concurrency.most;
  if (kind === 'count' && !(Number.isInteger(Number(value)) && Number(value) >= 1 && Number(value) <= most))
    throw usageError(`${flag} takes a whole number from 1 to ${most}, not "${String(value).slice(0, 20)}".`);
  if (pattern === undefined || typeof value === 'boolean') return;
  const wrong = [value].flat().find((text) => !pattern.test(text));
  if (wrong !== undefined) throw usageError(`"${wrong.slice(0, 80)}" (${flag}) is not ${expected}.`);
}

/** Gives a command the options of these settings, with their help. */
export function addSettings(command: Command, names?: readonly SettingName[]): Command {
  for (const declared of settingDeclarations) {
    const { name, option, takes, help = '', kind, byDefault } = declared;
    if (option === undefined || (names && !names.includes(name))) continue;
    const flags = `${flagOf(declared)}${takes === undefined ? '' : ` <${takes}>`}`;
    if (kind === 'list') command.option(flags, help, LISTS[name] ?? list);
    else if (kind === 'flag' || !byDefault) command.option(flags, help);
    else command.option(flags, help, String(byDefault));
  }
  return command;
}

/** The settings that the input of an execution can carry: what `trailseal run` has options for. */
export const INPUT_SETTINGS: readonly SettingName[] = settingDeclarations.flatMap(({ name, input }) =>
  input === undefined ? [] : [name],
);

/** The scanner's stack, where no name prefix is set. */
export const DEFAULT_STACK = 'TrailSeal';

export function failOn(text: string): FailOn {
  const words = text.split(',').map((word) => word.trim());
  if (words.length === 1 && words[0] === 'none') return { partial: false, findingsFrom: null };
  const mildest = SEVERITIES.at(-1) ?? null;
  const from = words.flatMap((word) =>
    word === 'findings' ? [mildest] : SEVERITIES.filter((severity) => severity.toLowerCase() === word),
  );
  const partials = words.filter((word) => word === 'partial');
  if (from.length > 1 || partials.length > 1 || from.length + partials.length !== words.length)
    throw usageError(
      `--fail-on takes findings or one severity (${SEVERITIES.map((s) => s.toLowerCase()).join(', ')}), partial, one of each with a comma, or none; not "${text.slice(0, 60)}".`,
    );
  return { partial: partials.length > 0, findingsFrom: from[0] ?? null };
}

/**
 * The accounts of a file: an id a line, after it the role where it is another (`111122223333 audit/Reader`, or with a
 * comma); `#` begins a comment.
 * @throws TrailSealError USAGE naming the line
 */
const accountsInFile = (file: string, earlier: string[] | undefined): string[] => {
  if (earlier !== undefined) throw usageError('--accounts-file is given twice: put all accounts into one file.');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw usageError(`The file of accounts ${file.slice(0, 200)} (--accounts-file) cannot be read.`, {
      cause,
    });
  }
  const { pattern, expected } = RUN_SETTINGS.listedAccounts;
  const found = new Map<string, string>();
  for (const [at, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const [id = '', role, ...more] = line
      .replace(/#.*/, '')
      .split(/[\s,]+/)
      .filter((word) => word !== '');
    if (id === '') continue;
    const entry = role === undefined ? id : `${id} ${withoutSlash(role)}`;
    const where = `${file.slice(0, 200)}:${at + 1}:`;
    if (more.length > 0 || !pattern.test(entry))
      throw usageError(`${where} "${line.trim().slice(0, 80)}" is not ${expected}.`);
    if (found.has(id)) throw usageError(`${where} account ${id} is there twice.`);
    found.set(id, entry);
  }
  if (found.size === 0) throw usageError(`${file.slice(0, 200)} (--accounts-file) names no account.`);
  return [...found.values()].sort();
};

/** Given several times; a name may have commas in it. */
export const repeated = (value: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), value.trim()];

/** A list given once with commas or several times. */
export const list = (value: string, earlier: string[] | undefined): string[] => [
  ...(earlier ?? []),
  ...value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
];

/** How a list is read, where it is not with commas. */
const LISTS: { [N in SettingName]?: (value: string, earlier: string[] | undefined) => string[] } = {
  onlyOus: repeated,
  listedAccounts: accountsInFile,
  onlyScope: (asked) => scopeEntries(readScope(asked)),
};
