import { parseKeyArn } from '../model/arn.ts';
import type { KeyInspection } from '../model/inspection.ts';
import type { FailureKind } from '../model/reading.ts';

/** What is known of the key a trail (or store) names, whatever could be read of it. */
export interface KeyFacts {
  /** As the trail names it. */
  keyId: string;
  /** null where it is not a key ARN (an alias, a bare id, anything else). */
  arn: { region: string; accountId: string; keyId: string } | null;
  /** KMS KeyState, `NOT_FOUND` where KMS says there is no such key, null where unknown. */
  state: string | null;
  /** `AWS`, `CUSTOMER` or null. */
  manager: string | null;
  /** false only where the population is known and the account is not in it. */
  inOrganization: boolean | null;
  /** In the organization, or in the settings' `trustedAccounts`. */
  ownAccount: boolean | null;
  deletionDate: string | null;
  /** Why the state is unknown: a stable code. */
  unknownBecause: KeyUnknown | null;
  inspection: KeyInspection | null;
  /** The account that was asked about it, which for a store's key may not be the key's own; null where none was. */
  askedIn: string | null;
}

/** Who belongs to us: account ids in the organization, or null where the organization could not be listed, and trusted others. */
export interface Population {
  has(accountId: string): boolean;
  /** false for a lone account: then only its own id is known and others are neither in nor out. */
  complete: boolean;
  trusted: ReadonlySet<string>;
}

/** Why an owner's keys were not inspected. */
export type KeyRefusal = 'KEY_OWNER_INACTIVE';

/** Why the state of a key is not known. */
export type KeyUnknown =
  | `KEY_${Exclude<FailureKind, 'NOT_FOUND' | 'UNAVAILABLE'>}`
  | KeyRefusal
  | 'KEY_ID_NOT_AN_ARN'
  | 'KEY_ASKED_IN_ANOTHER_REGION'
  | 'KEY_OUTSIDE_ORGANIZATION'
  | 'KEY_NOT_INSPECTED';

/**
 * The states in which a key encrypts nothing, as reasons. `NOT_FOUND` is ours.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
const UNUSABLE = {
  PendingDeletion: 'KEY_PENDING_DELETION',
  PendingReplicaDeletion: 'KEY_PENDING_REPLICA_DELETION',
  PendingImport: 'KEY_PENDING_IMPORT',
  Disabled: 'KEY_DISABLED',
  Unavailable: 'KEY_UNAVAILABLE',
  Creating: 'KEY_CREATING',
  NOT_FOUND: 'KEY_NOT_FOUND',
} as const;
/** `KEY_NOT_USABLE`: a state that is not known here. */
export type KeyStateReason = (typeof UNUSABLE)[keyof typeof UNUSABLE] | 'KEY_NOT_USABLE';

/** `PendingDeletion` → `KEY_PENDING_DELETION`, for a state in which the key cannot be used. */
export const keyStateReason = (state: string): KeyStateReason =>
  Object.hasOwn(UNUSABLE, state) ? UNUSABLE[state as keyof typeof UNUSABLE] : 'KEY_NOT_USABLE';

/** Whether an account is in the organization or trusted; null where the organization could not be listed. */
export const isOurs = ({ has, complete, trusted }: Population, accountId: string): boolean | null =>
  trusted.has(accountId) || has(accountId) || (complete ? false : null);

/**
 * A key in state Updating works as an enabled one does.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export const isUsable = (state: string): boolean => state === 'Enabled' || state === 'Updating';

export function keyFacts(request: {
  keyId: string;
  inspection: KeyInspection | null;
  askedIn: string | null;
  /** Why nothing was inspected, where nothing was. */
  refusal: KeyRefusal | null;
  population: Population;
}): KeyFacts {
  const { keyId, inspection, population } = request;
  const arn = parseKeyArn(keyId);
  const description = inspection?.description ?? null;
  const notFound =
    description && !description.ok && description.failure.kind === 'NOT_FOUND' ? description.failure : null;
  // "Invalid arn": another region was asked than the key's, which says nothing of the key.
  const otherRegion = notFound !== null && /^Invalid arn\b/i.test(notFound.message);
  // Only KMS knows that there is no such key; a 404 of a proxy or of another endpoint says nothing of it.
  const missing = notFound?.code === 'NotFoundException' && !otherRegion;
  const accountId = arn?.accountId ?? null;
  const inOrganization =
    accountId === null ? null : population.has(accountId) ? true : population.complete ? false : null;
  const trusted = accountId !== null && population.trusted.has(accountId);
  return {
    keyId,
    arn,
    state: description?.ok ? description.value.state : missing ? 'NOT_FOUND' : null,
    manager: description?.ok ? description.value.manager : null,
    inOrganization,
    ownAccount: trusted ? true : inOrganization,
    deletionDate: description?.ok ? description.value.deletionDate : null,
    unknownBecause: unknownBecause(),
    inspection,
    askedIn: request.askedIn,
  };

  function unknownBecause(): KeyUnknown | null {
    if (!arn) return 'KEY_ID_NOT_AN_ARN';
    if (description?.ok || missing) return null;
    if (otherRegion) return 'KEY_ASKED_IN_ANOTHER_REGION';
    if (description) {
      const { kind } = description.failure;
      // KEY_UNAVAILABLE is the state of a key; missing ones have been dealt with.
      return kind === 'NOT_FOUND' || kind === 'UNAVAILABLE' ? 'KEY_NOT_INSPECTED' : `KEY_${kind}`;
    }
    return request.refusal ?? (inOrganization === false && !trusted ? 'KEY_OUTSIDE_ORGANIZATION' : 'KEY_NOT_INSPECTED');
  }
}
