type Stop = HTMLAnchorElement | SVGElement;

/** The links of a table, row by row. */
export const linksOf = (grid: HTMLTableElement): Stop[][] =>
  [...grid.tBodies].flatMap((body) =>
    [...body.rows].map((row) => [...row.cells].flatMap((cell) => cell.querySelector('a') ?? [])),
  );

/** The parts of a chart's bars, bar by bar. */
export function partsOf(chart: SVGSVGElement): Stop[][] {
  const bars: Stop[][] = [];
  for (const part of chart.querySelectorAll<SVGElement>('[data-at]')) {
    const at = Number(part.dataset.at);
    bars[at] = [...(bars[at] ?? []), part];
  }
  return bars.filter(Boolean);
}

/** One tab stop for a whole grid: arrows, Home, End and Page keys move among its links, Enter follows one. */
export function moveByArrows(grid: Element, links: Stop[][]): void {
  for (const [y, row] of links.entries())
    for (const [x, link] of row.entries()) link.tabIndex = x === 0 && y === 0 ? 0 : -1;
  grid.addEventListener('focusin', ({ target }) => {
    for (const row of links) for (const link of row) link.tabIndex = link === target ? 0 : -1;
  });
  grid.addEventListener('keydown', (pressed) => {
    const event = pressed as KeyboardEvent;
    const y = links.findIndex((row) => row.includes(event.target as Stop));
    const x = links[y]?.indexOf(event.target as Stop) ?? -1;
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
    const row = links[toY];
    // Bars differ in their parts: up and down go to the nearest that there is.
    const next = row?.[toY === y ? toX : Math.min(toX, row.length - 1)];
    if (moves[event.key] === undefined) return;
    event.preventDefault();
    next?.focus();
  });
}
