/** Levenshtein distance, one row at a time. */
export const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      next.push(Math.min((row[j] ?? 0) + (letter === b[j] ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The name that is probably meant: begun alike, or at most two edits away (three for long ones); null where none is. */
export const likelyName = (text: string, names: readonly string[]): string | null => {
  let best: { name: string; distance: number } | null = null;
  for (const name of names) {
    const found = name.startsWith(text) && text.length > 2 ? 1 : editDistance(text.toLowerCase(), name);
    if (found <= (name.length > 6 ? 3 : 2) && (best === null || found < best.distance))
      best = { name, distance: found };
  }
  return best?.name ?? null;
};

/** The name nearest for its length, however far: for a short list of which one must be meant. */
export const nearestName = <N extends string>(text: string, names: readonly [N, ...N[]]): N => {
  const cut = text.slice(0, 100).toLowerCase();
  const far = (name: string): number => editDistance(cut, name.toLowerCase()) / Math.max(cut.length, name.length);
  return names.reduce((best, name) => (far(name) < far(best) ? name : best), names[0]);
};
