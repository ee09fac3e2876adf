import { likelyName } from '../domain/model/edit-distance.ts';
import { TrailSealError } from '../domain/model/errors.ts';
import type { WireRequest, WireResponse } from './apis/wire.ts';
import type { CallRecord } from './server/call-log.ts';
import { FAULTS, type FaultRates } from './server/faults.ts';
import { PARTITIONS, type Partition, regionsOf } from './world/regions.ts';
import type { WorldSpec } from './world/world-spec.ts';

export const PRESETS = ['showcase', 'control-tower', 'control-tower-no-kms', 'grown', 'tidy'] as const;
export type Preset = (typeof PRESETS)[number];

export const MAX_ACCOUNTS = 50_000;

/** What a simulated organization is to be. All of it has defaults. */
export interface SimulationSpec extends FaultRates {
  /** Default `showcase`. Not with `world`. */
  preset?: Preset;
  /** A hand-written world instead of a preset. */
  world?: WorldSpec;
  /** Default 7. The same seed gives the same organization. */
  seed?: number;
  /** 1 to 50,000, management account included. Default 60. */
  accounts?: number;
  /** 1 to 34 in `aws`; those on by default come first. Default 20: 17 that are on, and 3 to opt into. */
  regions?: number;
  /** Default `aws`. */
  partition?: Partition;
  /**
   * The simulation's present: every time in an answer is relative to it. Default the real time, cut to the hour, so
   * that two runs within the hour see the same times and an ordinary clock still tells what is 27 hours old.
   */
  now?: string;
  /** Milliseconds until each answer. Default 0. */
  latency?: number;
  /** AWS's request rates, with its throttling errors. Default false. */
  quotas?: boolean;
  /** Largest page of a list. Default 20, as in Organizations. */
  pageSize?: number;
  /** Shares of pages that come empty with a token, come twice, or come short. Default 0. */
  emptyPages?: number;
  repeatedPages?: number;
  shortPages?: number;
  /** Share of members without the audit role, beside those that the world has anyway. Default 0. */
  deniedRoles?: number;
  /** Who scans: `management` (default), `delegated` (the audit account), `member`, or `alone` (in no organization). */
  caller?: 'management' | 'delegated' | 'member' | 'alone';
  /** Default TrailSealAudit. */
  roleName?: string;
  /** Required of AssumeRole where set. */
  externalId?: string;
  /** Only the retired `Account.Status`, as older endpoints answer. */
  legacyStatus?: boolean;
  /** Names of accounts, trails and keys that try to break what reads them. */
  hostile?: boolean;
  /** The services' clock minus the real one, in milliseconds. Default 0. */
  clockSkewMs?: number;
  /** Assumed sessions end after so many milliseconds, or so many calls, though AssumeRole promised what was asked. */
  sessionMs?: number;
  sessionCalls?: number;
  /** The caller's own credentials end after so many calls. */
  callerCalls?: number;
  /** Denials by service control policies name the policy's ARN, as AWS does since 2026. Default false. */
  namePolicies?: boolean;
  /** Check every signature (about 0.1 ms a call). Default false: the key id and token are checked always. */
  verifySignatures?: boolean;
  /** An IAM policy that the audit role has; default: everything read here is allowed. */
  rolePolicy?: string;
}

/** What can only be given in code. */
export interface SimulationHooks {
  /** Every call, once answered. */
  onCall?: (record: CallRecord) => void;
  /** Calls kept for `recent()`. Default 0. */
  keepCalls?: number;
  /** Answers in place of the service, or lets the call go on. */
  intercept?: (call: InterceptedCall) => WireResponse | 'reset' | 'stall' | undefined;
}

export interface InterceptedCall {
  service: string;
  operation: string;
  region: string;
  /** The signer's account; null where the credentials are unknown. */
  accountId: string | null;
  input: Readonly<Record<string, unknown>>;
  request: WireRequest;
  /** How many calls reached the simulation before this one. */
  number: number;
}

type Kind = 'count' | 'rate' | 'flag' | 'text' | 'signed';

interface Setting {
  field: keyof SimulationSpec;
  kind: Kind;
  /** For help texts. */
  means: string;
  choices?: readonly string[];
  least?: number;
  most?: number;
}

