import { sanitizeJson } from '../../domain/model/sanitize.ts';
import { isUnmet } from '../../domain/model/vocabulary.ts';
import type { FindingRow, RunRow, TrailRow } from '../tables/columns.ts';
import { controlText, cut, foundText } from './exported.ts';
import { mark, publishedRequirements } from './ocsf.ts';
import { securityHubDifference } from './security-hub-difference.ts';
import { findingsSince, type Since } from './since.ts';

/**
 * A finding in the AWS Security Finding Format, as BatchImportFindings takes it.
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
 */
export interface AsffFinding {
  SchemaVersion: '2018-10-08';
  Id: string;
  ProductArn: string;
  ProductName: string;
  CompanyName: string;
  GeneratorId: string;
  AwsAccountId: string;
  Types: string[];
  FirstObservedAt?: string;
  LastObservedAt?: string;
  CreatedAt: string;
  UpdatedAt: string;
  Severity: AsffSeverity;
  /** What the provider says: on later imports Security Hub takes severity and types from here alone. */
  FindingProviderFields: { Severity: AsffSeverity; Types: string[] };
  Title: string;
  Description: string;
  Remediation?: { Recommendation: { Text: string } };
  ProductFields: Record<string, string>;
  Resources: AsffResource[];
  Compliance: {
    Status: 'PASSED' | 'WARNING' | 'FAILED' | 'NOT_AVAILABLE';
    RelatedRequirements?: string[];
    StatusReasons?: { ReasonCode: string; Description: string }[];
  };
  Workflow?: { Status: 'SUPPRESSED' };
  RecordState: 'ACTIVE' | 'ARCHIVED';
}

interface AsffSeverity {
  Label: FindingRow['severity'];
  Original: string;
}

export interface AsffResource {
  Type: string;
  Id: string;
  Partition: string;
  Region?: string;
  Details?: { Other: Record<string, string> };
}

/** Whose Security Hub the findings are for: the account and region that call BatchImportFindings. */
export interface AsffPublisher {
  accountId: string;
  region: string;
  partition: string;
}

/** The service's limits: characters, entries, bytes of JSON. */
export const ASFF_LIMITS = {
  title: 256,
  description: 1_024,
  id: 512,
  recommendation: 512,
  field: 1_024,
  fields: 50,
  requirements: 32,
  resources: 32,
  bytes: 240 * 1_024,
} as const;

/** How ids, generators and product fields of our findings begin. */
export const OURS = 'trailseal/';
/** The default product of the account: what it imports itself. */
export const productArn = ({ accountId, region, partition }: AsffPublisher): string =>
  `arn:${partition}:securityhub:${region}:${accountId}:product/${accountId}/default`;

const COMPLIANCE: Record<FindingRow['status'], AsffFinding['Compliance']['Status']> = {
  PASS: 'PASSED',
  FAIL: 'FAILED',
  WAIVED: 'FAILED',
  UNVERIFIED: 'WARNING',
  NOT_APPLICABLE: 'NOT_AVAILABLE',
};

export const asffId = ({ finding_id }: Pick<FindingRow, 'finding_id'>): string =>
  cut(`${OURS}${finding_id}`, ASFF_LIMITS.id);

/**
 * Under the publisher's account, since the default product takes findings only from the account that calls; the account
 * that owns the resource is among the resources. A waived finding fails, and is suppressed when it is first imported.
 */
export function asffFinding(request: {
  finding: FindingRow;
  run: RunRow;
  publisher: AsffPublisher;
  /** The trail's row, where the finding is about a trail: for the line on Security Hub's own control. */
  trail?: TrailRow | null;
}): AsffFinding {
  const { finding, run, publisher } = request;
  const control = controlText(finding.control_id);
  const difference =
    request.trail && finding.control_id === 'trail-kms-encrypted' ? securityHubDifference(request.trail) : null;
  const observed = finding.observed_at === null ? {} : { LastObservedAt: finding.observed_at };
  const severity = {
    Label: isUnmet(finding.status) ? finding.severity : ('INFORMATIONAL' as const),
    Original: finding.severity,
  };
  const { labels, leftOut } = requirementsOf(finding.control_id);
  return {
    SchemaVersion: '2018-10-08',
    Id: asffId(finding),
    ProductArn: productArn(publisher),
    ProductName: 'TrailSeal',
    CompanyName: 'TrailSeal',
    GeneratorId: `${OURS}${finding.control_id}`,
    AwsAccountId: publisher.accountId,
    Types: TYPES_OF_FINDING,
    ...(finding.first_seen_at === null ? {} : { FirstObservedAt: finding.first_seen_at }),
    ...observed,
    CreatedAt: finding.first_seen_at ?? finding.observed_at ?? run.started_at,
    UpdatedAt: run.finished_at,
    Severity: severity,
    FindingProviderFields: { Severity: severity, Types: TYPES_OF_FINDING },
    Title: cut(`${control.title}: ${finding.status}`, ASFF_LIMITS.title),
    Description: cut(
      [foundText(finding), ...(difference === null ? [] : [difference])].join(' '),
      ASFF_LIMITS.description,
    ),
    ...(isUnmet(finding.status)
      ? {
          Remediation: {
            Recommendation: {
              Text: cut(finding.root_cause_fix ?? control.remediation, ASFF_LIMITS.recommendation) || '-',
            },
          },
        }
      : {}),
    ProductFields: fieldsOf({
      ControlId: finding.control_id,
      Status: finding.status,
      Reason: finding.reason,
      Expected: finding.expected,
      AccountName: finding.account_name,
      OuPath: finding.ou_path,
      RunId: run.run_id,
      OrganizationId: run.organization_id,
      RunStatus: run.status,
      RunScope: run.scope,
      RootCauseId: finding.root_cause_id,
      WaiverId: finding.waiver_id,
      WaivedBy: finding.waived_by,
      WaivedUntil: finding.waived_until,
      SecurityHubDifference: difference,
      RelatedRequirementsLeftOut:
        leftOut === 0 ? null : `${leftOut} of ${labels.length + leftOut}: Security Hub takes ${labels.length}`,
    }),
    Resources: resourcesOf(finding, run.partition),
    Compliance: {
      Status: COMPLIANCE[finding.status],
      ...(labels.length === 0 ? {} : { RelatedRequirements: labels }),
      ...(finding.reason === null
        ? {}
        : {
            StatusReasons: [
              { ReasonCode: cut(finding.reason, 100), Description: cut(foundText(finding), ASFF_LIMITS.field) },
            ],
          }),
    },
    ...(finding.status === 'WAIVED' ? { Workflow: { Status: 'SUPPRESSED' as const } } : {}),
    RecordState: 'ACTIVE',
  };
}

