import { byId, copyOnClick, el } from './dom.ts';
import { moveByArrows, partsOf } from './grid-keys.ts';
import { type Route, readRoute } from './route.ts';
import { tellOnHover } from './tip.ts';
import { accountView } from './views/account-view.ts';
import { coverageOverview, coverageView } from './views/coverage-view.ts';
import { findingView } from './views/finding-view.ts';
import { findingsView } from './views/findings-view.ts';
import { bucketView, keyView } from './views/resource-page.ts';
import { bucketsView, keysView, trailsView, trailView } from './views/resource-views.ts';

const VIEWS: Record<string, (route: Route) => Promise<HTMLElement>> = {
  coverage: coverageView,
  findings: findingsView,
  trails: trailsView,
  keys: keysView,
  buckets: bucketsView,
  account: accountView,
  trail: trailView,
  finding: findingView,
  key: keyView,
  bucket: bucketView,
};
const TABS: Record<string, string> = {
  account: 'coverage',
  trail: 'trails',
  finding: 'findings',
  key: 'keys',
  bucket: 'buckets',
};
const TITLE = document.title;

const view = byId('view');
let shown = '';
let turn = 0;
let overview = false;
/** The search is wanted as soon as the view that has it is there. */
let searching = false;

/** Shows what the hash names. Where only filters changed the focus stays where it is. */
async function show(): Promise<void> {
  const mine = ++turn;
  const route = readRoute(location.hash);
  const place = `${route.view}/${route.subject}`;
  const moved = place !== shown;
  const first = shown === '';
  const make = VIEWS[route.view];
  const name = make ? route.view : route.view === 'frameworks' ? 'frameworks' : 'summary';
  const root = document.documentElement;
  root.dataset.busy = '';
  let section = byId(make ? 'view' : name);
  if (make) {
    const made = await make(route).catch((error: unknown) => problem(error));
    if (mine !== turn) return;
    replaceView(made);
    section = view;
  } else view.replaceChildren();
  for (const other of document.querySelectorAll<HTMLElement>('main > .view')) other.hidden = other !== section;
  if (name === 'frameworks') showFramework(section, route.subject);
  section.setAttribute('aria-labelledby', make ? 'view-title' : `${name}-title`);
  mark(TABS[name] ?? name);
  document.title = make || name === 'frameworks' ? `${titleOf(section)} · ${TITLE}` : TITLE;
  shown = place;
  if (moved) {
    const chosen = view.querySelector('.chosen');
    if (chosen) chosen.scrollIntoView({ block: 'center' });
    else scrollTo(0, 0);
    if (searching) document.getElementById('search')?.focus();
    else if (!first) section.focus({ preventScroll: true });
    searching = false;
  }
  // The numbers come first: the map's tables are unpacked once they are on the screen.
  if (name === 'summary' && !overview) {
    overview = true;
    const made = await coverageOverview().catch(() => null);
    if (made) byId('summary-map').replaceChildren(made);
    if (mine !== turn) return;
  }
  delete root.dataset.busy;
  root.dataset.ready = location.hash;
}

/** All frameworks, or one of them alone with its name as the title. */
function showFramework(section: HTMLElement, id: string): void {
  const one = document.getElementById(`framework-${id}`);
  const title = byId('frameworks-title');
  const hide = (selector: string, hidden: boolean) => {
    for (const part of section.querySelectorAll<HTMLElement>(selector)) part.hidden = hidden;
  };
  hide('.crumbs', !one);
  hide('.all-frameworks', one !== null);
  hide('.framework', one !== null);
  section.classList.toggle('alone', one !== null);
  title.textContent = one?.querySelector('.named')?.textContent ?? 'Frameworks';
  if (!(one instanceof HTMLDetailsElement)) return;
  one.hidden = false;
  one.open = true;
}

/** Where one is, for the tab of the browser and its history. */
const titleOf = (section: HTMLElement): string => section.querySelector('h1')?.textContent ?? '';

/** The control that was used is created again with the view: the new one takes the focus, and the caret. */
function replaceView(made: HTMLElement): void {
  const { id, dataset } = (document.activeElement as HTMLElement | null) ?? { id: '', dataset: {} as DOMStringMap };
  const active = document.activeElement;
  const field = active instanceof HTMLInputElement && active.type === 'search' ? active : null;
  const caret = field?.selectionStart ?? null;
  const inside = view.contains(active);
  const typed = field?.value ?? null;
  view.replaceChildren(made);
  if (!inside) return;
  const next = id
    ? document.getElementById(id)
    : dataset.sort
      ? view.querySelector<HTMLElement>(`[data-sort="${CSS.escape(dataset.sort)}"]`)
      : null;
  if (next instanceof HTMLInputElement && typed !== null) {
    next.value = typed;
    next.focus();
    next.setSelectionRange(caret, caret);
  } else if (next && !(next as HTMLButtonElement).disabled) next.focus();
  else view.focus({ preventScroll: true });
}

function problem(error: unknown): HTMLElement {
  const why = error instanceof Error ? error.message : String(error);
  return el('div', {}, el('h1', { id: 'view-title' }, 'Cannot show this view'), el('p', { class: 'notice' }, why));
}

function mark(tab: string): void {
  for (const anchor of document.querySelectorAll<HTMLAnchorElement>('nav a[data-view]'))
    if (anchor.dataset.view === tab) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
}

byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  document.querySelector<HTMLElement>('main > .view:not([hidden])')?.focus();
});
/** `/` goes to the search of the view; where it has none, to that of the findings. */
addEventListener('keydown', (event) => {
  const { target } = event;
  const typing = target instanceof HTMLElement && target.matches('input, select, textarea');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const search = document.getElementById('search');
  if (search) search.focus();
  else {
    searching = true;
    location.hash = '#/findings';
  }
});
copyOnClick();
tellOnHover();
for (const chart of document.querySelectorAll<SVGSVGElement>('.chart svg')) moveByArrows(chart, partsOf(chart));
addEventListener('hashchange', () => void show());
void show();
