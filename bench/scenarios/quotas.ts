import { join } from 'node:path';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { QuotasInput, QuotasOutput, Rate } from '../workers/quotas.ts';

const scenario = 'quotas';
/** Concurrent executions that an AWS account has unless it asked for more, and the greatest setting `concurrency`. */
const LAMBDA_CONCURRENCY = 1_000;
/** Milliseconds of one AWS answer. */
const LATENCY = 50;
/** Requests a second, for each account and region: what the simulator's token buckets are filled with. */
const QUOTAS = {
  ListAccounts: 8,
  AssumeRole: 600,
  DescribeTrails: 10,
  GetTrailStatus: 10,
  GetEventSelectors: 10,
} as const;
type Limited = keyof typeof QUOTAS;

/** AWS's own limits around the whole workflow. */
export const quotas: Scenario = {
  name: scenario,
  title: `AWS's request rates as token buckets, ${LAMBDA_CONCURRENCY} functions at once, ${LATENCY} ms an answer`,
  async run({ quick, folder, say }) {
    const spec = { preset: 'tidy' as const, accounts: quick ? 700 : 2_000, regions: quick ? 2 : 4, latency: LATENCY };
    const run = async (name: string, more: Partial<QuotasInput>): Promise<QuotasOutput> => {
      say(`${name}: ${spec.accounts} accounts × ${spec.regions} regions`);
      const input: QuotasInput = {
        spec,
        concurrency: LAMBDA_CONCURRENCY,
        lambdaConcurrency: LAMBDA_CONCURRENCY,
        out: join(folder, name),
        ...more,
      };
      const { output } = await runWorker<QuotasOutput>('quotas', input, { timeoutMs: 1_200_000 });
      const { accounts, targets } = output;
      mustHold(accounts === spec.accounts, `${spec.accounts} accounts were asked for, ${accounts} reported`);
      mustHold(targets === accounts * spec.regions, `${accounts} × ${spec.regions} targets, ${targets} reported`);
      return output;
    };
    const figures = figuresOf(`${spec.accounts} × ${spec.regions}`, await run('alone', {}));
    if (!quick) {
      // Something else in the scanner's account assumes roles all the time.
      const left = QUOTAS.AssumeRole / 6;
      figures.push(...figuresOf(`${left} AssumeRole a second left`, await run('sts', { stsPerSecond: left }), left));
      // Other functions of the account run too: invocations are refused, and Step Functions makes them again.
      const functions = LAMBDA_CONCURRENCY / 2;
      figures.push(...figuresOf(`${functions} functions left`, await run('lambda', { lambdaConcurrency: functions })));
    }
    return [...figures, ...computed(50_000)];
  },
};

function figuresOf(at: string, output: QuotasOutput, stsPerSecond: number = QUOTAS.AssumeRole): Figure[] {
  const quotaOf = (operation: Limited) => (operation === 'AssumeRole' ? stsPerSecond : QUOTAS[operation]);
  const used = (Object.keys(QUOTAS) as Limited[])
    .map((operation) => ({ operation, rate: output.rates[operation], quota: quotaOf(operation) }))
    .filter((one): one is { operation: Limited; rate: Rate; quota: number } => one.rate !== undefined);
  const throttled = used.reduce((sum, { rate }) => sum + rate.throttled, 0);
  const share = ({ operation, rate, quota }: (typeof used)[number]) => perSecond(operation, rate) / quota;
  const binding = used.reduce((most, one) => (share(one) > share(most) ? one : most));
  return [
    ...used.map(({ operation, rate, quota }) =>
      figure(scenario, `${at}: ${operation} of its quota`, (100 * perSecond(operation, rate)) / quota, '%', {
        note: `${perSecond(operation, rate).toFixed(1)} of ${quota} a second${isPerMember(operation) ? ' in the busiest account and region' : ''}; ${rate.answered} answered, ${rate.throttled} throttled`,
      }),
    ),
    figure(scenario, `${at}: functions at once`, output.atOnce, '', {
      note: `${output.refusedInvocations} invocations refused; Plan ${output.seconds.Plan?.toFixed(1)} s, Scan ${output.seconds.Scan?.toFixed(1)} s, bound by ${binding.operation}`,
    }),
    figure(scenario, `${at}: targets lost`, lost(output), '', {
      goal: 0,
      note: `${throttled} throttled calls were made again`,
    }),
  ];
}

/** CloudTrail's quotas are each account's own; Organizations' and STS's are the scanner's. */
const isPerMember = (operation: Limited): boolean => operation !== 'ListAccounts' && operation !== 'AssumeRole';

const perSecond = (operation: Limited, { answered, seconds, peak }: Rate): number =>
  isPerMember(operation) ? peak : answered / Math.max(1, seconds);

const lost = ({ states }: QuotasOutput): number => {
  const count = ['THROTTLED', 'NOT_SCANNED', 'ERROR'].reduce((sum, state) => sum + (states[state] ?? 0), 0);
  mustHold(count === 0, `${count} targets were lost`);
  return count;
};

/** What the same limits come to at a size that is not run here. */
function computed(accounts: number): Figure[] {
  const listing = accounts / 20 / QUOTAS.ListAccounts;
  const dispatch = accounts / 1_000;
  const at = `computed for ${accounts}`;
  return [
    figure(scenario, `${at}: ListAccounts`, listing, 's', {
      goal: 900,
      note: `${accounts} ÷ 20 a page ÷ ${QUOTAS.ListAccounts} a second; Plan has 900 s`,
    }),
    figure(scenario, `${at}: AssumeRole`, accounts / QUOTAS.AssumeRole, 's', {
      note: `${accounts} ÷ ${QUOTAS.AssumeRole} a second: what a Scan takes at least`,
    }),
    figure(scenario, `${at}: dispatch of Express children`, dispatch, 's', { note: `${accounts} ÷ 1,000 a second` }),
  ];
}
