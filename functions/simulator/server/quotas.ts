/** Token buckets, one per quota, account and region, made when first drawn from and forgotten when full again. */
export interface Quotas {
  /** False: over the rate. `now` in milliseconds. */
  draw(key: string, quota: { rate: number; burst: number }, now: number): boolean;
  /** Buckets held at the moment. */
  size(): number;
}

/** Buckets held before the full ones are swept. */
const SWEEP_AT = 20_000;

export const createQuotas = (): Quotas => {
  const buckets = new Map<string, { tokens: number; at: number; rate: number; burst: number }>();
  let sweepAt = SWEEP_AT;
  return {
    draw: (key, quota, now) => {
      let bucket = buckets.get(key);
      if (!bucket) {
        if (buckets.size >= sweepAt) {
          for (const [name, held] of buckets) {
            if (held.tokens + ((now - held.at) / 1_000) * held.rate >= held.burst) buckets.delete(name);
          }
          sweepAt = Math.max(SWEEP_AT, buckets.size * 2);
        }
        bucket = { tokens: quota.burst, at: now, ...quota };
        buckets.set(key, bucket);
      }
      bucket.tokens = Math.min(quota.burst, bucket.tokens + ((now - bucket.at) / 1_000) * quota.rate);
      bucket.at = now;
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
    size: () => buckets.size,
  };
};