/** The keys of `--simulate`, in the order in which help lists them. */
export const SIMULATE_KEYS: Readonly<Record<string, Setting>> = {
  preset: { field: 'preset', kind: 'text', choices: PRESETS, means: 'what kind of organization' },
  accounts: { field: 'accounts', kind: 'count', least: 1, most: MAX_ACCOUNTS, means: 'how many accounts' },
  regions: { field: 'regions', kind: 'count', least: 1, most: 34, means: 'how many Regions' },
  seed: { field: 'seed', kind: 'count', least: 0, most: 2 ** 31 - 1, means: 'same seed, same organization' },
  partition: { field: 'partition', kind: 'text', choices: PARTITIONS, means: 'AWS partition' },
  now: { field: 'now', kind: 'text', means: 'the present, e.g. 2026-11-02T10:00:00Z' },
  latency: { field: 'latency', kind: 'count', least: 0, most: 60_000, means: 'milliseconds a call' },
  quotas: { field: 'quotas', kind: 'flag', means: "AWS's request rates" },
  throttle: { field: 'throttle', kind: 'rate', means: 'share of calls throttled' },
  error: { field: 'error', kind: 'rate', means: 'share of calls answered 500 or 503' },
  reset: { field: 'reset', kind: 'rate', means: 'share of connections reset' },
  stall: { field: 'stall', kind: 'rate', means: 'share of calls never answered' },
  lost: { field: 'lost', kind: 'rate', means: 'share of calls done whose answer is lost' },
  truncated: { field: 'truncated', kind: 'rate', means: 'share of answers broken off' },
  garbled: { field: 'garbled', kind: 'rate', means: 'share of answers cut short unnoticed' },
  html: { field: 'html', kind: 'rate', means: 'share of answers that are an HTML page' },
  denied: { field: 'deniedRoles', kind: 'rate', means: 'share of accounts without the role' },
  page: { field: 'pageSize', kind: 'count', least: 1, most: 20, means: 'largest page of a list' },
  empty: { field: 'emptyPages', kind: 'rate', means: 'share of pages empty with a token' },
  repeated: { field: 'repeatedPages', kind: 'rate', means: 'share of pages given twice' },
  short: { field: 'shortPages', kind: 'rate', means: 'share of pages cut short' },
  caller: {
    field: 'caller',
    kind: 'text',
    choices: ['management', 'delegated', 'member', 'alone'],
    means: 'who scans',
  },
  role: { field: 'roleName', kind: 'text', means: 'the role that exists' },
  'external-id': { field: 'externalId', kind: 'text', means: 'external id the role asks for' },
  legacy: { field: 'legacyStatus', kind: 'flag', means: 'only the retired Account.Status' },
  hostile: { field: 'hostile', kind: 'flag', means: 'names that try to break things' },
  skew: { field: 'clockSkewMs', kind: 'signed', means: "milliseconds the services' clock is ahead" },
  'session-ms': {
    field: 'sessionMs',
    kind: 'count',
    least: 1,
    most: 43_200_000,
    means: 'milliseconds a session really lasts',
  },
  'session-calls': { field: 'sessionCalls', kind: 'count', least: 1, most: 1e9, means: 'calls a session lasts' },
  'caller-calls': { field: 'callerCalls', kind: 'count', least: 0, most: 1e9, means: "calls the caller's keys last" },
  'name-policies': { field: 'namePolicies', kind: 'flag', means: 'denials name the policy' },
  signatures: { field: 'verifySignatures', kind: 'flag', means: 'check every signature' },
};

/**
 * Reads `accounts=200,regions=17,seed=7,…` of `--simulate` and `simulate`.
 * @throws TrailSealError `SIMULATION`, one sentence that names the key or value and those that exist
 */
export const parseSimulationSpec = (text: string): SimulationSpec => {
  if (text.length > 10_000) throw mistake('more than 10,000 characters.');
  const spec: Record<string, unknown> = {};
  const given = new Set<string>();
  for (const part of text
    .split(',')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')) {
    const cut = part.indexOf('=');
    const name = (cut === -1 ? part : part.slice(0, cut)).trim();
    const value = cut === -1 ? null : part.slice(cut + 1).trim();
    const setting = Object.hasOwn(SIMULATE_KEYS, name) ? SIMULATE_KEYS[name] : undefined;
    if (!setting) {
      const near = likelyName(name, Object.keys(SIMULATE_KEYS));
      throw mistake(
        `unknown key '${name}'${near ? `; did you mean '${near}'?` : '.'} The keys are ${Object.keys(SIMULATE_KEYS).join(', ')}.`,
      );
    }
    if (given.has(name)) throw mistake(`'${name}' is given twice.`);
    given.add(name);
    spec[setting.field] = settingFrom(name, value, setting);
  }
  const parsed = spec as SimulationSpec;
  validateSimulationSpec(parsed);
  return parsed;
};

