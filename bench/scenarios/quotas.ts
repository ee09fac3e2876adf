import { join } from 'node:path';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { QuotasInput, QuotasOutput, Rate } from '../workers/quotas.ts';

const scenario = 'quotas';
/** Concurrent executions that an AWS account has unless it asked for more, and the greatest setting `concurrency`. */
const LAMBDA_CONCURRENCY = 1_000;
/** The same of an account made yesterday. */
const NEW_ACCOUNT = 10;
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
/** What may go at once before the rate holds. */
const BURSTS = {
  ListAccounts: 12,
  AssumeRole: 600,
  DescribeTrails: 10,
  GetTrailStatus: 10,
  GetEventSelectors: 10,
} as const;

interface Size {
  accounts: number;
  regions: number;
}

/** AWS's own limits around the whole workflow. */
export const quotas: Scenario = {
  name: scenario,
  title: `AWS's request rates as token buckets, ${LAMBDA_CONCURRENCY} functions at once, ${LATENCY} ms an answer`,
  async run({ quick, folder, say }) {
    const run = async (name: string, size: Size, more: Partial<QuotasInput> = {}): Promise<QuotasOutput> => {
      say(`${name}: ${size.accounts} accounts × ${size.regions} regions`);
      const input: QuotasInput = {
        spec: { preset: 'tidy', latency: LATENCY, ...size },
        concurrency: LAMBDA_CONCURRENCY,
        lambdaConcurrency: LAMBDA_CONCURRENCY,
        unreserved: LAMBDA_CONCURRENCY,
        out: join(folder, name),
        ...more,
      };
      const { output } = await runWorker<QuotasOutput>('quotas', input, { timeoutMs: 1_200_000 });
      const { accounts, targets } = output;
      mustHold(accounts === size.accounts, `${size.accounts} accounts were asked for, ${accounts} reported`);
      mustHold(targets === accounts * size.regions, `${accounts} × ${size.regions} targets, ${targets} reported`);
      return output;
    };
    const size = quick ? { accounts: 300, regions: 2 } : { accounts: 2_000, regions: 4 };
    const figures = figuresOf(`${size.accounts} × ${size.regions}`, await run('alone', size));
    const young = { accounts: quick ? 200 : 1_000, regions: 2 };
    const few = { concurrency: 100, lambdaConcurrency: NEW_ACCOUNT, unreserved: NEW_ACCOUNT };
    const narrow = await run('new', young, few);
    // A child that is refused for half a minute is lost, and how long one is depends on how slow AWS is that day.
    mustHold(narrow.refusedInvocations === 0, `${narrow.refusedInvocations} invocations were refused`);
    figures.push(...figuresOf(`${young.accounts} × 2, Lambda runs 10 of the 100 asked for`, narrow));
    if (!quick) {
      const small = { accounts: 800, regions: 2 };
      // Something else in the scanner's account assumes roles all the time.
      const left = QUOTAS.AssumeRole / 15;
      const contended = await run('sts', small, { stsPerSecond: left });
      figures.push(...figuresOf(`800 × 2, STS leaves ${left} a second`, contended, left));
      // Other functions of the account run too: invocations are refused, and Step Functions makes them again.
      const crowded = await run('lambda', small, { concurrency: 100, lambdaConcurrency: 50 });
      figures.push(...figuresOf('800 × 2, Lambda leaves 50 of the 100 asked for', crowded));
    }
    return [...figures, ...computed(50_000)];
  },
};

function figuresOf(at: string, output: QuotasOutput, stsPerSecond?: number): Figure[] {
  const used = (Object.keys(QUOTAS) as Limited[]).flatMap((operation) => {
    const rate = output.rates[operation];
    const left = operation === 'AssumeRole' && stsPerSecond !== undefined;
    const quota = left
      ? { rate: stsPerSecond, burst: stsPerSecond }
      : { rate: QUOTAS[operation], burst: BURSTS[operation] };
    return rate ? [{ operation, rate, quota: quota.rate, share: shareOf(operation, rate, quota) }] : [];
  });
  const throttled = used.reduce((sum, { rate }) => sum + rate.throttled, 0);
  const binding = used.reduce((most, one) => (one.share > most.share ? one : most));
  const { Plan = 0, Scan = 0 } = output.seconds;
  return [
    ...used.map(({ operation, rate, quota, share }) =>
      figure(scenario, `${at}: ${operation} of its quota`, 100 * share, '%', {
        note: `${quota} a second${isPerMember(operation) ? ' for each account and region' : ''}; ${rate.answered} answered, ${rate.throttled} throttled`,
      }),
    ),
    figure(scenario, `${at}: functions at once`, output.atOnce, '', {
      note: `${output.refusedInvocations} invocations refused; Plan ${Plan.toFixed(1)} s, Scan ${Scan.toFixed(1)} s`,
    }),
    figure(scenario, `${at}: targets lost`, lost(output), '', {
      goal: 0,
      note: `${throttled} calls were throttled and made again; nearest to its quota: ${binding.operation}`,
    }),
  ];
}

/** CloudTrail's quotas are each account's own; Organizations' and STS's are the scanner's. */
const isPerMember = (operation: Limited): boolean => operation !== 'ListAccounts' && operation !== 'AssumeRole';

/** Of the tokens that the bucket gave in the time, how many were taken; of a member's quota, the busiest second. */
const shareOf = (
  operation: Limited,
  { answered, seconds, peak }: Rate,
  quota: { rate: number; burst: number },
): number => (isPerMember(operation) ? peak / quota.rate : answered / (quota.burst + seconds * quota.rate));

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
