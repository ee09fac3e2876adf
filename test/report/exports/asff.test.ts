import type { AwsSecurityFinding, Resource } from '@aws-sdk/client-securityhub';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ASFF_LIMITS,
  type AsffFinding,
  asffFinding,
  asffJson,
  requirementsOf,
} from '../../../functions/report/exports/asff.ts';
import { cut } from '../../../functions/report/exports/exported.ts';
import { publishedRequirements } from '../../../functions/report/exports/ocsf.ts';
import { findingRow, runRow, trailRow } from '../tables/sample-rows.ts';
import { EXPORTED, FINDINGS } from './hostile-findings.ts';

const PUBLISHER = { accountId: '999999999999', region: 'eu-west-1', partition: 'aws' };
const RUN = runRow();
const made = (finding = findingRow()): AsffFinding => asffFinding({ finding, run: RUN, publisher: PUBLISHER });

/** The SDK's own type, but for the list of partitions, which is not complete: what does not fit it does not compile. */
type SdkFinding = Omit<AwsSecurityFinding, 'Resources'> & {
  Resources: (Omit<Resource, 'Partition'> & { Partition?: string })[];
};
const asSdk = (finding: AsffFinding): SdkFinding => finding;
/** Without half a surrogate pair. */
const isWellFormed = (text: string): boolean => Buffer.from(text).toString() === text;

describe('ASFF', () => {
  it.each(FINDINGS.map((f) => [f.finding_id, f] as const))('keeps to the limits of Security Hub: %s', (_, row) => {
    const finding = made(row);
    expect(asSdk(finding).SchemaVersion).toBe('2018-10-08');
    for (const [value, limit] of [
      [finding.Title, ASFF_LIMITS.title],
      [finding.Description, ASFF_LIMITS.description],
      [finding.Id, ASFF_LIMITS.id],
      [finding.Remediation?.Recommendation.Text ?? '-', ASFF_LIMITS.recommendation],
      ...finding.Resources.map((r) => [r.Id, ASFF_LIMITS.id] as const),
      ...Object.values(finding.ProductFields).map((v) => [v, ASFF_LIMITS.field] as const),
    ] as const) {
      expect(value.length).toBeGreaterThan(0);
      expect(value.length).toBeLessThanOrEqual(limit);
      expect(isWellFormed(value)).toBe(true);
    }
    expect(finding.Resources.length).toBeGreaterThan(0);
    expect(finding.Resources.length).toBeLessThanOrEqual(ASFF_LIMITS.resources);
    expect(finding.Compliance.RelatedRequirements?.length ?? 0).toBeLessThanOrEqual(ASFF_LIMITS.requirements);
    for (const label of finding.Compliance.RelatedRequirements ?? []) expect(label.length).toBeLessThanOrEqual(64);
    expect(Buffer.byteLength(JSON.stringify(finding))).toBeLessThan(ASFF_LIMITS.bytes);
    for (const at of [finding.CreatedAt, finding.UpdatedAt])
      expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('is under the account that publishes, with the real one among the resources', () => {
    const finding = made(
      findingRow({ account_id: '333333333333', resource_arn: 'arn:aws:cloudtrail:us-east-1:333333333333:trail/x' }),
    );
    expect(finding).toMatchObject({
      AwsAccountId: '999999999999',
      ProductArn: 'arn:aws:securityhub:eu-west-1:999999999999:product/999999999999/default',
      Resources: [
        {
          Type: 'AwsCloudTrailTrail',
          Id: 'arn:aws:cloudtrail:us-east-1:333333333333:trail/x',
          Partition: 'aws',
          Region: 'us-east-1',
        },
        { Type: 'AwsAccount', Id: 'AWS::::Account:333333333333' },
      ],
    });
  });

  it.each([
    ['PASS', 'PASSED', 'INFORMATIONAL'],
    ['FAIL', 'FAILED', 'HIGH'],
    ['WAIVED', 'FAILED', 'HIGH'],
    ['UNVERIFIED', 'WARNING', 'HIGH'],
    ['NOT_APPLICABLE', 'NOT_AVAILABLE', 'INFORMATIONAL'],
  ] as const)('%s is %s of severity %s', (status, compliance, severity) => {
    const finding = made(findingRow({ status }));
    expect([finding.Compliance.Status, finding.Severity.Label]).toEqual([compliance, severity]);
    expect(finding.FindingProviderFields).toEqual({ Severity: finding.Severity, Types: finding.Types });
    expect(finding.Workflow).toEqual(status === 'WAIVED' ? { Status: 'SUPPRESSED' } : undefined);
  });

  it('keeps the requirements of versions in force, and none that holds only under a condition', () => {
    const labels = made().Compliance.RelatedRequirements ?? [];
    expect(labels).toEqual(
      expect.arrayContaining(['pci-dss-4.0.1/10.3.2 (supports)', 'cis-aws-7.0/4.5', 'nist-800-53-r5/AU-9']),
    );
    expect(labels).not.toContain('pci-dss-4.0.1/3.5.1');
  });

  it('keeps the newest version of every framework where the list is cut, and says how many it left out', () => {
    const whole = requirementsOf('trail-kms-encrypted', 1_000);
    const frameworks = (labels: string[]) => new Set(labels.map((label) => label.split('/')[0]));
    const inForce = new Set(
      publishedRequirements('trail-kms-encrypted').flatMap((r) => (r.current ? [r.frameworkId] : [])),
    );
    const shortest = requirementsOf('trail-kms-encrypted', inForce.size);
    expect(frameworks(shortest.labels)).toEqual(inForce);
    expect(shortest.leftOut).toBe(whole.labels.length - inForce.size);
    const finding = made(findingRow({ control_id: 'trail-kms-encrypted' }));
    const listed = finding.Compliance.RelatedRequirements ?? [];
    const left = whole.labels.length - listed.length;
    expect(left).toBeGreaterThan(0);
    expect(finding.ProductFields['trailseal/RelatedRequirementsLeftOut']).toBe(
      `${left} of ${whole.labels.length}: Security Hub takes ${listed.length}`,
    );
  });

  it('says of a trail why CloudTrail.2 may disagree', () => {
    const trail = trailRow({ verdict: 'BROKEN', key_state: 'PendingDeletion' });
    const finding = asffFinding({ finding: findingRow({ status: 'PASS' }), run: RUN, publisher: PUBLISHER, trail });
    expect(finding.Description).toContain('CloudTrail.2 passes this trail');
    expect(finding.ProductFields['trailseal/SecurityHubDifference']).toContain('the key is PendingDeletion');
  });

  it('is one JSON array, also where there is nothing', async () => {
    const text = async (findings: typeof FINDINGS) => {
      let all = '';
      for await (const chunk of asffJson({ findings, run: RUN, publisher: PUBLISHER })) all += chunk;
      return all;
    };
    const found = JSON.parse(await text(FINDINGS)) as AsffFinding[];
    expect(found.map((f) => f.Id)).toEqual(EXPORTED.map((id) => `trailseal/${id}`));
    expect(JSON.parse(await text([]))).toEqual([]);
  });
});

describe('cut', () => {
  it('never exceeds the limit, and never halves a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 20 }), (text, length) => {
        const short = cut(text, length);
        expect(short.length).toBeLessThanOrEqual(length);
        expect(isWellFormed(short)).toBe(isWellFormed(text));
        if (text.length <= length) expect(short).toBe(text);
      }),
    );
  });
});
