import * as z from 'zod';
import { ACCOUNT_ID } from './arn.ts';

/** `Account.State` of AWS Organizations; older endpoints send only `Status` (FACTS: retired 2026-09-09). */
export const ACCOUNT_STATES = ['ACTIVE', 'PENDING_CLOSURE', 'SUSPENDED', 'CLOSED', 'PENDING_ACTIVATION'] as const;
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** An account as Organizations lists it. Names repeat: everything is keyed by `accountId`. */
export const accountSchema = z.object({
  accountId: z.string().regex(ACCOUNT_ID),
  /** Untrusted text. */
  accountName: z.string(),
  accountState: z.enum(ACCOUNT_STATES),
  /** ISO 8601 UTC, or null where unknown (a run on `self`). */
  joinedAt: z.string().nullable(),
  /** OU names from the root down, joined with `/`, e.g. `Root/Workloads/Prod`; '' where unknown. */
  ouPath: z.string(),
  /** OU ids from the root down, joined with `/`, e.g. `r-ab12/ou-ab12-11111111`; '' where unknown. */
  ouIds: z.string(),
  /** Tags of AWS Organizations; only where they were asked for. */
  tags: z.record(z.string(), z.string()).optional(),
});
export type Account = z.infer<typeof accountSchema>;

/** ACTIVE and PENDING_CLOSURE accounts still work; no role can be assumed in the others. */
export const isLive = (state: AccountState): state is 'ACTIVE' | 'PENDING_CLOSURE' =>
  state === 'ACTIVE' || state === 'PENDING_CLOSURE';

export type InactiveState = Exclude<AccountState, 'ACTIVE' | 'PENDING_CLOSURE'>;

/** Who runs the scan, from `sts:GetCallerIdentity`. */
export interface Caller {
  accountId: string;
  arn: string;
  /** `aws`, `aws-us-gov`, `aws-cn` or `aws-eusc`, from the ARN. */
  partition: string;
}

export interface OrganizationFacts {
  /** `o-…` */
  organizationId: string;
  managementAccountId: string;
}
