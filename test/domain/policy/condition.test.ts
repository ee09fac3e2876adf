import { describe, expect, test } from '@jest/globals';
import { evaluateCondition } from '../../../functions/domain/policy/condition.ts';
import { knownContext } from './known-context.ts';

const context = knownContext({
  's:text': 'Blue',
  's:arn': 'arn:aws:cloudtrail:us-east-1:111122223333:trail/main',
  's:true': 'true',
  's:number': '1.2',
  's:date': '2026-11-23T12:00:00Z',
  's:epoch': '1700000000',
  's:ip': '203.0.113.9',
  's:ip6': '2001:db8::9',
  's:list': ['a', 'b'],
  's:empty': [],
  's:junk': 'not a number',
});
type Value = string | number | boolean;
const evaluate = (operator: string, key: string, values: Value | Value[], variables = true) =>
  evaluateCondition({ operator, key, values: [values].flat().map(String) }, { context, variables });

describe('operators', () => {
  test.each<[string, string, Value | Value[], string]>([
    ['StringEquals', 's:text', 'Blue', 'TRUE'],
    ['StringEquals', 'S:TEXT', 'Blue', 'TRUE'],
    ['stringequals', 's:text', 'Blue', 'TRUE'],
    ['StringEquals', 's:text', 'blue', 'FALSE'],
    ['StringEquals', 's:text', ['Red', 'Blue'], 'TRUE'],
    ['StringEquals', 's:text', [], 'FALSE'],
    ['StringEquals', 's:text', 'B*', 'FALSE'],
    ['StringEquals', 's:text', '${s:text}', 'TRUE'],
    ['StringEquals', 's:text', '${s:none}', 'FALSE'],
    ['StringNotEquals', 's:text', '${s:none}', 'UNKNOWN'],
    ['StringNotEquals', 's:text', ['${s:none}', 'Blue'], 'FALSE'],
    ['StringNotEquals', 's:text', ['Red', 'Blue'], 'FALSE'],
    ['StringNotEquals', 's:text', ['Red', 'Green'], 'TRUE'],
    ['StringEqualsIgnoreCase', 's:text', 'bLUE', 'TRUE'],
    ['StringNotEqualsIgnoreCase', 's:text', 'bLUE', 'FALSE'],
    ['StringLike', 's:text', 'B?u*', 'TRUE'],
    ['StringNotLike', 's:text', 'B?u*', 'FALSE'],
    ['ArnLike', 's:arn', 'arn:aws:cloudtrail:*:111122223333:trail/*', 'TRUE'],
    ['ArnEquals', 's:arn', 'arn:aws:cloudtrail:*:111122223333:trail/*', 'TRUE'],
    ['ArnNotLike', 's:arn', 'arn:aws:cloudtrail:*:111122223333:trail/*', 'FALSE'],
    ['ArnNotEquals', 's:arn', 'arn:aws:cloudtrail:*:444455556666:trail/*', 'TRUE'],
    ['ArnLike', 's:arn', '*', 'UNKNOWN'],
    ['Bool', 's:true', true, 'TRUE'],
    ['Bool', 's:true', 'True', 'TRUE'],
    ['Bool', 's:true', 'false', 'FALSE'],
    ['Bool', 's:true', 'yes', 'UNKNOWN'],
    ['NumericEquals', 's:number', 1.2, 'TRUE'],
    ['NumericNotEquals', 's:number', 1.2, 'FALSE'],
    ['NumericLessThan', 's:number', 1.2, 'FALSE'],
    ['NumericLessThanEquals', 's:number', 1.2, 'TRUE'],
    ['NumericGreaterThan', 's:number', 1, 'TRUE'],
    ['NumericGreaterThanEquals', 's:number', '1.20', 'TRUE'],
    ['NumericEquals', 's:junk', 1, 'FALSE'],
    ['NumericEquals', 's:number', 'one', 'UNKNOWN'],
    ['DateEquals', 's:date', '2026-11-23T12:00:00.000Z', 'TRUE'],
    ['DateNotEquals', 's:date', '2026-11-23', 'TRUE'],
    ['DateLessThan', 's:date', '2026-11-24', 'TRUE'],
    ['DateLessThanEquals', 's:date', '2026-11-22', 'FALSE'],
    ['DateGreaterThan', 's:epoch', '2023-11-01T00:00:00Z', 'TRUE'],
    ['DateGreaterThanEquals', 's:date', '1700000000', 'TRUE'],
    ['DateLessThan', 's:date', 'tomorrow', 'UNKNOWN'],
    ['IpAddress', 's:ip', '203.0.113.0/24', 'TRUE'],
    ['IpAddress', 's:ip', ['198.51.100.0/24', '203.0.113.9'], 'TRUE'],
    ['IpAddress', 's:ip', '2001:db8::/32', 'FALSE'],
    ['IpAddress', 's:ip6', '2001:db8::/32', 'TRUE'],
    ['NotIpAddress', 's:ip', '203.0.113.0/24', 'FALSE'],
    ['NotIpAddress', 's:ip', '198.51.100.0/24', 'TRUE'],
    ['IpAddress', 's:ip', '203.0.113.0/33', 'UNKNOWN'],
    ['IpAddress', 's:ip', 'everywhere', 'UNKNOWN'],
    ['Null', 's:text', 'false', 'TRUE'],
    ['Null', 's:text', true, 'FALSE'],
    ['Null', 's:none', true, 'TRUE'],
    ['Null', 's:none', [true, false], 'TRUE'],
    ['Null', 's:none', 'maybe', 'UNKNOWN'],
  ])('%s %s %j: %s', (operator, key, values, truth) => expect(evaluate(operator, key, values).truth).toBe(truth));
});

