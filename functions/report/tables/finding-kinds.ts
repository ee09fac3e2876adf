import { SEVERITIES } from '../../domain/model/vocabulary.ts';
import { type FindingKind, WORST_LISTED } from '../run/run-report.ts';
import type { FindingRow } from './columns.ts';

/** Open findings counted by control, status and reason: what is the same is listed once, with one example. */
export class FindingKinds {
  readonly #kinds = new Map<string, { kind: Omit<FindingKind, 'accounts'>; accounts: Set<string> }>();

  add(row: FindingRow): void {
    const { control_id, status, severity, reason, account_id, account_name, region, observed } = row;
    const key = `${control_id} ${status} ${reason}`;
    const known = this.#kinds.get(key) ?? {
      kind: {
        ...{ control_id, status, severity, reason, findings: 0 },
        example: { account_id, account_name, region, observed },
      },
      accounts: new Set<string>(),
    };
    known.kind.findings += 1;
    if (account_id !== null) known.accounts.add(account_id);
    this.#kinds.set(key, known);
  }

  /** What fails before what is not known, the severe before the mild, the frequent before the rare. */
  worst(): FindingKind[] {
    const rank = ({ status, severity }: FindingKind) => (status === 'FAIL' ? 0 : 100) + SEVERITIES.indexOf(severity);
    return [...this.#kinds.values()]
      .map(({ kind, accounts }) => ({ ...kind, accounts: accounts.size }))
      .sort(
        (a, b) =>
          rank(a) - rank(b) ||
          b.findings - a.findings ||
          (`${a.control_id} ${a.reason}` < `${b.control_id} ${b.reason}` ? -1 : 1),
      )
      .slice(0, WORST_LISTED);
  }
}
