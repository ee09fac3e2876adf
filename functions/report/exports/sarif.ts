import { CONTROLS } from '../../domain/controls/catalogue.ts';
import { sanitizeJson } from '../../domain/model/sanitize.ts';
import { isUnmet } from '../../domain/model/vocabulary.ts';
import type { FindingRow, RunRow } from '../tables/columns.ts';
import { controlText, foundText } from './exported.ts';

/** SARIF's own levels; what could not be determined is a warning, never nothing. */
const LEVELS: Record<FindingRow['severity'], 'error' | 'warning' | 'note'> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
  INFORMATIONAL: 'note',
};
/** GitHub sorts by this number: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning */
const SECURITY_SEVERITY: Record<FindingRow['severity'], string> = {
  CRITICAL: '9.5',
  HIGH: '8.0',
  MEDIUM: '5.5',
  LOW: '2.0',
  INFORMATIONAL: '0.1',
};

const rules = () =>
  CONTROLS.map(({ id, title, severity, rationale, remediation }) => ({
    id,
    shortDescription: { text: title },
    fullDescription: { text: rationale },
    help: { text: remediation },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { 'security-severity': SECURITY_SEVERITY[severity], tags: ['security', 'cloudtrail'] },
  }));

function result(finding: FindingRow): object {
  const { title, remediation } = controlText(finding.control_id);
  const place = [finding.account_id ?? 'unknown-account', finding.region ?? 'global'].join('/');
  return {
    ruleId: finding.control_id,
    level: finding.status === 'UNVERIFIED' ? 'warning' : LEVELS[finding.severity],
    message: { text: `${title}: ${finding.status}. ${foundText(finding)} Fix: ${remediation}` },
    locations: [
      {
        // There is no file to point at; a path by account and region makes what reads SARIF group by them.
        physicalLocation: {
          artifactLocation: { uri: `aws/${place}`, uriBaseId: '%SRCROOT%' },
          region: { startLine: 1 },
        },
        logicalLocations: [{ fullyQualifiedName: finding.resource_arn, kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'trailseal/v1': finding.finding_id },
    ...(finding.status === 'WAIVED' && {
      suppressions: [
        {
          kind: 'external',
          status: 'accepted',
          justification: `${finding.waiver_id ?? ''}, by ${finding.waived_by ?? ''}, until ${finding.waived_until?.slice(0, 10) ?? ''}`,
        },
      ],
    }),
    properties: { status: finding.status, severity: finding.severity, reason: finding.reason },
  };
}

/**
 * The findings that are not met as SARIF 2.1.0, for code scanning and for editors.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export async function* sarifJson(request: {
  findings: AsyncIterable<FindingRow>;
  run: RunRow;
}): AsyncGenerator<string> {
  const { run } = request;
  const driver = { name: 'TrailSeal', version: run.scanner_version, rules: rules() };
  const invocation = {
    executionSuccessful: run.status === 'COMPLETE',
    startTimeUtc: run.started_at,
    endTimeUtc: run.finished_at,
  };
  yield sanitizeJson(
    `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":${JSON.stringify({ driver })},"invocations":${JSON.stringify([invocation])},"automationDetails":${JSON.stringify({ id: `trailseal/${run.run_id}` })},"results":[`,
  );
  let before = '\n';
  for await (const finding of request.findings) {
    if (!isUnmet(finding.status)) continue;
    yield `${before}${sanitizeJson(JSON.stringify(result(finding)))}`;
    before = ',\n';
  }
  yield '\n]}]}\n';
}
