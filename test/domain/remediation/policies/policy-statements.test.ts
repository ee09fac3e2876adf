import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  mergedPolicy,
  type PolicyStatement,
} from '../../../../functions/domain/remediation/policies/policy-statements.ts';

const OURS: PolicyStatement = { Sid: 'TrailSealX', Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };
const statementsIn = (policy: string): { Sid?: string }[] => JSON.parse(policy).Statement;

describe('mergedPolicy', () => {
  it('adds ours, renews it the second time, and keeps what others wrote', () => {
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

  it('takes away the statements named, and only those', () => {
    const current = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'Open' }, { Sid: 'Kept' }, {}] });
    const merged = mergedPolicy({ current, statements: [], drop: ['Open'] });
    expect(merged.ok && statementsIn(merged.policy)).toEqual([{ Sid: 'Kept' }, {}]);
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
        const kept = statements.filter((s) => s.Sid !== OURS.Sid);
        const merged = mergedPolicy({ current: JSON.stringify({ Statement: statements }), statements: [OURS] });
        expect(merged.ok && statementsIn(merged.policy)).toEqual(JSON.parse(JSON.stringify([...kept, OURS])));
      }),
    );
  });
});
