import * as z from 'zod';
import { describedTrailSchema, eventSelectorsSchema, trailStatusSchema } from './account-access.ts';
import { ACCOUNT_ID } from './arn.ts';
import { callFailureSchema, delaysSchema, readingSchema } from './reading.ts';

/** A file of the run and what it held when it was written. */
export const writtenFileSchema = z.object({
  key: z.string(),
  /** Hex. */
  sha256: z.string(),
  bytes: z.number().int().nonnegative(),
});
export type WrittenFile = z.infer<typeof writtenFileSchema>;

const apiCalls = z.number().int().nonnegative();
const regionCost = { region: z.string(), apiCalls, durationMs: z.number(), observedAt: z.string() };

const REGION_FAILURE_STATES = ['REGION_DENIED', 'ACCESS_DENIED', 'THROTTLED', 'ERROR'] as const;
export type RegionFailureState = (typeof REGION_FAILURE_STATES)[number];

const regionObservationSchema = z.discriminatedUnion('state', [
  z.object({
    ...regionCost,
    state: z.literal('SCANNED'),
    trailArns: z.array(z.string()),
    lakeFailure: callFailureSchema.nullable(),
  }),
  z.object({ ...regionCost, state: z.literal('REGION_DISABLED') }),
  z.object({ ...regionCost, state: z.enum(REGION_FAILURE_STATES), failure: callFailureSchema }),
]);
export type RegionObservation = z.infer<typeof regionObservationSchema>;

/** `runs/<run_id>/observations/<account_id>.json`: all that Scan read in one account, written whole or not at all. */
export const observationSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  accountId: z.string().regex(ACCOUNT_ID),
  /** ISO 8601 UTC, when the last answer arrived. */
  observedAt: z.string(),
  /** Who looked: the assumed role's ARN, or null where it could not be assumed. */
  principalArn: z.string().nullable(),
  /** Why there is no account session (AssumeRole or DescribeRegions refused), or null. */
  refused: callFailureSchema.nullable(),
  /** One entry per planned region, sorted; empty where refused. */
  regions: z.array(regionObservationSchema),
  /** Unique by ARN, sorted; as this account sees them. */
  trails: z.array(describedTrailSchema),
  /** Per trail ARN: read once for a trail this account owns, and once for an organization trail it can see. */
  statuses: z.array(z.object({ trailArn: z.string(), region: z.string(), reading: readingSchema(trailStatusSchema) })),
  /** Per trail this account owns. */
  selectors: z.array(
    z.object({ trailArn: z.string(), region: z.string(), reading: readingSchema(eventSelectorsSchema) }),
  ),
  eventDataStores: z.array(
    z.object({ arn: z.string(), name: z.string(), status: z.string().nullable(), region: z.string() }),
  ),
  apiCalls,
  delays: delaysSchema.optional(),
  durationMs: z.number(),
  /** The raw answers it rests on, written before it; null where there were none. */
  evidence: writtenFileSchema.nullable(),
});
export type AccountObservation = z.infer<typeof observationSchema>;

/** `runs/<run_id>/failures/<map>/<item_id>.json`: written by the Record state when a child failed. */
export const failureRecordSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  map: z.enum(['scan', 'inspect']),
  itemId: z.string(),
  error: z.string(),
  cause: z.string(),
  at: z.string(),
});
export type FailureRecord = z.infer<typeof failureRecordSchema>;
