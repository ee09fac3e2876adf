import { CONTROLS } from '../../domain/controls/catalogue.ts';
import {
  COVERAGE_VERDICTS,
  COVERAGE_WORDS,
  type CoverageVerdict,
  STATUS_WORDS,
  zeros,
} from '../../domain/model/vocabulary.ts';
import type { RunReport } from '../run/run-report.ts';
import type { RunRow } from '../tables/columns.ts';
import { type Colour, chart } from './chart.ts';
import { html, type Markup } from './escape.ts';
import { link } from './page/route.ts';
import { number, plural } from './words.ts';

/** Bars drawn at most: more OUs than this are summed up, more runs are left out from the oldest. */
const OUS_DRAWN = 12;
/** Of a path, with the root. */
const LEVELS = 3;
const UNKNOWN = 'OU unknown';
export const RUNS_DRAWN = 60;

export const VERDICT_COLOURS: Record<CoverageVerdict, Colour> = {
  UNENCRYPTED: 'bad',
  NO_TRAIL: 'gone',
  NOT_LOGGING: 'stopped',
  BROKEN: 'broken',
  FOREIGN_KEY: 'foreign',
  UNVERIFIED: 'unknown',
  ENCRYPTED: 'good',
  NOT_APPLICABLE: 'none',
};
/** Encrypted first, so that what remains to be done stands out after it. */
const DRAWN: CoverageVerdict[] = ['ENCRYPTED', ...COVERAGE_VERDICTS.filter((v) => v !== 'ENCRYPTED')];

