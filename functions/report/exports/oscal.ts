import { CONTROLS } from '../../domain/controls/catalogue.ts';
import { DISCLAIMER } from '../../domain/frameworks/framework.ts';
import { sanitizeJson } from '../../domain/model/sanitize.ts';
import type { FindingRow, RunRow } from '../tables/columns.ts';
import { controlText, foundText, isExported } from './exported.ts';
import { publishedRequirements } from './ocsf.ts';
import { uuidOf } from './uuid.ts';

/** The release of OSCAL that the document is of. */
export const OSCAL_VERSION = '1.1.3';

/** Names TrailSeal's own properties. */
const NS = 'urn:x-trailseal:oscal';

/**
 * A run as an OSCAL 1.1.3 assessment-results document, in pieces of JSON. Observations come before findings, so the
 * rows are read twice and never held. Targets that pass stay in the coverage table; what does not apply is observed,
 * and has no finding.
 * @see https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-outline/
 */
export async function* oscalJson(request: {
  /** Opened twice, each time from the first row. */
  findings: () => AsyncIterable<FindingRow> | Iterable<FindingRow>;
  run: RunRow;
}): AsyncGenerator<string> {
  const { run } = request;
  const { results, ...document } = skeleton(run);
  yield `{"assessment-results":${openObject(document)},"results":[${openObject(results)}`;
  yield* list('observations', only(request.findings, isExported), (finding) => observation(finding, run));
  yield* list('findings', only(request.findings, isJudged), (finding) => oscalFinding(finding, run));
  yield '}]}}\n';
}

const isJudged = (finding: FindingRow): boolean => isExported(finding) && finding.status !== 'NOT_APPLICABLE';

async function* only(
  findings: () => AsyncIterable<FindingRow> | Iterable<FindingRow>,
  wanted: (finding: FindingRow) => boolean,
): AsyncGenerator<FindingRow> {
  for await (const finding of findings()) if (wanted(finding)) yield finding;
}

/** A list of the document; OSCAL has no empty ones, so it is left out where nothing is in it. */
async function* list(
  name: string,
  findings: AsyncIterable<FindingRow>,
  write: (finding: FindingRow) => unknown,
): AsyncGenerator<string> {
  let first = true;
  for await (const finding of findings) {
    yield `${first ? `,\n${JSON.stringify(name)}:[\n` : ',\n'}${json(write(finding))}`;
    first = false;
  }
  if (!first) yield '\n]';
}

const json = (value: unknown): string => sanitizeJson(JSON.stringify(value));
/** The object without its closing brace, to be gone on with. */
const openObject = (value: unknown): string => json(value).slice(0, -1);

function skeleton(run: RunRow) {
  const plan = uuidOf(`${run.run_id}/plan`);
  const scope = run.scope === 'ORGANIZATION' ? 'the whole organization' : `a part of it (${text(run.scope_filter)})`;
  return {
    uuid: uuidOf(run.run_id),
    metadata: {
      title: 'TrailSeal: CloudTrail encryption of an AWS organization',
      'last-modified': run.finished_at,
      version: text(run.run_id),
      'oscal-version': OSCAL_VERSION,
      remarks: DISCLAIMER,
    },
    'import-ap': { href: `#${plan}` },
    'back-matter': {
      resources: [
        {
          uuid: plan,
          title: 'The plan of the run',
          description: 'What was to be looked at: accounts, regions and settings, as listed when the run began.',
          rlinks: [{ href: `../../runs/${run.run_id}/plan.json` }],
        },
      ],
    },
    results: {
      uuid: uuidOf(`${run.run_id}/result`),
      title: `Run ${run.run_id}`,
      description: `Scan of ${scope}: ${run.accounts} accounts × ${run.regions} regions. The run is ${run.status}${run.status === 'PARTIAL' ? ': not everything could be looked at' : ''}. Targets that are recorded are not repeated here; they are rows of the coverage table.`,
      start: run.started_at,
      end: run.finished_at,
      props: props({
        'run-status': run.status,
        scope: run.scope,
        'scope-filter': run.scope_filter,
        'organization-id': run.organization_id,
        partition: run.partition,
        targets: String(run.targets),
        'targets-scanned': String(run.scanned),
        'targets-inferred': String(run.inferred),
        'findings-failed': String(run.findings_failed),
        'findings-unverified': String(run.findings_unverified),
        'findings-waived': String(run.findings_waived),
        'scanner-version': run.scanner_version,
        'manifest-sha256': run.manifest_sha256,
      }),
      'reviewed-controls': {
        description: "TrailSeal's own controls, with the requirements of frameworks that each supports.",
        'control-selections': CONTROLS.map((control) => ({
          description: control.title,
          props: publishedRequirements(control.id).map((r) => ({
            name: 'supports',
            ns: NS,
            value: text(r.label),
            class: 'requirement',
          })),
          'include-controls': [{ 'control-id': control.id }],
        })),
      },
    },
  };
}

function observation(finding: FindingRow, run: RunRow) {
  return {
    uuid: observationId(finding, run),
    title: title(finding),
    description: foundText(finding),
    props: props({
      'control-id': finding.control_id,
      status: finding.status,
      reason: finding.reason,
      severity: finding.severity,
      'resource-type': finding.resource_type,
      'resource-arn': finding.resource_arn,
      'account-id': finding.account_id,
      'account-name': finding.account_name,
      'ou-path': finding.ou_path,
      region: finding.region,
    }),
    methods: ['TEST'],
    types: ['finding'],
    ...(finding.evidence_refs.length === 0
      ? {}
      : {
          'relevant-evidence': finding.evidence_refs.map((ref) => ({
            href: `../../evidence/${run.run_id}/`,
            description: `Raw answer ${ref}`,
          })),
        }),
    collected: finding.observed_at ?? run.finished_at,
  };
}

/** Waived and undetermined are not satisfied; the remarks say which. */
function oscalFinding(finding: FindingRow, run: RunRow) {
  const met = finding.status === 'PASS';
  const reason = met ? 'pass' : finding.status === 'FAIL' ? 'fail' : 'other';
  return {
    uuid: uuidOf(`${run.run_id}/${finding.finding_id}`),
    title: title(finding),
    description: controlText(finding.control_id).rationale,
    props: props({
      'finding-id': finding.finding_id,
      severity: finding.severity,
      'resource-arn': finding.resource_arn,
      'root-cause-id': finding.root_cause_id,
      'first-seen': finding.first_seen_at,
      'waiver-id': finding.waiver_id,
      'waived-by': finding.waived_by,
      'waived-until': finding.waived_until,
    }),
    target: {
      type: 'objective-id',
      'target-id': finding.control_id,
      title: controlText(finding.control_id).title,
      status: { state: met ? 'satisfied' : 'not-satisfied', reason, remarks: foundText(finding) },
    },
    'related-observations': [{ 'observation-uuid': observationId(finding, run) }],
  };
}

const observationId = (finding: FindingRow, run: RunRow): string =>
  uuidOf(`${run.run_id}/${finding.finding_id}/observation`);
const title = (finding: FindingRow): string =>
  text(`${controlText(finding.control_id).title}: ${finding.resource_arn}`);

/** Properties that have a value. */
const props = (values: Record<string, string | null>) =>
  Object.entries(values).flatMap(([name, value]) =>
    value === null || value.trim() === '' ? [] : [{ name, ns: NS, value: text(value) }],
  );

/** OSCAL strings are one line without white space around it, and not empty. */
const text = (value: string | null): string => (value ?? '').replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim() || '-';
