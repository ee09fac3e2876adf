import { verdictBadge } from '../badges.ts';
import { chip, choice, clearFilters, controls, pager, searchField } from '../controls.ts';
import { allCoverage, type Coverage } from '../coverage.ts';
import { announce, type Child, el, number, scrolling } from '../dom.ts';
import { linksOf, moveByArrows } from '../grid-keys.ts';
import { changed, link, type Route } from '../route.ts';
import { facts } from '../unpack.ts';
import { COVERAGE_WORDS, VERDICTS } from '../verdict-words.ts';
import { shownValue } from './table-view.ts';

const PAGE = 60;
const OVERVIEW_LINES = 14;
/** Pixels at most: few Regions leave room, many take all of the screen. */
const NAMES_WIDTH = 330;
const CELL_WIDTH = 72;

/** One line of the map: an OU with all below it, or an account. */
type Line = { kind: 'ou'; name: string; path: string; accounts: number[] } | { kind: 'account'; row: number };

/** The map: OUs × regions, an OU's accounts × regions, or any selection of accounts; only one page of it is drawn. */
export async function coverageView(route: Route): Promise<HTMLElement> {
  const coverage = await allCoverage();
  const { parameters } = route;
  const path = parameters.get('ou') ?? '';
  const byAccounts = parameters.get('by') === 'accounts';
  const selected = select(coverage, parameters);
  const lines = byAccounts
    ? selected.map((row): Line => ({ kind: 'account', row }))
    : linesBelow(coverage, selected, path);
  const pages = Math.max(1, Math.ceil(lines.length / PAGE));
  const page = Math.min(Math.max(1, Number.parseInt(parameters.get('page') ?? '1', 10) || 1), pages);
  const go = (changes: Record<string, string>) => {
    location.hash = changed(route, { page: '', ...changes });
  };
  announce(`${number(selected.length)} of ${number(coverage.accounts)} accounts`);
  return el(
    'div',
    {},
    el('h1', { id: 'view-title' }, 'Coverage'),
    crumbs(route, path),
    filters(route, go),
    el(
      'p',
      { class: 'facts', id: 'matches' },
      `${number(selected.length)} of ${number(coverage.accounts)} accounts × ${number(coverage.regions.length)} Regions`,
    ),
    legend(coverage, selected),
    lines.length === 0
      ? el(
          'p',
          { class: 'empty' },
          coverage.accounts === 0 ? 'This run has no accounts.' : 'No accounts match. Clear filters.',
        )
      : map(coverage, lines.slice((page - 1) * PAGE, page * PAGE), route),
    pages > 1 && pager(page, pages, (to) => go({ page: to === 1 ? '' : String(to) })),
  );
}

/** The same map on the first screen: organizational units × Regions, or all accounts where there are few. */
export async function coverageOverview(): Promise<HTMLElement | null> {
  const coverage = await allCoverage();
  if (coverage.accounts === 0) return null;
  const route: Route = { view: 'coverage', subject: '', parameters: new URLSearchParams() };
  // What the run was not to look at is on the page of coverage alone.
  const rows = select(coverage, route.parameters).filter((row) => coverage.account(row).worst !== 'EXCLUDED');
  const lines = linesBelow(coverage, rows, '');
  const units = lines.some(({ kind }) => kind === 'ou');
  return el(
    'section',
    { class: 'map-overview' },
    el('h2', {}, `Coverage by ${units ? 'organizational unit' : 'account'} and Region`),
    el(
      'p',
      { class: 'facts' },
      units ? 'The number of accounts with a problem there; ✓ is none.' : 'The status of each account in each Region.',
    ),
    map(coverage, lines.slice(0, OVERVIEW_LINES), route, 'overview-map'),
    lines.length > OVERVIEW_LINES &&
      el('p', {}, el('a', { href: link('coverage') }, `All ${number(lines.length)} lines`)),
  );
}

