import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compile, matches, matchesArn, matchesWildcard } from '../../../functions/domain/policy/pattern.ts';
import { cpuSecondsOf } from '../../cpu-time.ts';
import { knownContext } from './known-context.ts';

const TRAIL = 'arn:aws:cloudtrail:eu-central-1:111122223333:trail/main';

describe('wildcards', () => {
  test.each([
    ['*', '', true],
    ['?', '', false],
    ['?', 'a', true],
    ['kms:*', 'kms:Decrypt', true],
    ['kms:Dec*pt', 'kms:Decrypt', true],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b', 'xxaxxbx', false],
    ['a**b', 'ab', true],
    ['a?b', 'ab', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['', '', true],
    ['', 'a', false],
  ])('%j and %j: %j', (pattern, text, expected) => expect(matchesWildcard(pattern, text)).toBe(expected));

  test('agrees with a regular expression', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', ':');
    fc.assert(
      fc.property(
        fc.array(piece).map((parts) => parts.join('')),
        fc.stringMatching(/^[ab:]{0,12}$/),
        (pattern, text) => {
          const expression = new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('*', '.*')}$`);
          expect(matchesWildcard(pattern, text)).toBe(expression.test(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a pattern made to explode does not', () => {
    const seconds = cpuSecondsOf(() => expect(matchesWildcard(`${'*a'.repeat(2000)}b`, 'a'.repeat(4000))).toBe(false));
    expect(seconds).toBeLessThan(10);
  });
});

describe('variables', () => {
  const context = knownContext({ 'aws:PrincipalAccount': '111122223333', 'aws:TagKeys': ['a', 'b'], 'aws:Star': '*' });
  const like = (text: string, subject: string, variables: typeof context | null = context) => {
    const compiled = compile(text, { wildcards: true, variables });
    return 'pattern' in compiled ? matches(compiled.pattern, subject) : compiled.unresolved;
  };

  test.each([
    ['${aws:principalaccount}-*', '111122223333-x', true],
    ['a${*}', 'a*', true],
    ['a${*}', 'ab', false],
    ['${$}{x}', '${x}', true],
    ['${?}', '?', true],
    ['${aws:Star}', 'anything', false],
    ['${aws:Star}', '*', true],
    ['${aws:username}', 'x', 'ABSENT'],
    ["${aws:username, 'nobody'}", 'nobody', true],
    ["${aws:PrincipalAccount, 'nobody'}", 'nobody', false],
    ['${aws:username, nobody}', 'nobody', 'UNKNOWN'],
    ['${aws:TagKeys}', 'a', 'UNKNOWN'],
    ['${unclosed', '${unclosed', true],
  ])('%j and %j: %j', (text, subject, expected) => expect(like(text, subject)).toBe(expected));

  test('are plain text in a policy of 2008', () => expect(like('${aws:username}', '${aws:username}', null)).toBe(true));
  test('are unknown where the key is', () => expect(like('${aws:x}', 'x', () => undefined)).toBe('UNKNOWN'));
  test('are unknown where the key may differ', () =>
    expect(like('${aws:x}', 'x', () => [['x'], null])).toBe('UNKNOWN'));
});

describe('ARNs', () => {
  const arn = (text: string, subject = TRAIL) => {
    const compiled = compile(text, { wildcards: true, variables: null });
    return 'pattern' in compiled ? matchesArn(compiled.pattern, subject) : 'unresolved';
  };

  test.each([
    [TRAIL, true],
    ['arn:aws:cloudtrail:*:111122223333:trail/*', true],
    ['arn:*:cloudtrail:*:*:*', true],
    ['arn:aws:cloudtrail:eu-central-?:1111*:trail/main', true],
    ['arn:aws:cloudtrail:*:444455556666:trail/*', false],
    ['arn:aws:cloudtrail*', null],
    ['*', null],
  ])('%s: %j', (text, expected) => expect(arn(text)).toBe(expected));

  test('a wildcard stays inside its part', () => {
    expect(arn('arn:aws:*:111122223333:trail/main:x')).toBe(false);
    expect(arn('arn:aws:iam:*:1:role/x', 'arn:aws:iam::2:role/:1:role/x')).toBe(false);
  });
  test('the resource keeps its colons', () =>
    expect(arn('arn:aws:logs:r:1:log-group:*', 'arn:aws:logs:r:1:log-group:a:*')).toBe(true));
  test('text that is no ARN is none', () => expect(arn('arn:*:*:*:*:*', 'main')).toBe(false));
});
