import type { CoverageRow, FindingRow, RunRow, TrailRow } from '../tables/columns.ts';
import { type AsffFinding, type AsffPublisher, asffFinding, asffId, OURS } from './asff.ts';
import { type ExportOptions, isExported } from './exported.ts';
import { goneFrom, saysWhatIsGone } from './since.ts';

/** What Security Hub holds of an earlier run: what it takes again, and of which account and region it is. */
export type PublishedFinding = Pick<
  AsffFinding,
  | 'SchemaVersion'
  | 'Id'
  | 'ProductArn'
  | 'GeneratorId'
  | 'AwsAccountId'
  | 'Types'
  | 'CreatedAt'
  | 'UpdatedAt'
  | 'Severity'
  | 'Title'
  | 'Description'
  | 'Resources'
>;

export type HubFinding = AsffFinding | (PublishedFinding & { RecordState: 'ARCHIVED' });

/** What happens to findings whose resources a run did not see any more; counted while they are imported. */
export interface Gone {
  archived: number;
  /** Left open: their account or region was not looked at, or a newer run has said something of them. */
  leftOpen: number;
}

/**
 * A run's findings for Security Hub: those of the export, those that are open there (a target that passes by now is said
 * to pass), and, after a complete run of the whole organization only, those that are open there and of which the run has
 * nothing: archived, unless it did not look there (the Region is denied, the account inactive, the control left out).
 * `gone` is counted up meanwhile.
 */
export async function* securityHubUpdate(request: {
  run: RunRow;
  findings: AsyncIterable<FindingRow> | Iterable<FindingRow>;
  coverage: () => AsyncIterable<Pick<CoverageRow, 'account_id' | 'region' | 'state'>>;
  /** By ARN. */
  trails: ReadonlyMap<string, TrailRow>;
  publisher: AsffPublisher;
  /** Findings of this organization's earlier runs that are active in Security Hub, by id. */
  published: Map<string, PublishedFinding>;
  options?: ExportOptions;
  gone: Gone;
}): AsyncGenerator<HubFinding> {
  const { run, publisher, published, trails, gone } = request;
  const judged = new Set<string>();
  for await (const finding of request.findings) {
    judged.add(finding.control_id);
    const isOpen = published.delete(asffId(finding));
    if (isOpen || isExported(finding, request.options))
      yield asffFinding({ finding, run, publisher, trail: trails.get(finding.resource_arn) ?? null });
  }
  if (published.size === 0) return;
  if (!saysWhatIsGone(run)) {
    gone.leftOpen += published.size;
    return;
  }
  const isGone = await goneFrom(request.coverage(), judged);
  for (const finding of published.values()) {
    // Security Hub itself ignores an import that is older than what it has.
    if (Date.parse(finding.UpdatedAt) < Date.parse(run.finished_at) && isGone(rowOf(finding))) {
      gone.archived += 1;
      yield { ...finding, UpdatedAt: run.finished_at, RecordState: 'ARCHIVED' };
    } else gone.leftOpen += 1;
  }
}

/** Of what a published finding says it is. */
const rowOf = ({
  GeneratorId,
  Resources,
}: PublishedFinding): Pick<FindingRow, 'control_id' | 'account_id' | 'region'> => ({
  control_id: GeneratorId.slice(OURS.length),
  account_id:
    Resources.map(({ Id }) => /^AWS::::Account:(\d{12})$/.exec(Id)?.[1]).find((id) => id !== undefined) ?? null,
  region: Resources.find(({ Region }) => Region !== undefined)?.Region ?? null,
});
