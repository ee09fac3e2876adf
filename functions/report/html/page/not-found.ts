import { el } from './dom.ts';
import { link } from './route.ts';

/** What a link leads to that the run does not have. */
export const notFound = (what: 'finding' | 'trail' | 'key' | 'bucket', why: string): HTMLElement =>
  el(
    'div',
    {},
    el('h1', { id: 'view-title' }, `${what.charAt(0).toUpperCase()}${what.slice(1)} not found`),
    el('p', { class: 'arn' }, why),
    el('p', {}, el('a', { href: link(`${what}s`) }, `All ${what}s`)),
  );
