/** List prices of us-east-1 in dollars, November 2026 (Lambda on arm64). */
export const PRICES = {
  standardTransition: 0.025 / 1_000,
  expressRequest: 1 / 1_000_000,
  /** Of Express workflows, 64 MB at least. */
  expressGbSecond: 0.000_016_67,
  lambdaGbSecond: 0.000_013_333_4,
  lambdaRequest: 0.2 / 1_000_000,
  s3Put: 0.005 / 1_000,
  s3Get: 0.000_4 / 1_000,
  /** An event sent to a bus of another account, 64 KB each; its sender pays. */
  busEvent: 1 / 1_000_000,
  sqsRequest: 0.4 / 1_000_000,
} as const;

/** What a million changes cost before any run, in dollars, by service. */
export function watchCost(events = 1_000_000): Record<'eventBridge' | 'sqs' | 'lambda' | 's3', number> {
  // Lambda receives ten messages at a time and deletes them together; a batch of `collect` holds what came in 20 s, up to
  // 1,000 of them, here 100: a busy organization. It takes a second at 1 GB, and is one PUT and one tick.
  const batches = events / 100;
  return {
    eventBridge: events * PRICES.busEvent + batches * PRICES.busEvent,
    sqs: (events + (2 * events) / 10 + 3 * batches) * PRICES.sqsRequest,
    lambda: batches * (PRICES.lambdaRequest + MEMORY.plan * PRICES.lambdaGbSecond),
    s3: batches * (PRICES.s3Put + PRICES.s3Get),
  };
}

export interface MeasuredRun {
  accounts: number;
  /** Seconds of one Scan invocation, start to end, as it would take in Lambda. */
  scanSeconds: number;
  inspectItems: number;
  inspectSeconds: number;
  gatherSeconds: number;
  reportSeconds: number;
  planSeconds: number;
}

export interface RunCost {
  lambda: number;
  stepFunctions: number;
  s3: number;
  total: number;
}

/** Gigabytes of each function, as infra/workflow/handlers.ts gives them. */
export const MEMORY = { plan: 1, scan: 0.5, gather: 1.73, inspect: 0.5, report: 2.94, notify: 1 } as const;
/** States of the parent that every run passes, the error paths left out. */
const PARENT_TRANSITIONS = 12;

/**
 * What one run costs. A child of a map is one transition of the parent, one Express request and its seconds, one Lambda
 * request and its GB-seconds, two PUTs (evidence, observation) and one GET (the plan, counted for each although a warm
 * function keeps it); Gather reads every observation once and Report twice.
 */
export function costOf(run: MeasuredRun): RunCost {
  const children = run.accounts + run.inspectItems;
  const childSeconds = run.accounts * run.scanSeconds + run.inspectItems * run.inspectSeconds;
  const gigabyteSeconds =
    run.accounts * run.scanSeconds * MEMORY.scan +
    run.inspectItems * run.inspectSeconds * MEMORY.inspect +
    run.planSeconds * MEMORY.plan +
    run.gatherSeconds * MEMORY.gather +
    run.reportSeconds * MEMORY.report +
    MEMORY.notify;
  const lambda = gigabyteSeconds * PRICES.lambdaGbSecond + (children + 5) * PRICES.lambdaRequest;
  const stepFunctions =
    (children + PARENT_TRANSITIONS) * PRICES.standardTransition +
    children * PRICES.expressRequest +
    childSeconds * (64 / 1024) * PRICES.expressGbSecond;
  const gets = children + 3 * run.accounts + 3 * run.inspectItems;
  const s3 = (2 * children + 60) * PRICES.s3Put + gets * PRICES.s3Get;
  return { lambda, stepFunctions, s3, total: lambda + stepFunctions + s3 };
}
