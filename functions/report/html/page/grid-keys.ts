/** One tab stop for a whole grid: arrows, Home, End and Page keys move among its links, Enter follows one. */
export function moveByArrows(grid: HTMLTableElement): void {
  const rows = (): HTMLAnchorElement[][] =>
    [...grid.tBodies].flatMap((body) =>
      [...body.rows].map((row) => [...row.cells].flatMap((cell) => cell.querySelector('a') ?? [])),
    );
  const links = rows();
  for (const [y, row] of links.entries())
    for (const [x, link] of row.entries()) link.tabIndex = x === 0 && y === 0 ? 0 : -1;
  grid.addEventListener('focusin', ({ target }) => {
    for (const row of links) for (const link of row) link.tabIndex = link === target ? 0 : -1;
  });
  grid.addEventListener('keydown', (event) => {
    const y = links.findIndex((row) => row.includes(event.target as HTMLAnchorElement));
    const x = links[y]?.indexOf(event.target as HTMLAnchorElement) ?? -1;
    if (x < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const width = links[y]?.length ?? 1;
    const last = links.length - 1;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [x - 1, y],
      ArrowRight: [x + 1, y],
      ArrowUp: [x, y - 1],
      ArrowDown: [x, y + 1],
      Home: [0, y],
      End: [width - 1, y],
      PageUp: [x, Math.max(0, y - 10)],
      PageDown: [x, Math.min(last, y + 10)],
    };
    const [toX, toY] = moves[event.key] ?? [-1, -1];
    const next = links[toY]?.[toX];
    if (moves[event.key] === undefined) return;
    event.preventDefault();
    next?.focus();
  });
}
