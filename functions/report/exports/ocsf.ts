import { type RequirementReference, requirementsOf } from '../../domain/frameworks/catalogue.ts';
import { sanitizeJson } from '../../domain/model/sanitize.ts';
import { isUnmet } from '../../domain/model/vocabulary.ts';
import type { FindingRow, RunRow } from '../tables/columns.ts';
import { controlText, foundText } from './exported.ts';
import { type Before, findingsSince, NOTHING_BEFORE, type Since } from './since.ts';

/** The release of OCSF that the events are of. */
export const OCSF_VERSION = '1.8.0';

/** A Compliance Finding (class 2003) of OCSF 1.8.0 with the cloud and datetime profiles. Times are milliseconds since 1970. */
export type OcsfFinding = Record<string, unknown>;

const SEVERITY_ID: Record<FindingRow['severity'], number> = {
  INFORMATIONAL: 1,
  LOW: 2,
  MEDIUM: 3,
  HIGH: 4,
  CRITICAL: 5,
};

/** Waived is not met: it fails, and is suppressed. */
const COMPLIANCE: Record<FindingRow['status'], { status_id: number; status: string }> = {
  PASS: { status_id: 1, status: 'Pass' },
  UNVERIFIED: { status_id: 2, status: 'Warning' },
  FAIL: { status_id: 3, status: 'Fail' },
  WAIVED: { status_id: 3, status: 'Fail' },
  NOT_APPLICABLE: { status_id: 99, status: 'Not applicable' },
};

/** @see https://schema.ocsf.io/1.8.0/classes/compliance_finding */
export function ocsfFinding(finding: FindingRow, run: RunRow, before: Before = NOTHING_BEFORE): OcsfFinding {
  const control = controlText(finding.control_id);
  const requirements = publishedRequirements(finding.control_id);
  const unmet = isUnmet(finding.status);
  const activity = activityOf(finding, { run, before });
  const status = statusOf(finding, activity);
  return {
    activity_id: activity.id,
    activity_name: activity.name,
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2003,
    class_name: 'Compliance Finding',
    type_uid: 200300 + activity.id,
    type_name: `Compliance Finding: ${activity.name}`,
    time: Date.parse(finding.observed_at ?? run.finished_at),
    severity_id: unmet ? SEVERITY_ID[finding.severity] : 1,
    severity: unmet ? titleCase(finding.severity) : 'Informational',
    ...(status ? { status_id: status.id, status: status.name } : {}),
    message: `${control.title}: ${finding.status}. ${foundText(finding)}`,
    metadata: {
      version: OCSF_VERSION,
      profiles: ['cloud', 'datetime'],
      product: { name: 'TrailSeal', vendor_name: 'TrailSeal', version: run.scanner_version },
      uid: `${run.run_id}/${finding.finding_id}`,
      correlation_uid: run.run_id,
      ...(run.organization_id === null ? {} : { tenant_uid: run.organization_id }),
    },
    finding_info: {
      uid: finding.finding_id,
      title: control.title,
      desc: control.rationale,
      types: ['CloudTrail encryption'],
      ...(finding.first_seen_at === null ? {} : { first_seen_time: Date.parse(finding.first_seen_at) }),
      ...(finding.observed_at === null ? {} : { last_seen_time: Date.parse(finding.observed_at) }),
    },
    compliance: {
      control: finding.control_id,
      desc: finding.expected,
      standards: [...new Set(requirements.flatMap((r) => (r.current ? [r.frameworkId] : [])))],
      requirements: requirements.map((r) => `${r.label}${mark(r)}`),
      ...COMPLIANCE[finding.status],
      ...(finding.reason === null ? {} : { status_code: finding.reason }),
      status_detail: foundText(finding),
    },
    cloud: {
      provider: 'AWS',
      cloud_partition: run.partition,
      ...(finding.region === null ? {} : { region: finding.region }),
      ...(finding.account_id === null
        ? {}
        : {
            account: {
              uid: finding.account_id,
              type: 'AWS Account',
              type_id: 10,
              ...(finding.account_name === null ? {} : { name: finding.account_name }),
            },
          }),
      ...(run.organization_id === null
        ? {}
        : {
            org: { uid: run.organization_id, ...(finding.ou_path === null ? {} : { ou_name: finding.ou_path }) },
          }),
    },
    resources: [
      {
        uid: finding.resource_arn,
        type: RESOURCE_TYPE[finding.resource_type] ?? finding.resource_type,
        cloud_partition: run.partition,
        ...(finding.region === null ? {} : { region: finding.region }),
      },
    ],
    ...(unmet ? { remediation: { desc: finding.root_cause_fix ?? control.remediation } } : {}),
    unmapped: {
      run_status: run.status,
      scope: run.scope,
      trailseal_status: finding.status,
      root_cause_id: finding.root_cause_id,
      waiver_id: finding.waiver_id,
      waived_by: finding.waived_by,
      waived_until: finding.waived_until,
      evidence_refs: finding.evidence_refs,
    },
  };
}