function select(coverage: Coverage, parameters: URLSearchParams): number[] {
  const path = parameters.get('ou') ?? '';
  const direct = parameters.has('direct');
  const worst = parameters.get('worst');
  const cause = parameters.get('cause');
  const terms = (parameters.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const rows: number[] = [];
  for (let row = 0; row < coverage.accounts; row++) {
    const account = coverage.account(row);
    if (worst && account.worst !== worst) continue;
    if (path && account.ou !== path && (direct || !account.ou.startsWith(`${path}/`))) continue;
    if (terms.length > 0) {
      const text = `${account.id} ${account.name} ${account.ou}`.toLowerCase();
      if (!terms.every((term) => text.includes(term))) continue;
    }
    if (cause && !coverage.hasCause(row, cause)) continue;
    rows.push(row);
  }
  return rows;
}

/** The OUs directly below a path, each with everything in it, then the accounts that are directly in it. */
function linesBelow(coverage: Coverage, rows: readonly number[], path: string): Line[] {
  const ous = new Map<string, number[]>();
  const here: number[] = [];
  for (const row of rows) {
    const { ou } = coverage.account(row);
    const below = path === '' ? ou : ou.slice(path.length + 1);
    const [name = ''] = below.split('/');
    if (name === '') here.push(row);
    else {
      const accounts = ous.get(name);
      if (accounts) accounts.push(row);
      else ous.set(name, [row]);
    }
  }
  const lines: Line[] = [...ous]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, accounts]) => ({ kind: 'ou', name, path: path === '' ? name : `${path}/${name}`, accounts }));
  // A lone root is no choice to make: its children are shown at once, under its own name.
  const [only] = lines;
  if (path === '' && here.length === 0 && lines.length === 1 && only?.kind === 'ou')
    return [only, ...linesBelow(coverage, rows, only.path)];
  return [...lines, ...here.map((row): Line => ({ kind: 'account', row }))];
}

function crumbs(route: Route, path: string): Child {
  if (path === '') return null;
  const steps = path.split('/');
  return el(
    'nav',
    { 'aria-label': 'Organizational units', class: 'crumbs' },
    el('a', { href: changed(route, { ou: '', page: '' }) }, 'All'),
    steps.map((name, index) => [
      ' / ',
      index === steps.length - 1
        ? el('span', { 'aria-current': 'page' }, name)
        : el('a', { href: changed(route, { ou: steps.slice(0, index + 1).join('/'), page: '' }) }, name),
    ]),
  );
}

function filters({ parameters }: Route, go: (changes: Record<string, string>) => void): HTMLElement {
  /** What is searched for is an account. */
  const narrow = (name: string) => (value: string) =>
    go({ [name]: value, ...(value === '' ? {} : { by: 'accounts' }) });
  const cause = parameters.get('cause');
  return controls(
    searchField(parameters.get('q') ?? '', narrow('q')),
    parameters.has('direct') && chip('Directly in the OU', () => go({ direct: '' })),
    choice({
      name: 'by',
      label: 'Show',
      choices: [
        ['', 'Organizational units'],
        ['accounts', 'Accounts'],
      ],
      current: parameters.get('by'),
      choose: (by) => go({ by }),
    }),
    choice({
      name: 'worst',
      label: 'Status',
      choices: [
        ['', 'all'],
        ...VERDICTS.map((verdict) => [verdict, COVERAGE_WORDS[verdict]?.label ?? verdict] as const),
      ],
      current: parameters.get('worst'),
      choose: narrow('worst'),
    }),
    cause && chip(`Root cause: ${cause}`, () => go({ cause: '' })),
    [...parameters.keys()].some((name) => name !== 'page') &&
      clearFilters(() => go({ q: '', by: '', worst: '', cause: '', ou: '', direct: '' })),
  );
}

/** What the map can show; what is excluded only where something is. */
function legend(coverage: Coverage, rows: readonly number[]): HTMLElement {
  const excluded = VERDICTS.indexOf('EXCLUDED');
  const shown = rows.some((row) => coverage.verdicts(row).includes(excluded))
    ? VERDICTS
    : VERDICTS.filter((verdict) => verdict !== 'EXCLUDED');
  return el(
    'ul',
    { class: 'legend', 'aria-label': 'Legend' },
    shown.map((verdict) => el('li', {}, verdictBadge(verdict))),
  );
}

function map(coverage: Coverage, lines: readonly Line[], route: Route, id = 'map'): HTMLElement {
  const grid = el(
    'table',
    { class: 'map', role: 'grid', id, 'aria-label': 'Status by Region; arrow keys move, Enter opens' },
    el(
      'thead',
      {},
      el(
        'tr',
        { role: 'row' },
        el('th', { role: 'columnheader', scope: 'col' }, 'Account or OU'),
        coverage.regions.map((region) =>
          el('th', { role: 'columnheader', scope: 'col', class: 'region' }, el('span', {}, region)),
        ),
      ),
    ),
    el(
      'tbody',
      {},
      lines.map((line) => (line.kind === 'ou' ? ouRow(coverage, line, route) : accountRow(coverage, line.row))),
    ),
  );
  moveByArrows(grid, linksOf(grid));
  grid.style.maxWidth = `${NAMES_WIDTH + coverage.regions.length * CELL_WIDTH}px`;
  return scrolling('Coverage map', grid);
}

