import { type Child, el, shortened } from './dom.ts';
import { link } from './route.ts';
import { COVERAGE_WORDS, STATUSES, TRAIL_CLASS, TRAIL_WORDS } from './verdict-words.ts';

/** A verdict with its sign, its word and its colour: any two of the three suffice to read it. */
export function verdictBadge(verdict: string): HTMLElement {
  const words = COVERAGE_WORDS[verdict] ?? { sign: '', label: verdict, means: '' };
  return badge(`v-${verdict}`, words.sign, words.label, words.means);
}

export function trailBadge(verdict: string): HTMLElement {
  const words = TRAIL_WORDS[verdict] ?? { sign: '', label: verdict, means: '' };
  return badge(`v-${TRAIL_CLASS[verdict] ?? verdict}`, words.sign, words.label, words.means);
}

const badge = (kind: string, sign: string, label: string, means: string): HTMLElement =>
  el(
    'span',
    { class: `verdict ${kind}`, title: means || null },
    el('span', { 'aria-hidden': 'true' }, `${sign} `),
    label,
  );

export const statusBadge = (status: string): HTMLElement =>
  el(
    'span',
    { class: `status-badge t-${status}`, title: STATUSES[status]?.means ?? null },
    el('span', { 'aria-hidden': 'true' }, `${STATUSES[status]?.sign ?? ''} `),
    status,
  );

export const severityBadge = (severity: string, muted = false): HTMLElement =>
  el('span', { class: muted ? 'severity' : `severity s-${severity}` }, severity);

export const accountLink = (id: string, name: string | null = null): HTMLElement =>
  el(
    'a',
    { href: link('account', id), class: 'nowrap' },
    id,
    name === null || name === '' || name === id ? null : el('span', { class: 'name' }, ` ${name}`),
  );

export const trailLink = (arn: string): HTMLElement =>
  el('a', { href: link('trail', arn), class: 'arn', title: arn }, shortened(arn));

export const keyLink = (arn: string): HTMLElement =>
  el('a', { href: link('key', arn), class: 'arn', title: arn }, shortened(arn));
export const bucketLink = (name: string): HTMLElement => el('a', { href: link('bucket', name), class: 'arn' }, name);

/** A trail by its name and owner, where its whole ARN would drown the rest. */
export function trailName(arn: string): HTMLElement {
  const [, , , , owner = '', path = arn] = arn.split(':');
  const name = path.slice(path.indexOf('/') + 1);
  return el('a', { href: link('trail', arn), title: arn }, name, el('span', { class: 'facts' }, ` of ${owner}`));
}

export const causeLink = (id: string, title: Child): HTMLElement =>
  el('a', { href: link('findings', '', { cause: id }) }, title);
