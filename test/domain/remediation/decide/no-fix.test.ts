import { describe, expect, it } from '@jest/globals';
import { CONTROLS, type ControlId, type ReasonOf } from '../../../../functions/domain/controls/catalogue.ts';
import { isOpen } from '../../../../functions/domain/model/vocabulary.ts';
import { whyNoFix } from '../../../../functions/domain/remediation/decide/no-fix.ts';

const declared = (id: string, reason: string) => CONTROLS.find((c) => c.id === id)?.reasons[reason];
const said = <Id extends ControlId>(control: Id, reason: ReasonOf<Id> & string) =>
  whyNoFix({ control, reason, status: declared(control, reason)?.status ?? '' });

const NO_DIGESTS =
  'Validation is on and digests do not arrive: look whether the policy of the bucket refuses cloudtrail.amazonaws.com under AWSLogs/ACCOUNT/CloudTrail-Digest/, and whether that of the key lets it in. No script is written, since CloudTrail names no statement.';
const NOT_OURS =
  'The key belongs to somebody outside the organization, who alone can say and change it: move the trail to a key of your own, which its own root cause repairs.';
const STOPPED =
  'The trails that would record these are stopped: start them, which the root cause of each trail repairs.';

describe('why no script is written', () => {
  it('is said by the reason', () => {
    expect(said('trail-log-validation', 'DIGEST_ERROR')).toBe(NO_DIGESTS);
    expect(said('trail-log-validation', 'DIGEST_OVERDUE')).toBe(NO_DIGESTS);
    expect(said('trail-log-validation', 'NO_DIGEST')).toBe(NO_DIGESTS);
    expect(said('region-recorded', 'PARTIAL_EVENTS')).toBe(
      'The trail takes only part of the management events: aws cloudtrail put-event-selectors takes read and write with nothing excluded. No script is written, since selectors are replaced as a whole and hold what else you chose.',
    );
    expect(said('region-recorded', 'TRAIL_STOPPED')).toBe(STOPPED);
    expect(said('trail-key-policy', 'FOREIGN_DECRYPT')).toBe(
      'The key policy lets an account outside the organization decrypt, and only you know whether it is to: no script is written, since it would take the logs from those who read them there. Name the roles that need it in place of the account, or the account in trustedAccounts if it is yours.',
    );
    const look =
      'look who writes them (a key set since, another trail with the same prefix). Nothing about the trail is to be changed for it.';
    expect(said('delivered-logs-encrypted', 'OTHER_KEY')).toBe(`Objects carry another key than the trail has: ${look}`);
    expect(said('delivered-logs-encrypted', 'NOT_KMS')).toBe(
      `Objects are not encrypted with the key that the trail has: ${look}`,
    );
    expect(said('event-data-store-encrypted', 'STORES_NOT_LISTED')).toBe(
      'What event data stores there are could not be listed, so there is nothing to repair yet: let the audit role call cloudtrail:ListEventDataStores (STORES_NOT_LISTED).',
    );
  });

  it('is the same in every control that says the key is somebody else’s', () => {
    const those = CONTROLS.filter((c) => 'KEY_OUTSIDE_ORGANIZATION' in c.reasons);
    expect(those.length).toBeGreaterThan(4);
    for (const { id } of those)
      expect([id, whyNoFix({ control: id, reason: 'KEY_OUTSIDE_ORGANIZATION', status: 'UNVERIFIED' })]).toEqual([
        id,
        NOT_OURS,
      ]);
  });

  it('is found by the verdict too, where coverage shows the cause', () => {
    expect(whyNoFix({ control: 'NOT_LOGGING', reason: 'TRAIL_STOPPED', status: 'FAIL' })).toBe(STOPPED);
    expect(whyNoFix({ control: 'FOREIGN_KEY', reason: 'KEY_OUTSIDE_ORGANIZATION', status: 'FAIL' })).toBe(NOT_OURS);
    expect(whyNoFix({ control: 'UNVERIFIED', reason: 'ASSUMEROLE_REFUSED', status: 'UNVERIFIED' })).toBe(
      'These accounts or Regions gave no answer. Nothing can be repaired before it is known: let the audit role in (docs/reference/permissions.md), then trailseal scan --resume. (ASSUMEROLE_REFUSED).',
    );
  });

  it('is said by the control, else in general words, also of what another version found', () => {
    expect(said('delivered-logs-encrypted', 'NO_RECENT_OBJECT')).toBe(
      'What delivered objects carry is repaired by nothing but their writer, so no script is written: look who writes under the prefix of the trail (NO_RECENT_OBJECT).',
    );
    expect(said('trail-key-policy', 'POLICY_DENIED')).toBe(
      'What trail-key-policy rests on could not be read (POLICY_DENIED). Nothing can be repaired before it is known: let the audit role in (docs/reference/permissions.md), then trailseal scan --resume.',
    );
    expect(whyNoFix({ control: 'of-tomorrow', reason: 'NEW', status: 'FAIL' })).toBe(
      'No script is written for of-tomorrow (NEW): what to set is a choice that is yours; trailseal controls of-tomorrow says what is expected.',
    );
  });

  it('is a sentence, and declared of nothing that passes', () => {
    for (const { id, reasons } of CONTROLS)
      for (const [code, reason] of Object.entries(reasons)) {
        const why = 'noScript' in reason ? reason.noScript : undefined;
        if (why === undefined) continue;
        expect([id, code, why, isOpen(reason.status)]).toEqual([id, code, expect.stringMatching(/^[A-Z].*\.$/), true]);
      }
  });
});
