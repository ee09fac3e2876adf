import { arnHeads } from '../short-arn.ts';

export type Child = Node | string | number | null | undefined | false | readonly Child[];
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** An element. Strings become text nodes, so that no name or message is ever taken for markup. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  add(element, children);
  return element;
}

function add(parent: Node, child: Child): void {
  if (child === null || child === undefined || child === false) return;
  if (Array.isArray(child)) for (const one of child) add(parent, one);
  else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
}

export const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
};

/** Announces a change to screen readers. */
export const announce = (text: string): void => {
  byId('announce').textContent = text;
};

export const number = (value: number): string => value.toLocaleString('en-US');

/** An ARN or a name like one: where it must break, it breaks between its parts. */
export const arnText = (text: string): Child => text.split(/(?<=[:/])/).map((part, at) => [at > 0 && el('wbr'), part]);
export const arn = (text: string): HTMLElement => el('span', { class: 'arn', title: text }, shortened(text));

/** A sentence: of an ARN in it only what follows the account is shown, and a copy has it whole. */
export const sentence = (text: string): Child =>
  arnHeads(text).map(({ text: part, head }) => (head ? el('span', { class: 'arn-head' }, part) : part));

/** In a table only what follows the account is shown; the whole is in the title, and is what a copy takes. */
export function shortened(text: string): Child {
  const head = /^arn:[^:]*:[^:]*:[^:]*:[^:]*:/.exec(text)?.[0] ?? '';
  return [head !== '' && el('span', { class: 'arn-head' }, arnText(head)), arnText(text.slice(head.length))];
}

/** A wide thing that scrolls by itself, by keyboard too, so that the page never does. */
export const scrolling = (label: string, ...children: Child[]): HTMLElement =>
  el('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': label }, ...children);

/** A table that scrolls by itself. A heading is the name of its column, or made by the caller. */
export const dataTable = (
  label: string,
  { id, headings, rows }: { id: string; headings: readonly (string | HTMLElement)[]; rows: Child },
): HTMLElement => {
  const head = headings.map((heading) => (typeof heading === 'string' ? el('th', { scope: 'col' }, heading) : heading));
  return scrolling(
    label,
    el('table', { class: 'data', id }, el('thead', {}, el('tr', {}, head)), el('tbody', {}, rows)),
  );
};

/** Text with a button that copies it. */
export function copyable(text: string, what: string): HTMLElement {
  return el(
    'div',
    { class: 'copyable' },
    el('pre', { tabindex: 0, role: 'group', 'aria-label': what }, el('code', {}, text)),
    el('button', { type: 'button', class: 'copy', 'aria-label': `Copy ${what}` }, 'Copy'),
  );
}

/** Every button of a text that can be copied, written by the page's script or before it. */
export function copyOnClick(): void {
  addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>('.copyable > .copy') : null;
    const code = button?.parentElement?.querySelector('code');
    if (button && code) void copy(code, button);
  });
}

async function copy(code: HTMLElement, button: HTMLElement): Promise<void> {
  const text = code.textContent ?? '';
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    announce('Copied');
  } catch {
    // Without the clipboard (a page over plain HTTP) the text is at least selected.
    getSelection()?.selectAllChildren(code);
    button.textContent = 'Selected: press Ctrl+C';
  }
}
