import type { AwsAccess } from '../aws/calls/clients.ts';
import { activeFindings, type ImportOutcome, publishFindings } from '../aws/security-hub.ts';
import { TrailSealError } from '../domain/model/errors.ts';
import type { ReportStore } from '../domain/model/store.ts';
import { type AsffPublisher, OURS, productArn } from '../report/exports/asff.ts';
import { type Gone, type PublishedFinding, securityHubUpdate } from '../report/exports/security-hub-update.ts';
import { saysWhatIsGone } from '../report/exports/since.ts';
import type { TrailRow } from '../report/tables/columns.ts';
import { type FinishedRun, readTable } from '../report/tables/tables.ts';

export interface PublishOutcome extends ImportOutcome, Gone {
  /** Why nothing could be archived; null where it could. */
  notArchived: string | null;
}

/**
 * Brings Security Hub of the account that calls up to date with a run: findings that are not met, those that were open
 * there, and after a complete run of the whole organization those whose resources are gone, archived.
 * @throws TrailSealError SECURITY_HUB where nothing can be imported at all
 */
export async function publishRun(request: {
  access: AwsAccess;
  publisher: AsffPublisher;
  store: ReportStore;
  run: FinishedRun;
  allTargets?: boolean;
  signal?: AbortSignal | undefined;
}): Promise<PublishOutcome> {
  const { access, publisher, store, run, signal } = request;
  const { region } = publisher;
  const of = { store, runId: run.row.run_id, runDate: run.runDate };
  const trails = new Map<string, TrailRow>();
  for await (const trail of readTable({ ...of, table: 'trails' })) trails.set(trail.trail_arn, trail);
  const { published, why } = await earlier({ ...request, organizationId: run.row.organization_id });
  const gone: Gone = { archived: 0, leftOpen: 0 };
  const findings = securityHubUpdate({
    ...{ run: run.row, trails, publisher, published, gone },
    findings: readTable({ ...of, table: 'findings' }),
    coverage: () => readTable({ ...of, table: 'coverage', columns: ['account_id', 'region', 'state'] }),
    options: { allTargets: request.allTargets ?? false },
  });
  const outcome = await publishFindings({ access, region, findings, signal });
  return { ...outcome, ...gone, notArchived: why };
}

/** What Security Hub holds of this organization's earlier runs. Who may not read it can still publish. */
async function earlier(request: {
  access: AwsAccess;
  publisher: AsffPublisher;
  run: FinishedRun;
  organizationId: string | null;
  signal?: AbortSignal | undefined;
}): Promise<{ published: Map<string, PublishedFinding>; why: string | null }> {
  const { access, publisher, run, organizationId, signal } = request;
  const none = (why: string | null) => ({ published: new Map<string, PublishedFinding>(), why });
  if (organizationId === null) return none('the run is of an account without an organization');
  const field = { Key: `${OURS}OrganizationId`, Value: organizationId };
  const asked = { productArn: productArn(publisher), generators: OURS, field };
  try {
    const published = await activeFindings({ access, region: publisher.region, signal, ...asked });
    const why = saysWhatIsGone(run.row)
      ? null
      : `the run is ${run.row.status === 'COMPLETE' ? 'narrowed' : run.row.status}`;
    return { published: published as unknown as Map<string, PublishedFinding>, why };
  } catch (error) {
    if (error instanceof TrailSealError) return none(error.message);
    throw error;
  }
}

/** The outcome, in a sentence or two for people. */
export function publishedWords({ accountId, region }: AsffPublisher, outcome: PublishOutcome): string {
  const { imported, failed, archived, leftOpen, notArchived } = outcome;
  const words = [
    `${imported} findings imported into Security Hub of ${accountId} in ${region}${archived > 0 ? ` (${archived} of them archived: their resources are gone)` : ''}, ${failed} not.`,
  ];
  if (notArchived !== null) words.push(`Findings of resources that are gone stay open: ${notArchived}.`);
  else if (leftOpen > 0)
    words.push(`${leftOpen} stay open that the run did not find again: it could not look at their account and Region.`);
  return words.join(' ').replaceAll('..', '.');
}

/** The same for the message of a run: a Security Hub that takes nothing keeps nobody from hearing of the run. */
export async function publishedOrWhyNot(request: Parameters<typeof publishRun>[0]): Promise<string> {
  try {
    return publishedWords(request.publisher, await publishRun(request));
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/\.?$/, '.') : String(error);
    return `The findings are not in Security Hub, or not all of them: ${why} \`trailseal export --format asff --publish\` imports the rest.`;
  }
}
