import { type Child, el, number } from './dom.ts';

/** What narrows a view and turns its pages: each control changes the place in the page (`#search`, `#filter-…`, `#clear`). */
export const controls = (...children: Child[]): HTMLElement =>
  el('div', { class: 'controls', role: 'search' }, ...children);

/** Searches when typing pauses. */
export function searchField(text: string, search: (text: string) => void): HTMLElement {
  const input = el('input', { type: 'search', id: 'search', value: text, autocomplete: 'off', spellcheck: 'false' });
  let waiting: ReturnType<typeof setTimeout> | undefined;
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search(input.value), 250);
  });
  return el('label', {}, 'Search ', input);
}

export function choice(options: {
  /** In the element's id: `filter-NAME`. */
  name: string;
  label: string;
  /** Value and words; '' is no filter. */
  choices: readonly (readonly [value: string, words: string])[];
  current: string | null;
  choose: (value: string) => void;
}): HTMLElement {
  const { name, label, choices, current, choose } = options;
  const select = el(
    'select',
    { id: `filter-${name}`, change: () => choose(select.value) },
    choices.map(([value, words]) => el('option', { value, selected: value !== '' && value === current }, words)),
  );
  return el('label', {}, `${label} `, select);
}

/** A filter that came with a link, to be removed. */
export const chip = (words: string, remove: () => void): HTMLElement =>
  el(
    'button',
    { type: 'button', class: 'chip', click: remove },
    words,
    el('span', { 'aria-hidden': 'true' }, ' ×'),
    el('span', { class: 'sr' }, ', remove this filter'),
  );

export const clearFilters = (clear: () => void): HTMLElement =>
  el('button', { type: 'button', id: 'clear', click: clear }, 'Clear filters');

export function pager(page: number, pages: number, go: (page: number) => void): HTMLElement {
  const step = (label: string, to: number, enabled: boolean, id: string) =>
    el('button', { type: 'button', id, disabled: !enabled, click: () => go(to) }, label);
  return el(
    'nav',
    { class: 'pager', 'aria-label': 'Pages' },
    step('First', 1, page > 1, 'page-first'),
    step('Previous', page - 1, page > 1, 'page-previous'),
    el('span', { id: 'page-number' }, `Page ${number(page)} of ${number(pages)}`),
    step('Next', page + 1, page < pages, 'page-next'),
    step('Last', pages, page < pages, 'page-last'),
  );
}