const CREATE = { id: 1, name: 'Create' };
const UPDATE = { id: 2, name: 'Update' };
const CLOSE = { id: 3, name: 'Close' };

/** Create where the run saw it first, Update where an earlier run had seen it, Close where it was not met then and is now, or is gone. */
function activityOf(
  { finding_id: id, status, first_seen_at: first }: FindingRow,
  { run, before }: { run: RunRow; before: Before },
): typeof CREATE {
  if (before.get(id) === true && !isUnmet(status)) return CLOSE;
  const seen = before.has(id) || (first !== null && Date.parse(first) < Date.parse(run.started_at));
  return seen ? UPDATE : CREATE;
}

/** The state of the work on the finding; none where it was always met. */
const statusOf = ({ status }: FindingRow, activity: typeof CREATE): typeof CREATE | null => {
  if (status === 'WAIVED') return { id: 3, name: 'Suppressed' };
  if (isUnmet(status)) return { id: 1, name: 'New' };
  return activity === CLOSE ? { id: 4, name: 'Resolved' } : null;
};

/** The events as NDJSON, one line each. */
export async function* ocsfLines(request: Since): AsyncGenerator<string> {
  for await (const { finding } of findingsSince(request))
    yield `${sanitizeJson(JSON.stringify(ocsfFinding(finding, request.run, request.before)))}\n`;
}

/** As CloudFormation names what was judged; a target is the account and region itself. */
export const RESOURCE_TYPE: Record<string, string> = {
  trail: 'AWS::CloudTrail::Trail',
  'trail-logs': 'AWS::CloudTrail::Trail',
  key: 'AWS::KMS::Key',
  bucket: 'AWS::S3::Bucket',
  'log-group': 'AWS::Logs::LogGroup',
  'event-data-store': 'AWS::CloudTrail::EventDataStore',
  target: 'AWS::::Account',
};

const published = new Map<string, RequirementReference[]>();

/**
 * Requirements that hold without a condition that only the user can know. First those of versions in force, and of these
 * first what the control decides.
 */
export function publishedRequirements(controlId: string): readonly RequirementReference[] {
  const known = published.get(controlId);
  if (known) return known;
  const all = requirementsOf(controlId).filter((r) => r.unconditional);
  const ordered = [true, false].flatMap((current) =>
    [true, false].flatMap((decides) => all.filter((r) => r.current === current && r.decides === decides)),
  );
  published.set(controlId, ordered);
  return ordered;
}

/** What a reader must know of a requirement that is listed with a finding: a failure does not fail all of them. */
export const mark = ({ decides, current }: RequirementReference): string =>
  `${decides ? '' : ' (supports)'}${current ? '' : ' (superseded)'}`;

const titleCase = (word: string): string => `${word.charAt(0)}${word.slice(1).toLowerCase()}`;