function accountRow(coverage: Coverage, row: number): HTMLElement {
  const account = coverage.account(row);
  const newer = facts.present?.newer[account.id];
  const verdicts = coverage.verdicts(row);
  return el(
    'tr',
    { role: 'row', 'data-account': account.id },
    el(
      'th',
      { role: 'rowheader', scope: 'row' },
      el(
        'a',
        { href: link('account', account.id) },
        el('span', { class: 'name' }, account.name || account.id),
        account.name !== '' && account.name !== account.id && [' ', el('span', { class: 'facts' }, account.id)],
        newer && [' ', el('span', { class: 'facts', 'data-as-of': newer.asOf }, `as of ${shownValue(newer.asOf)}`)],
      ),
    ),
    coverage.regions.map((region, index) => {
      const verdict = VERDICTS[verdicts[index] ?? -1] ?? '';
      const words = COVERAGE_WORDS[verdict];
      return el(
        'td',
        { role: 'gridcell', class: `cell v-${verdict}` },
        el(
          'a',
          {
            href: link('account', account.id, { region }),
            'aria-label': `${region}: ${words?.label ?? 'no row'}`,
          },
          words?.sign ?? '',
        ),
      );
    }),
  );
}

function ouRow(coverage: Coverage, { name, path, accounts }: Extract<Line, { kind: 'ou' }>, route: Route): HTMLElement {
  const counts = coverage.regions.map(() => new Uint32Array(VERDICTS.length));
  for (const row of accounts)
    for (const [index, verdict] of coverage.verdicts(row).entries()) {
      const region = counts[index];
      if (region && verdict >= 0) region[verdict] = (region[verdict] ?? 0) + 1;
    }
  const href = changed(route, { ou: path, page: '' });
  return el(
    'tr',
    { role: 'row', 'data-ou': path },
    el(
      'th',
      { role: 'rowheader', scope: 'row' },
      el(
        'a',
        { href },
        el('span', { class: 'name' }, name),
        ' ',
        el('span', { class: 'facts' }, `${number(accounts.length)} account${accounts.length === 1 ? '' : 's'}`),
      ),
    ),
    counts.map((region, index) => ouCell(region, coverage.regions[index] ?? '', href)),
  );
}

/** How many have a problem, over a bar of their statuses. */
function ouCell(counts: Uint32Array, region: string, href: string): HTMLElement {
  const parts = VERDICTS.map((verdict, index) => ({ verdict, count: counts[index] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
  const wrong = parts.reduce((sum, { verdict, count }) => (FINE.has(verdict) ? sum : sum + count), 0);
  const bar = el('span', { class: 'bar', 'aria-hidden': 'true' });
  for (const { verdict, count } of parts.toReversed()) {
    const part = el('span', { class: `v-${verdict}` });
    part.style.flexGrow = String(count);
    bar.append(part);
  }
  const words = parts
    .map(({ verdict, count }) => `${number(count)} ${(COVERAGE_WORDS[verdict]?.label ?? verdict).toLowerCase()}`)
    .join(', ');
  // What is seen must be in what is heard: who speaks to the machine says what is seen.
  const name = `${region}${wrong > 0 ? `, ${short(wrong)} wrong` : ''}: ${words}`;
  return el(
    'td',
    { role: 'gridcell', class: `cell ou${wrong > 0 ? ' wrong' : ''}` },
    el(
      'a',
      { href, 'aria-label': name },
      el('span', { 'aria-hidden': 'true' }, wrong > 0 ? short(wrong) : signOf(parts)),
      bar,
    ),
  );
}

/** Of accounts that have no problem: encrypted where any is, else why there is nothing to say. */
const signOf = (parts: readonly { verdict: string }[]): string =>
  COVERAGE_WORDS[['ENCRYPTED', 'NOT_APPLICABLE', 'EXCLUDED'].find((one) => parts.some((p) => p.verdict === one)) ?? '']
    ?.sign ?? '';

const FINE = new Set(['ENCRYPTED', 'NOT_APPLICABLE', 'EXCLUDED']);
const short = (count: number): string =>
  count < 1_000 ? String(count) : `${(count / 1_000).toFixed(count < 10_000 ? 1 : 0)}k`;