const TYPES_OF_FINDING = ['Software and Configuration Checks/AWS Security Best Practices'];

/** Where not all fit: versions in force before older ones, of those every framework before a second of any, what is decided first. */
export const requirementsOf = (
  controlId: string,
  most: number = ASFF_LIMITS.requirements,
): { labels: string[]; leftOut: number } => {
  const all = publishedRequirements(controlId);
  const met = new Map<string, number>();
  const ranked = all.map((requirement) => {
    const rank = met.get(requirement.frameworkId) ?? 0;
    met.set(requirement.frameworkId, rank + 1);
    const place = 2 * rank + (requirement.decides ? 0 : 1);
    return { requirement, rank: requirement.current ? place : Number.MAX_SAFE_INTEGER };
  });
  const kept = new Set(
    ranked
      .sort((a, b) => a.rank - b.rank)
      .slice(0, most)
      .map(({ requirement }) => requirement),
  );
  const labels = all
    .filter((r) => kept.has(r))
    .map((r) => `${cut(`${r.frameworkId}/${r.requirementId}`, 64 - mark(r).length)}${mark(r)}`);
  return { labels, leftOut: all.length - labels.length };
};

const TYPES: Record<string, string> = { trail: 'AwsCloudTrailTrail', key: 'AwsKmsKey', bucket: 'AwsS3Bucket' };

function resourcesOf(finding: FindingRow, partition: string): AsffResource[] {
  const at = { Partition: partition, ...(finding.region === null ? {} : { Region: finding.region }) };
  const account = finding.account_id;
  const owner: AsffResource[] =
    account === null ? [] : [{ Type: 'AwsAccount', Id: `AWS::::Account:${account}`, ...at }];
  if (finding.resource_type === 'target' && owner.length > 0) return owner;
  const own: AsffResource = {
    Type: TYPES[finding.resource_type] ?? 'Other',
    Id: cut(finding.resource_arn, ASFF_LIMITS.id),
    ...at,
    ...(account === null ? {} : { Details: { Other: { AccountId: account } } }),
  };
  return [own, ...owner];
}

function fieldsOf(values: Record<string, string | null>): Record<string, string> {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    value === null || value === '' ? [] : [[`${OURS}${name}`, cut(value, ASFF_LIMITS.field)] as const],
  );
  return Object.fromEntries(entries.slice(0, ASFF_LIMITS.fields));
}

/** The findings one by one; those whose resource is gone are archived. */
export async function* asffFindings(
  request: Since & {
    publisher: AsffPublisher;
    /** By ARN. */
    trails?: ReadonlyMap<string, TrailRow>;
  },
): AsyncGenerator<AsffFinding> {
  const { run, publisher } = request;
  for await (const { finding, gone } of findingsSince(request)) {
    const trail = request.trails?.get(finding.resource_arn) ?? null;
    yield { ...asffFinding({ finding, run, publisher, trail }), RecordState: gone ? 'ARCHIVED' : 'ACTIVE' };
  }
}

/** The findings as one JSON array, a finding a line: what `aws securityhub batch-import-findings` takes a hundred of. */
export async function* asffJson(request: Parameters<typeof asffFindings>[0]): AsyncGenerator<string> {
  let first = true;
  for await (const finding of asffFindings(request)) {
    yield `${first ? '[\n' : ',\n'}${sanitizeJson(JSON.stringify(finding))}`;
    first = false;
  }
  yield first ? '[]\n' : '\n]\n';
}
