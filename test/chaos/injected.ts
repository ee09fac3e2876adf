/** Counts what was done to the runs, by kind. */
export class Injected {
  readonly byKind = new Map<string, number>();

  add(kind: string, count = 1): void {
    if (count > 0) this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + count);
  }

  addAll(other: Injected): void {
    for (const [kind, count] of other.byKind) this.add(kind, count);
  }

  get total(): number {
    return [...this.byKind.values()].reduce((a, b) => a + b, 0);
  }
}