describe('an absent key', () => {
  test.each([
    ['StringEquals', 'FALSE'],
    ['StringNotEquals', 'TRUE'],
    ['StringLike', 'FALSE'],
    ['StringNotLike', 'TRUE'],
    ['StringEqualsIfExists', 'TRUE'],
    ['StringNotEqualsIfExists', 'TRUE'],
    ['ForAllValues:StringEquals', 'TRUE'],
    ['ForAllValues:StringNotEquals', 'TRUE'],
    ['ForAnyValue:StringEquals', 'FALSE'],
    ['ForAnyValue:StringNotEquals', 'FALSE'],
    ['ForAnyValue:StringEqualsIfExists', 'UNKNOWN'],
    ['Bool', 'FALSE'],
    ['BoolIfExists', 'TRUE'],
    ['ArnNotLike', 'TRUE'],
    ['NotIpAddress', 'TRUE'],
    ['NumericLessThan', 'FALSE'],
    ['DateGreaterThanIfExists', 'TRUE'],
  ])('%s: %s', (operator, truth) => {
    expect(evaluate(operator, 's:none', 'x').truth).toBe(truth);
    if (operator.includes('String')) expect(evaluate(operator, 's:empty', 'x').truth).toBe(truth);
  });
});

describe('lists', () => {
  test.each<[string, string[], string]>([
    ['ForAllValues:StringEquals', ['a', 'b', 'c'], 'TRUE'],
    ['ForAllValues:StringEquals', ['a'], 'FALSE'],
    ['ForAllValues:StringNotEquals', ['c'], 'TRUE'],
    ['ForAllValues:StringNotEquals', ['a'], 'FALSE'],
    ['ForAnyValue:StringEquals', ['b', 'c'], 'TRUE'],
    ['ForAnyValue:StringEquals', ['c'], 'FALSE'],
    ['ForAnyValue:StringNotEquals', ['a'], 'TRUE'],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], 'FALSE'],
    ['ForAnyValue:StringLikeIfExists', ['b*'], 'TRUE'],
    ['foranyvalue:stringlike', ['b*'], 'TRUE'],
    ['StringEquals', ['a'], 'UNKNOWN'],
  ])('%s %j: %s', (operator, values, truth) => expect(evaluate(operator, 's:list', values).truth).toBe(truth));

  test('one value is a list of one', () => {
    expect(evaluate('ForAllValues:StringEquals', 's:text', 'Blue').truth).toBe('TRUE');
    expect(evaluate('ForAnyValue:StringEquals', 's:text', 'Red').truth).toBe('FALSE');
  });
});

describe('what cannot be decided says why', () => {
  test.each([
    'BinaryEquals',
    'StringEqual',
    'NullIfExists',
    'ForAnyValue:Null',
    'ForSomeValues:StringEquals',
    '',
    '__proto__',
  ])('operator %j', (operator) => {
    const { truth, doubt } = evaluate(operator, 's:text', 'x');
    expect(truth).toBe('UNKNOWN');
    expect(doubt).toContain('is not known');
  });
  test('a key nothing is known of', () => {
    const condition = { operator: 'Null', key: 'aws:Novelty', values: ['true'] };
    const { truth, doubt } = evaluateCondition(condition, { context: () => undefined, variables: true });
    expect(truth).toBe('UNKNOWN');
    expect(doubt).toContain('aws:Novelty');
  });
  test('a key with two possible states is decided where both agree', () => {
    const states = { context: () => [null, ['x']], variables: true };
    const truthOf = (operator: string) => evaluateCondition({ operator, key: 'k', values: ['y'] }, states).truth;
    expect(truthOf('StringEquals')).toBe('FALSE');
    expect(truthOf('StringNotEquals')).toBe('TRUE');
    expect(truthOf('StringEqualsIfExists')).toBe('UNKNOWN');
  });
  test('variables are text in a policy of 2008', () => {
    expect(evaluate('StringEquals', 's:text', '${s:text}', false).truth).toBe('FALSE');
  });
});
