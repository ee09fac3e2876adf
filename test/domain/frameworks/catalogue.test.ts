import { describe, expect, it } from '@jest/globals';
import { CONTROL_IDS } from '../../../functions/domain/controls/catalogue.ts';
import { FRAMEWORKS, frameworkMappings, requirementsOf } from '../../../functions/domain/frameworks/catalogue.ts';
import { decides, evidenceOf } from '../../../functions/domain/frameworks/framework.ts';
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
  'aws-ftr': ['SDAT-002'],
  'cis-controls-8.1': ['3.11'],
  'csa-ccm-4.0': ['CEK-03', 'IAM-12', 'LOG-02', 'LOG-09'],
  'hipaa-security-rule': [
    '164.308(a)(1)(ii)(D)',
    '164.312(a)(2)(iv)',
    '164.312(c)(1)',
    '164.312(c)(2)',
    '164.312(e)(2)(ii)',
  ],
  'nist-800-53-r4': ['AU-9', 'SC-28'],
  'nist-800-53-r5': ['AU-9', 'AU-9(3)', 'CA-9(1)', 'CM-3(6)', 'SC-13', 'SC-28', 'SC-28(1)', 'SC-7(10)', 'SI-7(6)'],
  'nist-800-171-r2': ['3.3.8', '3.13.11', '3.13.16'],
  'nist-800-171-r3': ['03.03.08', '03.13.08', '03.13.11'],
  'cmmc-2.0': ['AU.L2-3.3.8', 'SC.L2-3.13.16'],
  'nist-csf-1.1': ['PR.DS-1'],
  'nist-csf-2.0': ['PR.DS-01', 'PR.PS-04'],
  'fedramp-r4-low': ['AU-9'],
  'fedramp-r4-moderate': ['AU-9', 'SC-28'],
  'fedramp-r5-li-saas': ['AU-9', 'SC-13', 'SC-28', 'SC-28(1)'],
  'fedramp-r5-low': ['AU-9', 'SC-13', 'SC-28', 'SC-28(1)'],
  'fedramp-r5-moderate': ['AU-9', 'SC-13', 'SC-28', 'SC-28(1)'],
  'fedramp-r5-high': ['AU-9', 'AU-9(3)', 'CM-3(6)', 'SC-13', 'SC-28', 'SC-28(1)', 'SC-7(10)'],
  'fedramp-20x-low': ['KSI-MLA', 'KSI-SVC'],
  'iso-27001-2022': ['A.8.15', 'A.8.24'],
  'soc-2': ['CC6.1'],
  gdpr: ['Art. 25', 'Art. 30', 'Art. 32'],
  'gxp-21-cfr-part-11': ['11.10(c)', '11.30'],
  'gxp-eu-annex-11': ['7.1'],
  'nydfs-500': ['500.02(a)', '500.15(a)'],
  dora: ['Art. 17'],
  nis2: ['9.2(a)'],
  'c5-2025': ['CRY-05.01AC', 'CRY-05.02B', 'CRY-10.01AC', 'OPS-13.03B', 'SIM-03.06B', 'SIM-03.07B'],
  'ens-rd2022': ['op.exp.8.r4'],
  'secnumcloud-3.2': ['10.1', '12.7'],
  'essential-eight': ['ML3-1.7', 'ML3-5.16', 'ML3-7.9'],
  'kisa-isms-p-2023': ['2.10.1', '2.10.2', '2.7.1', '2.7.2'],
  'rbi-cyber-security': ['Annex I (1.3)'],
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
    const unjudged: string[] = [];
    for (const framework of FRAMEWORKS) {
      expect(framework.id).toMatch(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/);
      expect(new Set(framework.requirements.map((r) => r.id)).size).toBe(framework.requirements.length);
      for (const requirement of framework.requirements) {
        expect(requirement.title.length).toBeGreaterThan(10);
        expect(requirement.notEvidenced).toMatch(/\.$/);
        if (requirement.support.length === 0) unjudged.push(`${framework.id} ${requirement.id}`);
        for (const { source, controls } of requirement.support) {
          expect(Object.keys(SOURCES)).toContain(source);
          for (const id of controls) expect(CONTROL_IDS).toContain(id);
        }
      }
    }
    expect(unjudged).toEqual([]);
  });

  it('says of every framework where its mapping is published, in every source that its requirements name', () => {
    const PLACE: Record<string, RegExp> = {
      'security-hub': /^https:\/\/docs\.aws\.amazon\.com\/securityhub\/latest\/userguide\/[a-z]+-controls\.html$/,
      prowler:
        /^https:\/\/github\.com\/prowler-cloud\/prowler\/blob\/master\/prowler\/compliance\/(aws\/)?[a-z0-9_.]+\.json$/,
      powerpipe: /^https:\/\/github\.com\/turbot\/steampipe-mod-aws-compliance\/tree\/main\/[a-z0-9_]+$/,
      'cdk-nag': /^https:\/\/github\.com\/cdklabs\/cdk-nag\/blob\/main\/RULES\.md$/,
      'config-apra': /^https:\/\/docs\.aws\.amazon\.com\/config\/latest\/developerguide\/[a-z0-9-]+\.html$/,
      'config-mas': /^https:\/\/docs\.aws\.amazon\.com\/config\/latest\/developerguide\/[a-z0-9-]+\.html$/,
      'nist-171-r3': /^https:\/\/doi\.org\/10\.6028\/NIST\.SP\.800-171r3$/,
    };
    for (const framework of FRAMEWORKS) {
      const named = new Set(framework.requirements.flatMap((r) => r.support.map((s) => s.source)));
      for (const source of named) {
        if (source === 'trailseal') continue;
        expect([framework.id, source, framework.published.some((url) => PLACE[source]?.test(url))]).toEqual([
          framework.id,
          source,
          true,
        ]);
      }
      expect(new Set(framework.published).size).toBe(framework.published.length);
      for (const url of framework.published) {
        const known = Object.values(PLACE).some((place) => place.test(url));
        expect([url, known || url.startsWith('https://github.com/GSA/fedramp-automation/blob/')]).toEqual([url, true]);
      }
    }
  });

  it('takes the baselines of FedRAMP from SP 800-53 revision 5, with its mapping', () => {
    const byId = (id: string) => FRAMEWORKS.find((f) => f.id === id)?.requirements ?? [];
    const r5 = byId('nist-800-53-r5');
    const ids = (id: string) => byId(id).map((r) => r.id);
    for (const level of ['li-saas', 'low', 'moderate', 'high'])
      for (const requirement of byId(`fedramp-r5-${level}`)) expect(r5).toContain(requirement);
    expect(ids('fedramp-r5-low')).toEqual(['AU-2', 'AU-9', 'AU-12', 'SC-12', 'SC-13', 'SC-28', 'SC-28(1)']);
    expect(ids('fedramp-r5-moderate')).toEqual([...ids('fedramp-r5-low'), 'SI-7(1)']);
    expect(ids('fedramp-r5-high')).toHaveLength(11);
  });

  it('has for every requirement a check that decides it, but for those that only vendors map', () => {
    const vendorsOnly = FRAMEWORKS.flatMap(({ id, requirements }) =>
      requirements.filter((r) => r.vendorMappingOnly).map((r) => `${id} ${r.id}`),
    );
    for (const requirement of FRAMEWORKS.flatMap(({ requirements }) => requirements)) {
      const deciding = evidenceOf(requirement).filter((id) => decides(requirement, id));
      expect(requirement.support.length > 0 && deciding.length === 0).toBe(requirement.vendorMappingOnly === true);
    }
    expect(vendorsOnly).toEqual([
      'csa-ccm-4.0 CCC-04',
      'csa-ccm-4.0 CEK-14',
      'pci-dss-3.2.1 2.2',
      'hipaa-security-rule 164.312(e)(2)(ii)',
      'nist-800-53-r5 CA-9(1)',
      'nist-800-53-r5 SC-7(10)',
      'cmmc-2.0 SC.L1-b.1.x',
      'cmmc-2.0 SC.L2-3.13.1',
      'fedramp-r5-high SC-7(10)',
      'fedramp-20x-low KSI-MLA-07',
      'soc-2 CC7.3',
      'gxp-21-cfr-part-11 11.10(k)',
      'gxp-eu-annex-11 1',
      'gxp-eu-annex-11 4.2',
      'gdpr Art. 30',
      'dora Art. 7',
      'nis2 3.1.2(a)',
      'nis2 3.4.2(d)',
      'nis2 11.6.2(c)',
      'c5-2025 OPS-15.02B',
      'c5-2025 CRY-03.01B',
      'ens-rd2022 op.exp.5',
      'ens-rd2022 op.exp.9',
      'essential-eight ML2-1.3',
      'essential-eight ML3-1.6',
      'kisa-isms-p-2023 2.10.1',
    ]);
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
    for (const id of CONTROL_IDS) expect([id, requirementsOf(id).length > 0]).toEqual([id, true]);
    expect(requirementsOf('no-such-control')).toEqual([]);
  });

  it('maps log validation, the bucket, recording and expiry where the standards ask for them', () => {
    const has = (control: string, framework: string) =>
      requirementsOf(control)
        .filter((r) => r.frameworkId === framework)
        .map((r) => r.requirementId);
    expect(has('trail-log-validation', 'pci-dss-4.0.1')).toContain('10.3.4');
    expect(has('bucket-protected', 'pci-dss-4.0.1')).toEqual(['10.3.1', '10.3.2', '10.3.3']);
    expect(has('region-recorded', 'pci-dss-4.0.1')).toEqual(['10.2.1']);
    expect(has('region-recorded', 'hipaa-security-rule')).toContain('164.312(b)');
    expect(has('bucket-retention', 'pci-dss-4.0.1')).toEqual(['10.5.1']);
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

  it.each([
    ['trail-key-usable', 'aws-fsbp', ['CloudTrail.2', 'KMS.3']],
    ['trail-delivering', 'pci-dss-4.0.1', ['10.2.1', '10.3.3', '10.7.2']],
    ['region-recorded', 'hipaa-security-rule', ['164.308(a)(1)(ii)(D)', '164.312(b)']],
    ['region-recorded', 'iso-27001-2022', ['A.8.15', 'A.8.16']],
    ['trail-log-validation', 'soc-2', ['CC7.3']],
    ['bucket-access-logged', 'cis-aws-1.4', ['3.6']],
    ['bucket-access-logged', 'cis-aws-5.0', ['3.4']],
    ['bucket-access-logged', 'cis-aws-7.0', ['4.4']],
    ['bucket-access-logged', 'aws-fsbp', ['CloudTrail.7']],
    ['bucket-not-public', 'aws-fsbp', ['CloudTrail.6']],
    ['trail-monitored', 'cis-aws-1.4', ['3.4']],
    ['trail-monitored', 'aws-fsbp', ['CloudTrail.5']],
    ['trail-monitored', 'pci-dss-4.0.1', ['10.2.1', '10.7.2']],
    ['trail-monitored', 'hipaa-security-rule', ['164.308(a)(1)(ii)(D)', '164.312(b)']],
    ['trail-monitored', 'iso-27001-2022', ['A.8.15', 'A.8.16']],
    ['trail-monitored', 'soc-2', ['CC7.2', 'CC7.3']],
    ['trail-monitored', 'fedramp-20x-low', ['KSI-MLA']],
    ['trail-monitored', 'nydfs-500', ['500.02(b)(3)', '500.06(a)', '500.14(a)']],
    ['bucket-retention', 'pci-dss-3.2.1', ['10.7']],
  ])('maps %s to requirements of %s that are not about encryption', (control, framework, expected) => {
    const found = requirementsOf(control).filter((r) => r.frameworkId === framework);
    expect(found.map((r) => r.requirementId)).toEqual(expected);
  });

  it('says of PCI DSS 3.5.1 what it asks of disk-level encryption', () => {
    const pci = FRAMEWORKS.find((f) => f.id === 'pci-dss-4.0.1');
    expect(pci?.requirements.find((r) => r.id === '3.5.1')?.notEvidenced).toContain('3.5.1.2');
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
