import type { Finding } from '../../domain/judge/finding.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import type { ScanPlan } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { parseWaivers, type Waiver } from '../../domain/waivers/waiver.ts';
import { createWaiverMatcher } from '../../domain/waivers/waiver-matcher.ts';
import type { ListedWaiver, RunReport } from './run-report.ts';

/** The waivers kept with the run, matched against its findings. */
export interface WaiversInForce {
  /** The waiver that covers an open finding, or null. */
  match(
    finding: Finding,
    account: { ouPath: string; tags?: Readonly<Record<string, string>> | undefined } | null,
  ): { id: string; approver: string; expiresAt: string } | null;
  /** Once every finding was matched. */
  report(): RunReport['waivers'];
}

/**
 * Waivers are in force as of the run's start, not of the moment its report is made: the same observations give the
 * same tables, whenever they are looked at.
 * @throws WaiverFileError, and TrailSealError WAIVERS where the run's file is gone
 */
export async function openWaivers(store: ReportStore, plan: ScanPlan): Promise<WaiversInForce> {
  const matcher = createWaiverMatcher(await waiversOf(store, plan), { now: plan.startedAt });
  return {
    match(finding, account) {
      const found = matcher.match({
        control_id: finding.control.id,
        status: finding.decision.status,
        account_id: finding.accountId,
        ou_path: account?.ouPath ?? null,
        account_tags: account?.tags,
        region: finding.region,
        resource_arn: finding.resourceArn,
      });
      return found && !found.expired ? found.waiver : null;
    },
    report() {
      const { inForce, expired, matchingNothing } = matcher.report();
      const nothing = new Set(matchingNothing);
      return {
        in_force: inForce.length,
        expired: expired.map(({ waiver }) => waiver.id),
        matching_nothing: matchingNothing.map(({ id }) => id),
        listed: [
          ...inForce.map(({ waiver, covered }) =>
            listed(waiver, nothing.has(waiver) ? 'MATCHES_NOTHING' : 'IN_FORCE', covered),
          ),
          ...expired.map(({ waiver, wouldCover }) => listed(waiver, 'EXPIRED', wouldCover)),
        ],
      };
    },
  };
}

async function waiversOf(store: ReportStore, plan: ScanPlan): Promise<Waiver[]> {
  const { waiversKey } = plan.settings;
  if (waiversKey === null) return [];
  const bytes = await store.read(waiversKey);
  // Without it findings that were waived would fail, and nobody could say why.
  if (!bytes)
    throw new TrailSealError('WAIVERS', `The waivers of run ${plan.runId} are missing: ${store.root}/${waiversKey}.`);
  return parseWaivers(new TextDecoder().decode(bytes), { today: plan.startedAt.slice(0, 10), file: waiversKey });
}

const listed = (waiver: Waiver, state: ListedWaiver['state'], findings: number): ListedWaiver => ({
  id: waiver.id,
  control_id: waiver.control,
  state,
  findings,
  reason: waiver.reason,
  ticket: waiver.ticket,
  approver: waiver.approver,
  approved_on: waiver.approvedOn,
  expires_on: waiver.expiresOn,
});
