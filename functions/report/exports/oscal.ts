import { CONTROLS } from '../../domain/controls/catalogue.ts';
import type { Control } from '../../domain/controls/control.ts';
import { FRAMEWORKS } from '../../domain/frameworks/catalogue.ts';
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
  return {
    uuid: uuidOf(run.run_id),
    metadata: metadata(run, 'TrailSeal: CloudTrail encryption of an AWS organization'),
    'import-ap': { href: `#${plan}` },
    'back-matter': {
      resources: [
        {
          uuid: plan,
          title: 'Assessment plan',
          description:
            'The OSCAL assessment plan of the run: what was to be looked at, and which controls were reviewed.',
          base64: {
            filename: 'assessment-plan.json',
            'media-type': 'application/json',
            value: Buffer.from(json(assessmentPlan(run))).toString('base64'),
          },
        },
      ],
    },
    results: {
      uuid: uuidOf(`${run.run_id}/result`),
      title: `Run ${run.run_id}`,
      description: `Scan of ${scopeOf(run)}: ${run.accounts} accounts × ${run.regions} Regions. The run is ${run.status}${run.status === 'PARTIAL' ? ': not everything could be looked at' : ''}. Targets that are recorded are not repeated here; they are rows of the coverage table.`,
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
      'reviewed-controls': reviewedControls((control) =>
        publishedRequirements(control.id)
          .filter((r) => r.current)
          .map((r) => ({
            name: r.decides ? 'decides' : 'supports',
            ns: NS,
            value: text(r.label),
            class: 'requirement',
          })),
      ),
    },
  };
}

const scopeOf = (run: RunRow): string =>
  run.scope === 'ORGANIZATION' ? 'the whole organization' : `a part of it (${text(run.scope_filter)})`;

const metadata = (run: RunRow, title: string) => ({
  title,
  'last-modified': run.finished_at,
  version: text(run.run_id),
  'oscal-version': OSCAL_VERSION,
  remarks: DISCLAIMER,
});

/** @see https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-plan/json-outline/ */
function assessmentPlan(run: RunRow) {
  const system = uuidOf(`${run.run_id}/system`);
  const organization = text(run.organization_id ?? 'a lone account');
  return {
    'assessment-plan': {
      uuid: uuidOf(`${run.run_id}/assessment-plan`),
      metadata: metadata(run, 'TrailSeal: plan of a run'),
      // OSCAL wants a system security plan; if you have one, put its address here.
      'import-ssp': { href: `#${system}` },
      'reviewed-controls': reviewedControls(() => []),
      'assessment-subjects': [
        {
          type: 'component',
          description: `The trails of ${scopeOf(run)}, and the keys, buckets and log groups that they use: ${run.accounts} accounts × ${run.regions} Regions of the partition ${text(run.partition)}.`,
          'include-all': {},
        },
      ],
      'back-matter': {
        resources: [
          {
            uuid: system,
            title: `AWS organization ${organization}`,
            description: 'The system that is assessed. Its system security plan is not part of this document.',
          },
        ],
      },
    },
  };
}

/** Our own controls, and those that they support of every framework in force whose publisher offers a catalogue. */
const reviewedControls = (propsOf: (control: Control) => readonly { name: string; value: string }[]) => ({
  description: "TrailSeal's own controls, and the controls of published catalogues that they support.",
  'control-selections': [
    ...CONTROLS.map((control) => {
      const own = propsOf(control);
      return {
        description: control.title,
        ...(own.length === 0 ? {} : { props: own }),
        'include-controls': [{ 'control-id': control.id }],
      };
    }),
    ...FRAMEWORKS.flatMap(({ name, version, note, catalogue, requirements }) => {
      const selected = requirements.filter((r) => r.support.length > 0 && r.vendorMappingOnly !== true);
      if (!catalogue || note !== null || selected.length === 0) return [];
      return [
        {
          description: `${name} ${version}`,
          links: [{ href: catalogue.href, rel: 'reference', 'media-type': 'application/json' }],
          'include-controls': selected.map(({ id }) => ({ 'control-id': catalogue.controlId(id) })),
        },
      ];
    }),
  ],
});

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
