import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as kms from '@aws-sdk/client-kms';
import * as organizations from '@aws-sdk/client-organizations';
import * as s3 from '@aws-sdk/client-s3';
import * as s3control from '@aws-sdk/client-s3-control';
import { describe, expect, it } from '@jest/globals';
import { CONTROLS, type ControlId, controlById, type ReasonOf } from '../../../functions/domain/controls/catalogue.ts';
import { type ControlText, control } from '../../../functions/domain/controls/control.ts';
import { CAUSE_KINDS, type RootCauseKind } from '../../../functions/domain/controls/reasons/cause-kinds.ts';
import { causeOn, fail, pass, reasonTexts } from '../../../functions/domain/controls/reasons/reason.ts';
import { isOpen } from '../../../functions/domain/model/vocabulary.ts';
import { key, resolved } from '../judge/sample-facts.ts';

const text: ControlText = {
  ...{
    title: 't',
    severity: 'LOW',
    rationale: 'r',
    reads: [],
    decision: 'd',
    expected: 'e',
    remediation: 'm',
    audit: { console: 'c', commands: [], expected: 'e' },
    page: 'https://docs.aws.amazon.com/p.html',
    sources: [],
  },
};
const CAUSE = { kind: 'CONTROL_NOT_MET', severity: 'LOW', fix: 'f' } as const;

describe('what is not declared', () => {
  it('cannot be said', () => {
    const speaker = control({
      ...text,
      id: 'speaker',
      resource: 'trail',
      reasons: { WELL: pass('w') },
      // @ts-expect-error: ILL is no reason of it
      decide: (_, say) => say('ILL', null),
    });
    expect(() => speaker.decide(resolved())).toThrow('Control speaker has no reason ILL.');
  });

  it('cannot fail without a cause, or have a cause of an unknown kind', () => {
    const careless = {
      ...text,
      id: 'careless',
      resource: 'trail',
      decide: (_: unknown, say: Say) => say('ILL', null),
    } as const;
    type Say = (reason: 'ILL', observed: null) => ReturnType<ReturnType<typeof control>['decide']> & { reason: 'ILL' };
    // @ts-expect-error: no cause
    control({ ...careless, reasons: { ILL: { status: 'FAIL', words: 'i' } } });
    // @ts-expect-error: no such kind
    control({ ...careless, reasons: { ILL: fail('i', { ...CAUSE, kind: 'NO_SUCH_KIND' }) } });
    expect(control({ ...careless, reasons: { ILL: fail('i', CAUSE) } }).decide(resolved())).toMatchObject({
      status: 'FAIL',
    });
  });

  it('has no type', () => {
    const id: ControlId = 'trail-kms-encrypted';
    const reason: ReasonOf<'trail-kms-encrypted'> = 'NO_KEY';
    // @ts-expect-error: no such control
    const noId: ControlId = 'trail-kms';
    // @ts-expect-error: a reason of another control
    const noReason: ReasonOf<'trail-kms-encrypted'> = 'ROTATION_OFF';
    expect([id, reason, noId, noReason].map((code) => controlById(code) !== undefined)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('every reason of the catalogue', () => {
  const all = CONTROLS.flatMap(({ id, reasons }) => reasonTexts(reasons).map((reason) => ({ id, ...reason })));

  it('has words, and a fix where it does not pass', () => {
    for (const { status, words, fix, code } of all) {
      expect(words).toMatch(/^\S.*[^.]$/);
      expect([code, fix !== null]).toEqual([code, isOpen(status)]);
    }
    expect(all.length).toBeGreaterThan(200);
  });

  it('passes in each control by one reason at least, and each kind of cause is somebody’s', () => {
    for (const { id, reasons } of CONTROLS) {
      const statuses = Object.values(reasons).map(({ status }) => status);
      expect([id, statuses.includes('PASS'), statuses.includes('FAIL')]).toEqual([id, true, true]);
    }
    const subjects = [null, key()].map((used) => ({ words: 'w', name: 'n', resource: null, key: used }));
    const causes = CONTROLS.flatMap(({ reasons }) =>
      Object.values(reasons).flatMap((reason) => ('cause' in reason ? [reason.cause] : [])),
    );
    const kinds = new Set(subjects.flatMap((on) => causes.map((cause) => causeOn(cause, on).kind)));
    expect(Object.keys(CAUSE_KINDS).filter((kind) => !kinds.has(kind as RootCauseKind))).toEqual(['CONTROL_NOT_MET']);
  });
});

const CLIENTS: Record<string, object> = { cloudtrail, kms, s3api: s3, s3control, logs, organizations };

describe('the audit by hand of each control', () => {
  it('only reads, and says where the console shows it', () => {
    for (const { id, audit } of CONTROLS) {
      expect([id, audit.console]).toEqual([id, expect.stringMatching(/, .*[:.]/)]);
      expect([id, audit.commands.length]).not.toEqual([id, 0]);
      for (const command of audit.commands)
        expect([id, command]).toEqual([
          id,
          expect.stringMatching(/^aws [a-z0-9]+ (describe|get|list|head)-[a-z-]+ --/),
        ]);
      // The SDK has a command for every operation of the AWS CLI that reads.
      for (const [, service = '', operation = ''] of audit.commands.map((command) => command.split(' '))) {
        const name = `-${operation}`.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
        expect([id, operation, `${name}Command` in (CLIENTS[service] ?? {})]).toEqual([id, operation, true]);
      }
    }
  });
});
