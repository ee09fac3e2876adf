import { describe, expect, it } from '@jest/globals';
import { CONTROL_IDS } from '../../../functions/domain/controls/catalogue.ts';
import {
  FRAMEWORKS,
  frameworkIdsOf,
  frameworkMappings,
  requirementsOf,
} from '../../../functions/domain/frameworks/catalogue.ts';
import { decides, EVIDENCE_IDS, evidenceOf, RETENTION } from '../../../functions/domain/frameworks/framework.ts';
import { SOURCES } from '../../../functions/domain/frameworks/sources.ts';

/** Requirement ids for "CloudTrail logs are encrypted with SSE-KMS", as published by the sources the catalogue names. */
const PUBLISHED: Record<string, string[]> = {
  'cis-aws-1.2': ['2.7'],
  'cis-aws-1.4': ['3.7'],
  'cis-aws-1.5': ['3.7'],
  'cis-aws-2.0': ['3.7'],
  'cis-aws-3.0': ['3.5'],
  'cis-aws-4.0': ['3.5'],
  'cis-aws-5.0': ['3.5'],
  'cis-aws-6.0': ['4.5'],
  'cis-aws-7.0': ['4.5'],
  'aws-fsbp': ['CloudTrail.2'],
  'aws-well-architected': ['SEC08-BP02'],
  'pci-dss-3.2.1': ['2.2', '3.4', '10.5'],
  'pci-dss-4.0.1': ['3.5.1', '10.3.2', '10.3.3', '10.3.4'],
  'hipaa-security-rule': ['164.312(a)(2)(iv)', '164.312(c)(1)', '164.312(c)(2)', '164.312(e)(2)(ii)'],
  'nist-800-53-r4': ['AU-9', 'SC-28'],
  'nist-800-53-r5': ['AU-9', 'AU-9(3)', 'CA-9(1)', 'CM-3(6)', 'SC-13', 'SC-28', 'SC-28(1)', 'SC-7(10)', 'SI-7(6)'],
  'nist-800-171-r2': ['3.3.8', '3.13.11', '3.13.16'],
  'nist-csf-1.1': ['PR.DS-1'],
  'nist-csf-2.0': ['PR.DS-01', 'PR.PS-04'],
  'fedramp-r4-low': ['AU-9'],
  'fedramp-r4-moderate': ['AU-9', 'SC-28'],
  'iso-27001-2022': ['A.8.15', 'A.8.24'],
  'soc-2': ['CC6.1'],
  gdpr: ['Art. 25', 'Art. 30', 'Art. 32'],
  'apra-cpg-234': ['52c', '54'],
  'mas-trm-2021': ['10.1.1', '11.1.1(b)'],
};

describe('the framework catalogue', () => {
  it.each(FRAMEWORKS.map((f) => [f.id, f] as const))(
    '%s maps SSE-KMS to the published requirements',
    (id, framework) => {
      const mapped = framework.requirements
        .filter((r) => evidenceOf(r).includes('trail-kms-encrypted'))
        .map((r) => r.id);
      expect(mapped.toSorted()).toEqual(PUBLISHED[id]?.toSorted());
    },
  );

  it('has every framework once, with requirements that are listed once and say something', () => {
    expect(FRAMEWORKS.map((f) => f.id).toSorted()).toEqual(Object.keys(PUBLISHED).toSorted());
    for (const framework of FRAMEWORKS) {
      expect(framework.id).toMatch(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/);
      expect(new Set(framework.requirements.map((r) => r.id)).size).toBe(framework.requirements.length);
      for (const requirement of framework.requirements) {
        expect(requirement.title.length).toBeGreaterThan(10);
        expect(requirement.notEvidenced).toMatch(/\.$/);
        expect(requirement.support.flatMap((s) => s.controls).length).toBeGreaterThan(0);
        for (const { source, controls } of requirement.support) {
          expect(Object.keys(SOURCES)).toContain(source);
          for (const id of controls) expect(EVIDENCE_IDS).toContain(id);
        }
      }
    }
  });

  it('has for every requirement a check that decides it, and none where only vendors map it', () => {
    for (const framework of FRAMEWORKS) {
      for (const requirement of framework.requirements) {
        const deciding = evidenceOf(requirement).filter((id) => decides(requirement, id));
        expect([framework.id, requirement.id, deciding.length > 0]).toEqual([
          framework.id,
          requirement.id,
          requirement.vendorMappingOnly !== true,
        ]);
      }
    }
  });

  it('maps a control to a requirement once: two sources for the same pair would count its findings twice', () => {
    for (const framework of FRAMEWORKS) {
      for (const requirement of framework.requirements) {
        const ids = requirement.support.flatMap((s) => s.controls);
        expect([framework.id, requirement.id, ids.toSorted()]).toEqual([
          framework.id,
          requirement.id,
          [...new Set(ids)].toSorted(),
        ]);
      }
    }
  });

  it('gives every control of the contract at least one requirement', () => {
    for (const id of CONTROL_IDS) expect([id, frameworkIdsOf(id).length > 0]).toEqual([id, true]);
    expect(frameworkIdsOf('no-such-control')).toEqual([]);
  });

  it('maps log validation, the bucket, recording and expiry where the standards ask for them', () => {
    const has = (control: string, framework: string) =>
      requirementsOf(control)
        .filter((r) => r.frameworkId === framework)
        .map((r) => r.requirementId);
    expect(has('trail-log-validation', 'pci-dss-4.0.1')).toContain('10.3.4');
    expect(has('bucket-protected', 'pci-dss-4.0.1')).toEqual(['10.3.1', '10.3.2', '10.3.3']);
    expect(has('region-recorded', 'pci-dss-4.0.1')).toEqual(['10.2.1']);
    expect(has('region-recorded', 'hipaa-security-rule')).toEqual(['164.312(b)']);
    expect(has(RETENTION, 'pci-dss-4.0.1')).toEqual(['10.5.1']);
    expect(requirementsOf('trail-kms-encrypted').map((r) => r.label)).toContain('PCI DSS 4.0.1/10.3.2');
  });

  it('claims nothing unconditionally that holds only with account data, or only by a vendor', () => {
    const of = (frameworkId: string, requirementId: string) =>
      requirementsOf('trail-kms-encrypted').find(
        (r) => r.frameworkId === frameworkId && r.requirementId === requirementId,
      )?.unconditional;
    expect(of('pci-dss-4.0.1', '3.5.1')).toBe(false);
    expect(of('hipaa-security-rule', '164.312(e)(2)(ii)')).toBe(false);
    expect(of('pci-dss-4.0.1', '10.3.2')).toBe(true);
  });

  it('lists every requirement as a row for queries', () => {
    const rows = frameworkMappings();
    expect(rows).toContainEqual({
      framework_id: 'pci-dss-4.0.1',
      requirement_id: '3.7.4',
      title: 'Keys change at the end of their crypto period',
      control_ids: ['trail-key-rotation'],
      deciding_ids: ['trail-key-rotation'],
      condition: 'ACCOUNT_DATA_IN_SCOPE',
    });
    expect(rows.filter((r) => r.condition === 'VENDOR_MAPPING_ONLY').map((r) => r.requirement_id)).toContain(
      '164.312(e)(2)(ii)',
    );
  });
});
