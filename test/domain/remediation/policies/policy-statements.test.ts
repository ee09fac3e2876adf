import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  mergedPolicy,
  type PolicyStatement,
} from '../../../../functions/domain/remediation/policies/policy-statements.ts';

const OURS: PolicyStatement = { Sid: 'TrailSealX', Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };
const statementsIn = (policy: string): { Sid?: string }[] => JSON.parse(policy).Statement;

describe('mergedPolicy', () => {
  it('adds ours, does nothing the second time, and keeps what others wrote', () => {
    const theirs = {
      Version: '2012-10-17',
      Id: 'mine',
      Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*' },
    };
    const first = mergedPolicy({ current: JSON.stringify(theirs), statements: [OURS] });
    if (!first.ok) throw new Error(first.reason);
    expect(JSON.parse(first.policy)).toEqual({ ...theirs, Statement: [theirs.Statement, OURS] });
    expect(first.changed).toBe(true);
    expect(mergedPolicy({ current: first.policy, statements: [OURS] })).toEqual({ ...first, changed: false });
  });

  it('takes away or changes the statements given, exactly as they stand, and only those', () => {
    const Statement = [{ Sid: 'A', Effect: 'Allow' }, { Effect: 'Allow', Sid: 'B' }, { Sid: 'A', Effect: 'Deny' }, {}];
    const merged = mergedPolicy({
      current: JSON.stringify({ Version: '2012-10-17', Statement }),
      statements: [],
      replace: [
        { from: { Effect: 'Allow', Sid: 'A' }, to: null },
        { from: { Sid: 'B', Effect: 'Allow' }, to: { Sid: 'B', Effect: 'Allow', Action: 'kms:Decrypt' } },
      ],
    });
    expect(merged.ok && statementsIn(merged.policy)).toEqual([
      { Sid: 'B', Effect: 'Allow', Action: 'kms:Decrypt' },
      { Sid: 'A', Effect: 'Deny' },
      {},
    ]);
  });

  it('leaves a statement of an earlier fix, which lets another trail in, and takes a Sid that is free', () => {
    const earlier = { ...OURS, Condition: { StringEquals: { 'aws:SourceArn': 'another' } } };
    const merged = mergedPolicy({ current: JSON.stringify({ Statement: [earlier] }), statements: [OURS] });
    expect(merged.ok && statementsIn(merged.policy)).toEqual([earlier, { ...OURS, Sid: 'TrailSealX2' }]);
  });

  it('finds its statement again as AWS stores it: a list of one as that one', () => {
    const listed = { ...OURS, Sid: 'theirs', Action: ['kms:Decrypt'], Resource: ['*'] };
    const merged = mergedPolicy({ current: JSON.stringify({ Statement: [listed] }), statements: [OURS] });
    expect(merged).toMatchObject({ ok: true, changed: false });
  });

  it.each(['', 'not json', '[]', '"text"', 'null'])('never replaces what it cannot read: %j', (current) => {
    expect(mergedPolicy({ current, statements: [OURS] }).ok).toBe(false);
  });

  it('refuses to outgrow 32 KB', () => {
    const current = JSON.stringify({ Statement: [{ Sid: 'x'.repeat(33_000) }] });
    expect(mergedPolicy({ current, statements: [OURS] })).toMatchObject({ ok: false });
  });

  it('keeps every statement that is not ours', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ Sid: fc.string(), Note: fc.jsonValue() }), { maxLength: 8 }), (statements) => {
        const merged = mergedPolicy({ current: JSON.stringify({ Statement: statements }), statements: [OURS] });
        expect(merged.ok && statementsIn(merged.policy)).toEqual([
          ...JSON.parse(JSON.stringify(statements)),
          { ...OURS, Sid: expect.stringMatching(/^TrailSealX\d*$/) },
        ]);
      }),
    );
  });
});
