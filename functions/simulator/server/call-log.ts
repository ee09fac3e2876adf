/** One call that reached the simulated organization, retries included. */
export interface CallRecord {
  service: string;
  operation: string;
  /** The IAM action, or null where the call needs no permission. */
  action: string | null;
  /** The ARN that the action is on, or `*`. */
  resource: string;
  region: string;
  /** Signed with. */
  accessKeyId: string;
  /** Whose credentials these are, or null where they were never issued here. */
  accountId: string | null;
  principalArn: string | null;
  /** `ok`, an error code, or the injected fault. */
  outcome: string;
}

export interface CallCounts {
  total: number;
  byOperation: Record<string, number>;
  /** Calls that ended otherwise than well, by error code or fault. */
  byOutcome: Record<string, number>;
  byRegion: Record<string, number>;
  /** By the signer's account. */
  byAccount: Record<string, number>;
  byAccountAndOperation(accountId: string): Record<string, number>;
}

export interface CallLog {
  add(record: CallRecord): void;
  counts(): CallCounts;
  /** The newest calls, oldest first: as many as are kept. */
  recent(): CallRecord[];
  reset(): void;
}

export const createCallLog = (options: { keep: number; onCall?: (record: CallRecord) => void }): CallLog => {
  let total = 0;
  // One small table per account: numbers by operation, so that 50,000 accounts stay at some megabytes.
  const operations: string[] = [];
  const operationIndex = new Map<string, number>();
  const byAccount = new Map<string, number[]>();
  const byOperation = new Map<string, number>();
  const byOutcome = new Map<string, number>();
  const byRegion = new Map<string, number>();
  let kept: CallRecord[] = [];
  const count = (map: Map<string, number>, name: string): void => {
    map.set(name, (map.get(name) ?? 0) + 1);
  };
  return {
    add: (record) => {
      total++;
      count(byOperation, record.operation);
      count(byRegion, record.region);
      if (record.outcome !== 'ok') count(byOutcome, record.outcome);
      if (record.accountId !== null) {
        let index = operationIndex.get(record.operation);
        if (index === undefined) {
          index = operations.push(record.operation) - 1;
          operationIndex.set(record.operation, index);
        }
        const numbers = byAccount.get(record.accountId) ?? [];
        if (numbers.length === 0) byAccount.set(record.accountId, numbers);
        while (numbers.length <= index) numbers.push(0);
        numbers[index] = (numbers[index] ?? 0) + 1;
      }
      if (options.keep > 0) {
        kept.push(record);
        if (kept.length >= options.keep * 2) kept = kept.slice(-options.keep);
      }
      options.onCall?.(record);
    },
    counts: () => ({
      total,
      byOperation: Object.fromEntries(byOperation),
      byOutcome: Object.fromEntries(byOutcome),
      byRegion: Object.fromEntries(byRegion),
      byAccount: Object.fromEntries(
        [...byAccount].map(([account, numbers]) => [account, numbers.reduce((sum, number) => sum + number, 0)]),
      ),
      byAccountAndOperation: (accountId) =>
        Object.fromEntries(
          (byAccount.get(accountId) ?? [])
            .map((number, index) => [operations[index] ?? '', number])
            .filter(([, n]) => n !== 0),
        ),
    }),
    recent: () => (options.keep > 0 ? kept.slice(-options.keep) : []),
    reset: () => {
      total = 0;
      for (const map of [byOperation, byOutcome, byRegion]) map.clear();
      byAccount.clear();
      kept = [];
    },
  };
};
