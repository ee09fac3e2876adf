import type { FindingRow, RunRow } from '../tables/columns.ts';
import { type ExportOptions, foundText, isExported } from './exported.ts';

/** Text that XML 1.0 can hold: what it has no character for is left out, the rest escaped. */
const xml = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** FAIL is a failure, UNVERIFIED an error (it could not be tested), WAIVED and NOT_APPLICABLE are skipped. */
function outcome(finding: FindingRow): string {
  const message = xml(foundText(finding));
  const kind = xml(`${finding.severity} ${finding.reason ?? ''}`.trim());
  if (finding.status === 'FAIL') return `<failure type="${kind}" message="${message}"/>`;
  if (finding.status === 'UNVERIFIED') return `<error type="${kind}" message="${message}"/>`;
  return finding.status === 'PASS' ? '' : `<skipped message="${message}"/>`;
}

/** The findings as JUnit XML, a test case each, for pipelines that show tests. Read twice: the counts come first. */
export async function* junitXml(request: {
  findings: () => AsyncIterable<FindingRow>;
  run: RunRow;
  options?: ExportOptions;
}): AsyncGenerator<string> {
  const { run, options } = request;
  const counts = { tests: 0, failures: 0, errors: 0, skipped: 0 };
  for await (const finding of request.findings()) {
    if (!isExported(finding, options)) continue;
    counts.tests += 1;
    if (finding.status === 'FAIL') counts.failures += 1;
    else if (finding.status === 'UNVERIFIED') counts.errors += 1;
    else if (finding.status !== 'PASS') counts.skipped += 1;
  }
  const { tests, failures, errors, skipped } = counts;
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="TrailSeal ${run.run_id} (${run.status})" timestamp="${run.started_at.slice(0, 19)}" tests="${tests}" failures="${failures}" errors="${errors}" skipped="${skipped}">\n`;
  for await (const finding of request.findings()) {
    if (!isExported(finding, options)) continue;
    const name = [finding.account_name ?? finding.account_id, finding.region, finding.resource_arn].filter(Boolean);
    yield `<testcase classname="${xml(finding.control_id)}" name="${xml(name.join(' '))}">${outcome(finding)}</testcase>\n`;
  }
  yield '</testsuite></testsuites>\n';
}