const settingFrom = (name: string, value: string | null, setting: Setting): unknown => {
  if (setting.kind === 'flag') {
    if (value === null || value === '1' || value === 'true') return true;
    if (value === '0' || value === 'false') return false;
    throw mistake(`${name}=${value}: give 1 or 0.`);
  }
  if (value === null || value === '') throw mistake(`'${name}' needs a value: ${name}=… (${setting.means}).`);
  if (setting.kind === 'text') {
    if (setting.choices && !setting.choices.includes(value)) {
      const near = likelyName(value, setting.choices);
      throw mistake(
        `${name}=${value}: there is no such ${name}${near ? `; did you mean '${near}'?` : '.'} There are ${setting.choices.join(', ')}.`,
      );
    }
    return value;
  }
  const number = Number(value);
  if (!Number.isFinite(number)) throw mistake(`${name}=${value}: '${value}' is not a number.`);
  return number;
};

/**
 * Checks ranges and combinations, wherever the spec came from.
 * @throws TrailSealError `SIMULATION`
 */
export const validateSimulationSpec = (spec: SimulationSpec): void => {
  const fields = ['world', 'rolePolicy', ...Object.values(SIMULATE_KEYS).map(({ field }) => field)];
  for (const field of Object.keys(spec)) {
    if (!fields.includes(field))
      throw mistake(`a simulation has no setting '${field}'. The settings are ${fields.join(', ')}.`);
  }
  for (const [name, setting] of Object.entries(SIMULATE_KEYS)) {
    const value = spec[setting.field];
    if (value === undefined) continue;
    if (setting.kind === 'rate' && !(typeof value === 'number' && value >= 0 && value <= 1)) {
      throw mistake(`${name}=${shown(value)}: give a share from 0 to 1, e.g. ${name}=0.1.`);
    }
    if (setting.kind === 'count') {
      const { least = 0, most = Number.MAX_SAFE_INTEGER } = setting;
      if (!Number.isInteger(value) || Number(value) < least || Number(value) > most) {
        throw mistake(`${name}=${shown(value)}: give a whole number from ${least} to ${most}.`);
      }
    }
    if (setting.kind === 'text' && typeof value !== 'string') throw mistake(`${name}=${shown(value)}: give text.`);
    if (setting.kind === 'flag' && typeof value !== 'boolean')
      throw mistake(`${name}=${shown(value)}: give true or false.`);
    if (setting.kind === 'signed' && !Number.isInteger(value))
      throw mistake(`${name}=${shown(value)}: give a whole number.`);
    if (setting.choices && !(setting.choices as readonly unknown[]).includes(value)) {
      throw mistake(`${name}=${shown(value)}: there is no such ${name}. There are ${setting.choices.join(', ')}.`);
    }
  }
  const rates = FAULTS.reduce((sum, fault) => sum + (spec[fault] ?? 0), 0);
  if (rates > 1) throw mistake(`the shares of ${FAULTS.join(', ')} add up to ${rates}: more than every call.`);
  const most = regionsOf(spec.partition ?? 'aws').length;
  if (spec.regions !== undefined && spec.regions > most) {
    throw mistake(`regions=${shown(spec.regions)}: partition ${shown(spec.partition ?? 'aws')} has ${most}.`);
  }
  if (spec.now !== undefined && !(/^\d{4}-\d{2}-\d{2}T/.test(spec.now) && Number.isFinite(Date.parse(spec.now)))) {
    throw mistake(`now=${shown(spec.now)}: give an instant like 2026-11-02T10:00:00Z.`);
  }
  if (spec.world && (spec.preset ?? spec.accounts ?? spec.regions ?? spec.hostile ?? spec.deniedRoles) !== undefined) {
    throw mistake(
      'a world says its own accounts, roles and regions: give no preset, accounts, regions, denied or hostile beside it.',
    );
  }
};

/** A value as a sentence can hold it, whatever was given. */
const shown = (value: unknown): string => (Object(value) === value ? 'an object' : String(value).slice(0, 100));

const mistake = (sentence: string): TrailSealError => new TrailSealError('SIMULATION', `--simulate: ${sentence}`);
