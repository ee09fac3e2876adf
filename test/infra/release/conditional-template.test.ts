import { describe, expect, test } from '@jest/globals';
import {
  mergeTemplates,
  type Template,
  type World,
  WorldsMissing,
} from '../../../infra/release/conditional-template.ts';
import { evaluated } from './evaluated.ts';

const MAIL = { 'Fn::Equals': [{ Ref: 'Mail' }, 'true'] };
const LOCK = { 'Fn::Equals': [{ Ref: 'Lock' }, 'true'] };
const options = { expressions: { MailIsTrue: MAIL, LockIsTrue: LOCK }, groupOf: (condition: string) => condition };
const world = (holds: string[], Resources: Record<string, object>, Outputs: Record<string, object> = {}): World => ({
  holds,
  template: { Resources, Outputs } as unknown as Template,
});
const bucket = (Properties: object, rest: object = {}) => ({ Type: 'AWS::S3::Bucket', Properties, ...rest });

/** What CloudFormation would make of the merged template. */
const madeOf = (template: Template, on: string[]) => {
  const parameters = { Mail: String(on.includes('MailIsTrue')), Lock: String(on.includes('LockIsTrue')) };
  return evaluated(template, { stackName: 'S', parameters });
};
const expectEachWorld = (worlds: World[]): Template => {
  const merged = mergeTemplates(worlds, options);
  for (const { holds, template } of worlds)
    expect([holds, madeOf(merged, [...holds])]).toEqual([
      holds,
      evaluated(template, { stackName: 'S', parameters: {} }),
    ]);
  return merged;
};

describe('one template out of several', () => {
  test('a resource that one of them has, and its output, get the condition; what they share stays as it is', () => {
    const shared = bucket({ Tags: [{ Key: 'a', Value: '1' }] });
    const merged = expectEachWorld([
      world([], { Shared: shared }),
      world(['MailIsTrue'], { Shared: shared, Mail: bucket({}) }, { MailArn: { Value: 'x' } }),
    ]);
    expect(merged.Resources).toEqual({ Shared: shared, Mail: { ...bucket({}), Condition: 'MailIsTrue' } });
    expect(merged.Outputs).toEqual({ MailArn: { Value: 'x', Condition: 'MailIsTrue' } });
  });

  test('a resource that goes away, and what waits for it', () => {
    const merged = expectEachWorld([
      world([], { Key: bucket({}), User: bucket({ K: { Ref: 'Key' } }, { DependsOn: ['Key'] }) }),
      world(['LockIsTrue'], { User: bucket({ K: 'none' }) }),
    ]);
    expect(merged.Resources.Key?.Condition).toBe('NotLockIsTrue');
    expect(merged.Resources.User?.Properties).toEqual({ K: { 'Fn::If': ['LockIsTrue', 'none', { Ref: 'Key' }] } });
  });

  test('statements by their Sid, in order, and a property that is not always there', () => {
    const policy = (...sids: [string, string][]) => ({
      P: bucket({ Statement: sids.map(([Sid, Action]) => ({ Sid, Action })) }),
    });
    const merged = expectEachWorld([
      world([], policy(['First', 'a'], ['Last', 'z'])),
      world(['MailIsTrue'], policy(['First', 'a'], ['Middle', 'm'], ['Last', 'z'])),
      world(['LockIsTrue'], policy(['First', 'changed'], ['Last', 'z'])),
    ]);
    expect(merged.Resources.P?.Properties).toHaveProperty('Statement', [
      { Sid: 'First', Action: { 'Fn::If': ['LockIsTrue', 'changed', 'a'] } },
      { 'Fn::If': ['MailIsTrue', { Sid: 'Middle', Action: 'm' }, { Ref: 'AWS::NoValue' }] },
      { Sid: 'Last', Action: 'z' },
    ]);
    expectEachWorld([world([], { B: bucket({ A: '1' }) }), world(['LockIsTrue'], { B: bucket({ A: '1', L: ['x'] }) })]);
  });

  test('two choices that say the same of a value are one condition', () => {
    const merged = expectEachWorld([
      world([], { B: bucket({ Scope: 'ORGANIZATION' }) }),
      world(['MailIsTrue'], { B: bucket({ Scope: 'FILTERED' }) }),
      world(['LockIsTrue'], { B: bucket({ Scope: 'FILTERED' }) }),
    ]);
    expect(merged.Resources.B?.Properties).toEqual({
      Scope: { 'Fn::If': ['MailIsTrueOrLockIsTrue', 'FILTERED', 'ORGANIZATION'] },
    });
    expect(madeOf(merged, ['MailIsTrue', 'LockIsTrue']).Resources).toMatchObject({
      B: { Properties: { Scope: 'FILTERED' } },
    });
  });

  test('two choices that say different things of a value must be seen together', () => {
    const worlds = [
      world([], { B: bucket({ Memory: '1' }) }),
      world(['MailIsTrue'], { B: bucket({ Memory: '2' }) }),
      world(['LockIsTrue'], { B: bucket({ Memory: '3' }) }),
    ];
    expect(() => mergeTemplates(worlds, options)).toThrow(WorldsMissing);
    expect(() => mergeTemplates(worlds, options)).toThrow('not synthesized: MailIsTrue and LockIsTrue');
    const merged = expectEachWorld([...worlds, world(['MailIsTrue', 'LockIsTrue'], { B: bucket({ Memory: '4' }) })]);
    expect(madeOf(merged, ['MailIsTrue', 'LockIsTrue']).Resources).toMatchObject({
      B: { Properties: { Memory: '4' } },
    });
  });

  test('what CloudFormation takes no function for is refused', () => {
    const kept = bucket({}, { DeletionPolicy: 'Retain' });
    expect(() =>
      mergeTemplates(
        [world([], { B: kept }), world(['LockIsTrue'], { B: bucket({}, { DeletionPolicy: 'Delete' }) })],
        options,
      ),
    ).toThrow('B: DeletionPolicy cannot depend on a parameter');
  });
});
