/** Counts what was done to the runs, by kind. */
export class Injected {
  readonly byKind = new Map<string, number>();

  add(kind: string, count = 1): void {
    if (count > 0) this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + count);
  }

  addAll(other: Injected): void {
    for (const [kind, count] of other.byKind) this.add(kind, count);
  }

  /** Those of `kinds` that never happened. */
  missing(kinds: readonly string[]): string[] {
    return kinds.filter((kind) => !this.byKind.has(kind));
  }

  get total(): number {
    return [...this.byKind.values()].reduce((a, b) => a + b, 0);
  }
}
