import { LIMITS } from '../domain/limits/limits.ts';
import { amount } from '../domain/limits/markdown.ts';
import { TrailSealError } from '../domain/model/errors.ts';
import type { RunSettings } from '../domain/model/plan.ts';

/** The options of `trailseal scan` as commander hands them over. */
export interface ScanOptions {
  out: string;
  roleName: string;
  externalId?: string;
  profile?: string;
  homeRegion?: string;
  accounts?: string[];
  excludeAccounts?: string[];
  ou?: string[];
  regions?: string[];
  excludeRegions?: string[];
  trustedAccounts?: string[];
  logArchiveAccounts?: string[];
  concurrency: string;
  resume?: string;
  waivers?: string;
  signingKey?: string;
  lake: boolean;
  sampleLogs?: boolean;
  sampleAccounts?: boolean;
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
  failOn: string;
  simulate?: string | true;
  /** The options that stood on the command line, by the names above. */
  given?: string[];
}

const LISTS = [
  ...(['accounts', 'excludeAccounts', 'ou', 'regions'] as const),
  ...(['excludeRegions', 'trustedAccounts', 'logArchiveAccounts'] as const),
];

export type FailOn = ReadonlySet<'findings' | 'partial'>;

/** Everything that can be wrong with the options is said before anything is called. @throws TrailSealError USAGE */
export function runSettings(options: ScanOptions, homeRegion: string): RunSettings {
  const self = options.accounts?.includes('self') ?? false;
  if (self && options.accounts?.length !== 1)
    throw usage('--accounts self stands alone: it scans the account of the credentials.');
  for (const flag of LISTS) {
    if ((options[flag] ?? []).length > LIMITS.filter.most)
      throw usage(`--${kebab(flag)} takes ${amount(LIMITS.filter)} at most.`);
  }
  for (const flag of ['accounts', 'excludeAccounts', 'trustedAccounts', 'logArchiveAccounts'] as const) {
    for (const id of options[flag] ?? []) {
      if (!/^\d{12}$/.test(id) && !(flag === 'accounts' && id === 'self')) {
        throw usage(`"${id.slice(0, 40)}" (--${kebab(flag)}) is not an account id: give 12 digits.`);
      }
    }
  }
  if (!/^[\w+=,.@/-]{1,128}$/.test(options.roleName))
    throw usage(`"${options.roleName.slice(0, 80)}" (--role-name) is not a name that IAM takes.`);
  const { externalId } = options;
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    throw usage('--external-id must have 2 to 1224 letters, digits or + = , . @ : / -.');
  }
  return {
    roleName: options.roleName,
    externalId: externalId ?? null,
    homeRegion,
    onlyAccounts: options.accounts ?? null,
    excludeAccounts: options.excludeAccounts ?? [],
    onlyOus: options.ou ?? null,
    onlyRegions: options.regions ?? null,
    excludeRegions: options.excludeRegions ?? [],
    lake: options.lake,
    sampleLogs: (options.sampleLogs || options.sampleAccounts) ?? false,
    sampleAccounts: options.sampleAccounts ?? false,
    concurrency: concurrency(options.concurrency),
    trustedAccounts: options.trustedAccounts ?? [],
    logArchiveAccounts: options.logArchiveAccounts ?? [],
    waiversKey: null,
  };
}

export function failOn(text: string): FailOn {
  const words = text.split(',').map((word) => word.trim());
  if (words.length === 1 && words[0] === 'none') return new Set();
  const known = words.filter((word): word is 'findings' | 'partial' => word === 'findings' || word === 'partial');
  if (known.length !== words.length)
    throw usage(`--fail-on takes findings, partial, both with a comma, or none; not "${text.slice(0, 60)}".`);
  return new Set(known);
}

/** A list given once with commas or several times. */
export const list = (value: string, earlier: string[] | undefined): string[] => [
  ...(earlier ?? []),
  ...value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
];

function concurrency(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > LIMITS.concurrency.most)
    throw usage(`--concurrency takes a whole number from 1 to ${LIMITS.concurrency.most}, not "${text.slice(0, 20)}".`);
  return value;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const usage = (message: string): TrailSealError => new TrailSealError('USAGE', message);
