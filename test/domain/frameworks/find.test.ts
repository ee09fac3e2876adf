import { describe, expect, it } from '@jest/globals';
import { FRAMEWORKS } from '../../../functions/domain/frameworks/catalogue.ts';
import { findFramework } from '../../../functions/domain/frameworks/find.ts';

describe('findFramework', () => {
  it('finds every framework by its own id, whatever the case', () => {
    for (const framework of FRAMEWORKS) {
      expect(findFramework(framework.id)).toEqual({ found: true, framework, taken: null });
      expect(findFramework(framework.id.toUpperCase())).toEqual({ found: true, framework, taken: null });
    }
  });

  it.each([
    ['PCI DSS v4.0.1', 'pci-dss-4.0.1'],
    ['cis_aws_3.0.0', 'cis-aws-3.0'],
    [' soc_2 ', 'soc-2'],
  ])('reads %j as %s', (id, expected) => {
    const search = findFramework(id);
    expect(search.found && search.framework.id).toBe(expected);
  });

  it.each([
    ['hipaa', 'hipaa-security-rule'],
    ['pci', 'pci-dss-4.0.1'],
    ['pcidss', 'pci-dss-4.0.1'],
    ['cis', 'cis-aws-7.0'],
    ['cis 1.4', 'cis-aws-1.4'],
    ['CIS Controls', 'cis-controls-8.1'],
    ['nist-800-53', 'nist-800-53-r5'],
    ['800-171', 'nist-800-171-r3'],
    ['fedramp moderate', 'fedramp-r5-moderate'],
    ['iso27001', 'iso-27001-2022'],
    ['soc2', 'soc-2'],
    ['cmmc', 'cmmc-2.0'],
  ])('takes %j as the newest that it fits, %s, and says so', (words, expected) => {
    const search = findFramework(words);
    if (!search.found) throw new Error(search.message);
    expect(search.framework.id).toBe(expected);
    expect(search.taken).toContain(`${JSON.stringify(words)} is taken as ${expected} (`);
  });

  it.each([
    ['fedramp', ['fedramp-r5-li-saas', 'fedramp-r5-low', 'fedramp-r5-moderate', 'fedramp-r5-high', 'fedramp-20x-low']],
    ['nist', ['nist-800-53-r5', 'nist-800-171-r3', 'nist-csf-2.0']],
    ['gxp', ['gxp-21-cfr-part-11', 'gxp-eu-annex-11']],
    ['fedramp r4', ['fedramp-r4-low', 'fedramp-r4-moderate']],
  ])('does not guess which of several %j means', (words, expected) => {
    expect(findFramework(words)).toEqual({
      found: false,
      suggestions: expected,
      message: `${JSON.stringify(words)} can be any of ${expected.join(', ')}: give one of them.`,
    });
  });

  it.each([
    ['pci-dss-4.0', ['pci-dss-4.0.1']],
    ['hippa', ['hipaa-security-rule']],
    ['swift', ['aws-ftr']],
    ['cis-aws-8.0', ['cis-aws-7.0']],
  ])('offers for %j the nearest names', (id, expected) => {
    const search = findFramework(id);
    if (search.found) throw new Error('found');
    for (const suggestion of expected) expect(search.suggestions).toContain(suggestion);
    expect(search.message).toContain(expected[0]);
    expect(search.suggestions.length).toBeLessThanOrEqual(5);
  });

  it.each(['', 'x'.repeat(100_000), '../../etc/passwd', '<script>\u202e', '__proto__'])(
    'answers nonsense with suggestions and one short sentence',
    (id) => {
      const search = findFramework(id);
      if (search.found) throw new Error('found');
      expect(search.suggestions).toHaveLength(5);
      expect(search.message.length).toBeLessThan(400);
    },
  );
});