/** Accounts of each organizational unit (two levels deep) by verdict. */
export function ouChart(ous: ReadonlyMap<string, Record<CoverageVerdict, number>>): Markup {
  const groups = new Map<string, Record<CoverageVerdict, number>>();
  for (const [path, counts] of ous) {
    const name = path.split('/').slice(0, LEVELS).join('/') || UNKNOWN;
    const group = groups.get(name) ?? zeros(COVERAGE_VERDICTS);
    for (const verdict of COVERAGE_VERDICTS) group[verdict] += counts[verdict];
    groups.set(name, group);
  }
  const size = (counts: Record<CoverageVerdict, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
  const sorted = [...groups].sort(([a, x], [b, y]) => size(y) - size(x) || (a < b ? -1 : 1));
  const drawn = sorted.slice(0, OUS_DRAWN);
  const rest = sorted.slice(OUS_DRAWN);
  if (rest.length > 0) {
    const sum = zeros(COVERAGE_VERDICTS);
    for (const [, counts] of rest) for (const verdict of COVERAGE_VERDICTS) sum[verdict] += counts[verdict];
    drawn.push([`${rest.length} other OUs`, sum]);
  }
  // One bar alone says no more than the bar of all accounts.
  if (drawn.length < 2) return html``;
  const where = (path: string): Record<string, string> => {
    if (!groups.has(path) || path === UNKNOWN) return {};
    // A shallower path means the accounts that are directly in it: those below have bars of their own.
    return { ou: path, ...(path.split('/').length < LEVELS ? { direct: 'yes' } : {}) };
  };
  return chart({
    id: 'ous',
    unit: 'account',
    title: 'Accounts by organizational unit',
    alternative: `Bars, one for each organizational unit: ${drawn
      .map(([name, counts]) => `${name}: ${counts.ENCRYPTED} of ${plural(size(counts), 'account')} encrypted`)
      .join('; ')}.`,
    categories: drawn.map(([name, counts]) => `${withoutRoot(name)} (${number(size(counts))})`),
    said: drawn.map(([name]) => withoutRoot(name)),
    lying: true,
    shares: true,
    series: DRAWN.map((verdict) => ({
      name: COVERAGE_WORDS[verdict].label,
      colour: VERDICT_COLOURS[verdict],
      values: drawn.map(([, counts]) => counts[verdict]),
      links: drawn.map(([path]) => link('coverage', '', { by: 'accounts', worst: verdict, ...where(path) })),
    })),
  });
}

/** Every path begins with the root. */
const withoutRoot = (path: string): string => path.slice(path.indexOf('/') + 1);

/** Targets by verdict, run after run; `runs` oldest first, this run last. */
export function historyChart(runs: readonly RunRow[]): Markup {
  const drawn = runs.slice(-RUNS_DRAWN);
  const counts = (run: RunRow): Record<CoverageVerdict, number> => ({
    UNENCRYPTED: run.unencrypted,
    NO_TRAIL: run.no_trail,
    NOT_LOGGING: run.not_logging,
    BROKEN: run.broken,
    FOREIGN_KEY: run.foreign_key,
    // What was excluded is among them in the table, and is not drawn.
    UNVERIFIED: run.unverified - run.excluded,
    ENCRYPTED: run.encrypted,
    NOT_APPLICABLE: run.not_applicable,
  });
  const first = drawn[0];
  const last = drawn.at(-1);
  if (!first || !last) return html``;
  const days = new Set(drawn.map((run) => run.started_at.slice(0, 10)));
  const label = (run: RunRow) =>
    days.size === drawn.length ? run.started_at.slice(0, 10) : run.started_at.slice(5, 16).replace('T', ' ');
  return chart({
    id: 'history',
    unit: 'account/Region pair',
    title: 'Account/Region pairs by run',
    alternative: `Bars, one for each of ${plural(drawn.length, 'run')} from ${first.started_at.slice(0, 10)} to ${last.started_at.slice(0, 10)}: ${number(first.encrypted)} of ${number(first.targets - first.excluded)} encrypted in the first, ${number(last.encrypted)} of ${number(last.targets - last.excluded)} in this one.`,
    categories: drawn.map(label),
    wide: true,
    series: DRAWN.map((verdict) => ({
      name: COVERAGE_WORDS[verdict].label,
      colour: VERDICT_COLOURS[verdict],
      values: drawn.map((run) => counts(run)[verdict]),
      // The rows of earlier runs are in their own pages.
      links: drawn.map((run) => (run === last ? link('coverage') : null)),
    })),
  });
}

/** All accounts, as one bar: how much of the organization is encrypted, at a glance. */
export function accountChart({ total: listed, excluded = 0, by_verdict }: RunReport['accounts']): Markup {
  const total = listed - excluded;
  if (total === 0) return html``;
  return chart({
    id: 'accounts',
    unit: 'account',
    title: 'Accounts by status (worst Region counts)',
    alternative: `One bar of ${plural(total, 'account')}: ${DRAWN.filter((verdict) => by_verdict[verdict] > 0)
      .map((verdict) => `${COVERAGE_WORDS[verdict].label} ${number(by_verdict[verdict])}`)
      .join(', ')}.`,
    categories: [plural(total, 'account')],
    single: true,
    wide: true,
    series: DRAWN.map((verdict) => ({
      name: COVERAGE_WORDS[verdict].label,
      colour: VERDICT_COLOURS[verdict],
      values: [by_verdict[verdict]],
      links: [link('coverage', '', { by: 'accounts', worst: verdict })],
    })),
  });
}

/** Findings of each control by status. */
export function controlChart({ findings }: RunReport): Markup {
  const drawn = CONTROLS.flatMap(({ id, resource }) => {
    const counts = findings.by_control[id];
    return counts && counts.PASS + counts.FAIL + counts.UNVERIFIED + counts.WAIVED > 0
      ? [{ id, counts, target: resource === 'target' }]
      : [];
  });
  if (drawn.length === 0) return html``;
  const statuses = [
    ['PASS', 'good'],
    ['FAIL', 'bad'],
    ['UNVERIFIED', 'unknown'],
    ['WAIVED', 'foreign'],
  ] as const;
  return chart({
    id: 'controls',
    unit: 'finding',
    title: 'Findings by control',
    alternative: `Bars, one for each control: ${drawn
      .map(({ id, counts }) => `${id}: ${counts.PASS} pass, ${counts.FAIL} fail, ${counts.UNVERIFIED} unverified`)
      .join('; ')}.`,
    categories: drawn.map(({ id }) => id),
    lying: true,
    shares: true,
    series: statuses.map(([status, colour]) => ({
      name: STATUS_WORDS[status].label,
      colour,
      values: drawn.map(({ counts }) => counts[status]),
      // What passes for an account and Region is not among the page's findings: the map has it.
      links: drawn.map(({ id, target }) =>
        target && status === 'PASS' ? link('coverage') : link('findings', '', { control: id, status }),
      ),
    })),
  });
}
