/** A seeded stream of numbers (mulberry32): the same seed gives the same chaos. */
export interface Random {
  /** 0 ≤ x < 1 */
  unit(): number;
  /** least ≤ n ≤ most */
  whole(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(values: readonly [T, ...T[]]): T;
}

export function random(seed: number): Random {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    unit,
    whole: (least, most) => least + Math.floor(unit() * (most - least + 1)),
    chance: (share) => unit() < share,
    pick: (values) => values[Math.floor(unit() * values.length)] ?? values[0],
  };
}

/** A number of its own for every name: draws do not depend on the order in which things happen. */
export function drawOf(seed: number, name: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return random(hash).unit();
}
