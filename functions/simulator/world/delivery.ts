import type { SimAccount, Trail } from './model.ts';
import type { World } from './world.ts';

/** When and how a trail's copy in an account last delivered. */
export interface Delivery {
  deliveredAt: number | null;
  digestAt: number | null;
  deliveryError: string | null;
  digestError: string | null;
}

/**
 * What follows from the bucket, the key and the account: no bucket, no delivery; a key that died took
 * the deliveries with it; a copy that is younger than the last delivery has delivered nothing.
 */
export const deliveryOf = (world: World, trail: Trail, account: SimAccount): Delivery => {
  const bucket = world.bucket(trail.bucket);
  const key = trail.key === null ? undefined : world.key(trail.key);
  const memberError = trail.memberErrors[account.id];
  const ended = Math.min(
    key?.unusableSince ?? Number.POSITIVE_INFINITY,
    bucket ? Number.POSITIVE_INFINITY : world.present - 48 * 3_600_000,
    memberError === undefined ? Number.POSITIVE_INFINITY : world.present - 72 * 3_600_000,
  );
  const began = Math.max(trail.startedAt, trail.organization ? account.joinedAt : 0);
  const until = (at: number | null): number | null => {
    if (at === null) return null;
    const last = Math.min(at, ended);
    return last < began ? null : last;
  };
  const error =
    memberError ??
    trail.deliveryError ??
    (bucket ? (key?.state === 'Disabled' ? 'KMS.DisabledException' : null) : 'NoSuchBucket');
  return {
    deliveredAt: until(trail.deliveredAt),
    digestAt: until(trail.digestAt),
    deliveryError: error,
    digestError: trail.validation ? (trail.digestError ?? (bucket ? null : 'NoSuchBucket')) : null,
  };
};
