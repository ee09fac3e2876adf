import type { Account, Caller, OrganizationFacts } from './organization.ts';
import type { Effort, Reading } from './reading.ts';

/** The scanner's own view: who it is, the organization it may list, the partition's regions. */
export interface OrganizationReader {
  /** @throws TrailSealError `CREDENTIALS` with the sentence that helps, where there are none or they expired */
  caller(): Promise<Caller>;
  organization(): Promise<Reading<OrganizationFacts>>;
  /**
   * Every account with its OU path; OU names are walked beside the listing. Order is AWS's. Throws TrailSealError `ORGANIZATION`.
   * `units: false` leaves the walk out, and the paths empty, where only states matter: 2,000 units take longer than 50,000 accounts.
   * `tags: true` asks for every account's tags: a call an account, 10 a second.
   */
  accounts(options?: { units?: boolean; tags?: boolean }): AsyncIterable<Account>;
  /** Every region of the partition (opted in or not), sorted, from the scanner's own DescribeRegions. */
  regions(): Promise<string[]>;
  /** What its calls have come to since this was last asked. */
  takeEffort?(): Effort;
}
