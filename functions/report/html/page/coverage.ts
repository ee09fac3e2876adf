import { shownVerdict } from '../../../domain/model/vocabulary.ts';
import { withWords } from '../place-words.ts';
import { openTable } from './unpack.ts';
import { VERDICTS } from './verdict-words.ts';

export interface Target {
  region: string;
  state: string;
  /** As it is shown: what the run left out is EXCLUDED. */
  verdict: string;
  basis: string;
  reason: string | null;
  cause: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  seen: string[];
  recording: string[];
}

export interface Account {
  /** Its place in the table. */
  row: number;
  id: string;
  name: string;
  state: string;
  ou: string;
  worst: string;
}

/** The ledger: accounts, each with its targets. Nothing is copied out of the packed columns until it is shown. */
export interface Coverage {
  accounts: number;
  regions: readonly string[];
  account(row: number): Account;
  detail(row: number, name: 'joined_at' | 'observed_at' | 'api_calls'): string | number | null;
  /** The row of an account id, or -1. */
  find(id: string): number;
  targets(row: number): Target[];
  /** For each region the place of the account's verdict in `VERDICTS`, or -1. */
  verdicts(row: number): Int8Array;
  /** Whether any target of the account is filed under the cause. */
  hasCause(row: number, cause: string): boolean;
  /** Ids of the accounts of which the trail records at least one region. */
  recordedBy(arn: string): string[];
}

let opened: Promise<Coverage> | undefined;

export function allCoverage(): Promise<Coverage> {
  opened ??= open();
  return opened;
}

type Outcome = [string, string, string, string | null, string | null, string | null, string | null];

async function open(): Promise<Coverage> {
  const [accounts, targets] = await Promise.all([openTable('accounts'), openTable('targets')]);
  const region = targets.column('region');
  const outcome = targets.column('outcome');
  const seen = targets.column('trail_arns');
  const recording = targets.column('recording_trail_arns');
  const outcomes = (outcome.values ?? []) as unknown as Outcome[];
  const regions = [...((region.values ?? []) as string[])].sort();
  const placeOfRegion = ((region.values ?? []) as string[]).map((name) => regions.indexOf(name));
  const verdictOf = Int8Array.from(outcomes, ([state, verdict]) => VERDICTS.indexOf(shownVerdict({ state, verdict })));
  const starts = new Uint32Array(accounts.rows + 1);
  const counts = accounts.column('targets');
  for (let row = 0; row < accounts.rows; row++) starts[row + 1] = (starts[row] ?? 0) + Number(counts.get(row) ?? 0);
  const text = (name: string) => {
    const column = accounts.column(name);
    return (row: number) => String(column.get(row) ?? '');
  };
  const [id, name, state, ou, worst] = [
    text('account_id'),
    text('account_name'),
    text('account_state'),
    text('ou_path'),
    text('worst'),
  ];
  const range = (row: number): [number, number] => [starts[row] ?? 0, starts[row + 1] ?? 0];
  const causes = new Map<string, boolean[]>();
  return {
    accounts: accounts.rows,
    regions,
    account: (row) => ({ row, id: id(row), name: name(row), state: state(row), ou: ou(row), worst: worst(row) }),
    detail: (row, column) => accounts.column(column).get(row) as string | number | null,
    find(wanted) {
      const code = (accounts.column('account_id').values ?? []).indexOf(wanted);
      return code < 0 ? -1 : accounts.column('account_id').codes.indexOf(code);
    },
    targets(row) {
      const [from, to] = range(row);
      return Array.from({ length: to - from }, (_, index) => {
        const at = from + index;
        const place = { account: id(row), region: String(region.get(at)), arn: null };
        const arns = (value: unknown) => (value as string[]).map((arn) => withWords(arn, place));
        const [targetState, verdict, basis, reason, cause, errorCode, errorMessage] = outcome.get(
          at,
        ) as unknown as Outcome;
        return {
          region: place.region,
          state: targetState,
          verdict: shownVerdict({ state: targetState, verdict }),
          basis,
          reason,
          cause,
          errorCode,
          errorMessage: errorMessage === null ? null : withWords(errorMessage, place),
          seen: arns(seen.get(at)),
          recording: arns(recording.get(at)),
        };
      });
    },
    verdicts(row) {
      const found = new Int8Array(regions.length).fill(-1);
      const [from, to] = range(row);
      for (let at = from; at < to; at++)
        found[placeOfRegion[region.codes[at] ?? 0] ?? 0] = verdictOf[outcome.codes[at] ?? 0] ?? -1;
      return found;
    },
    recordedBy(arn) {
      const found: string[] = [];
      for (let row = 0; row < accounts.rows; row++) {
        const [from, to] = range(row);
        const account = id(row);
        for (let at = from; at < to; at++) {
          const place = { account, region: String(region.get(at)), arn: null };
          if ((recording.get(at) as string[]).some((signed) => withWords(signed, place) === arn)) {
            found.push(account);
            break;
          }
        }
      }
      return found;
    },
    hasCause(row, cause) {
      let hits = causes.get(cause);
      if (!hits) {
        hits = outcomes.map((one) => one[4] === cause);
        causes.set(cause, hits);
      }
      const [from, to] = range(row);
      for (let at = from; at < to; at++) if (hits[outcome.codes[at] ?? 0]) return true;
      return false;
    },
  };
}
