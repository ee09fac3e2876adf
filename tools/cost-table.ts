import { costOf, PRICES, watchCost } from './run-cost.ts';

const ACCOUNTS = [100, 1_000, 10_000];
/** Seconds of one Scan call: what a reader looks up in the own runs. */
const SCAN_SECONDS = [1, 3, 6];

/** The table of what a run costs, by the same formula that the benchmark feeds with what it measures. */
export const costTable = (): string => {
  const header = ['Accounts', ...SCAN_SECONDS.map((seconds) => `${seconds} s a Scan call`)];
  const rows = ACCOUNTS.map((accounts) => [
    accounts.toLocaleString('en-US'),
    ...SCAN_SECONDS.map((scanSeconds) => `$${costOf(assumed(accounts, scanSeconds)).total.toFixed(3)}`),
  ]);
  return [header, header.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
    .concat('\n');
};

/** What docs/reference/costs.md says beside the table, in numbers. */
const assumed = (accounts: number, scanSeconds: number) => ({
  accounts,
  scanSeconds,
  // An owner of keys and buckets for every ten accounts.
  inspectItems: accounts / 10,
  inspectSeconds: scanSeconds,
  // 8 ListAccounts a second, 20 accounts each.
  planSeconds: 5 + accounts / 160,
  gatherSeconds: 5 + accounts / 500,
  reportSeconds: 10 + accounts / 200,
});

/** What a million changes cost, and a day in which every window starts a run of ten accounts. */
export const watchTable = (): string => {
  const cost = watchCost();
  const total = Object.values(cost).reduce((sum, part) => sum + part, 0);
  const run = costOf({ ...assumed(1_000, 3), accounts: 10, inspectItems: 10 }).total;
  return `| Part | A million changes |
| --- | --- |
| EventBridge, paid by the account that sends | $${cost.eventBridge.toFixed(2)} |
| SQS | $${cost.sqs.toFixed(2)} |
| Lambda | $${cost.lambda.toFixed(2)} |
| S3 | $${cost.s3.toFixed(2)} |
| together | $${total.toFixed(2)} |
| a run of 10 accounts, in an organization of 1,000 | $${run.toFixed(3)} |
| 288 of them: every window of five minutes, a whole day | $${(run * 288).toFixed(2)} |
`;
};

/** The prices behind it, as text. */
export const priceList = (): string => {
  const dollars = (amount: number) => `$${Number(amount.toPrecision(6))}`;
  return [
    `Lambda on arm64 ${dollars(PRICES.lambdaGbSecond)} per GB-second and ${dollars(PRICES.lambdaRequest * 1e6)} per million calls`,
    `Step Functions ${dollars(PRICES.standardTransition * 1_000)} per 1,000 Standard transitions, Express ${dollars(PRICES.expressRequest * 1e6)} per million and ${dollars(PRICES.expressGbSecond)} per GB-second`,
    `EventBridge ${dollars(PRICES.busEvent * 1e6)} and SQS ${dollars(PRICES.sqsRequest * 1e6)} per million`,
    `S3 ${dollars(PRICES.s3Put * 1_000)} per 1,000 PUT and ${dollars(PRICES.s3Get * 1_000)} per 1,000 GET`,
  ].join('; ');
};
