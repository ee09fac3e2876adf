import { describe, expect, it } from '@jest/globals';
import { FRAMEWORKS } from '../../../functions/domain/frameworks/catalogue.ts';
import { findFramework } from '../../../functions/domain/frameworks/find.ts';

describe('findFramework', () => {
  it('finds every framework by its own id, whatever the case', () => {
    for (const framework of FRAMEWORKS) {
      expect(findFramework(framework.id)).toEqual({ found: true, framework });
      expect(findFramework(framework.id.toUpperCase())).toEqual({ found: true, framework });
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
    ['pci', ['pci-dss-3.2.1', 'pci-dss-4.0.1']],
    ['pci-dss-4.0', ['pci-dss-4.0.1']],
    ['hippa', ['hipaa-security-rule']],
    ['nist-800-53', ['nist-800-53-r4', 'nist-800-53-r5']],
    ['fedramp', ['fedramp-r4-low', 'fedramp-r4-moderate']],
    ['iso27001', ['iso-27001-2022']],
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
