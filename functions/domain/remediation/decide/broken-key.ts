import { parseKeyArn } from '../../model/arn.ts';
import type { Change } from './plan.ts';

export type BrokenKey =
  | { kind: 'changes'; title: string; changes: Change[]; notes: string[] }
  /** The key cannot come back: the trails need another. */
  | { kind: 'replace'; notes: string[] }
  | { kind: 'refused'; refusal: string };

const refused = (refusal: string): BrokenKey => ({ kind: 'refused', refusal });

const LATER = 'Scan again when it is.';

/** What brings a key back, by its KeyState. */
export function brokenKeyChanges(request: {
  keyArn: string;
  state: string | null;
  deletionDate: string | null;
  reason: string | null;
}): BrokenKey {
  const { keyArn, state } = request;
  const key = parseKeyArn(keyArn);
  if (key === null) {
    return refused(`The key ${keyArn || 'of the trail'} is not named by a key ARN, so it cannot be found.`);
  }
  const at = { accountId: key.accountId, region: key.region, keyArn };
  switch (state) {
    case 'Disabled':
      return {
        kind: 'changes',
        title: `Enable key ${keyArn}`,
        changes: [{ do: 'enable-key', ...at }],
        notes: ['Find out who disabled it: look for DisableKey in the event history of the account of the key.'],
      };
    case 'PendingDeletion':
    case 'PendingReplicaDeletion':
      return {
        kind: 'changes',
        title: `Keep key ${keyArn}: cancel its deletion`,
        changes: [
          { do: 'cancel-key-deletion', ...at },
          { do: 'enable-key', ...at },
        ],
        notes: [
          `Hurry: ${request.deletionDate === null ? 'once the key is deleted' : `on ${request.deletionDate.slice(0, 10)}`} every log written under it becomes unreadable, for good. A key whose deletion was cancelled is Disabled, so it is enabled too.`,
          'Find out who scheduled it: look for ScheduleKeyDeletion in the event history of the account of the key.',
        ],
      };
    case 'NOT_FOUND':
      return {
        kind: 'replace',
        notes: [`Key ${keyArn} is gone: logs written under it cannot be read any more, by anyone.`],
      };
    case 'PendingImport':
      return refused(
        `Key ${keyArn} waits for its key material, which only you have: import it again (aws kms get-parameters-for-import, then import-key-material), or give a trail another key with --use-key.`,
      );
    case 'Unavailable':
      return refused(
        `Key ${keyArn} is in a custom key store that is not connected: connect it (aws kms connect-custom-key-store). ${LATER}`,
      );
    case 'Creating':
    case 'Updating':
      return refused(`Key ${keyArn} is ${state}, which passes by itself within minutes. ${LATER}`);
    default:
      return refused(
        `Why key ${keyArn} cannot be used (${request.reason ?? 'no reason known'}, key state ${state ?? 'unknown'}) has no fix that could be written down.`,
      );
  }
}
