import type { PackedValue } from '../../pack-format.ts';
import { chip, choice, clearFilters, controls, pager, searchField } from '../controls.ts';
import { downloadCsv } from '../csv-file.ts';
import { announce, type Child, dataTable, el, number } from '../dom.ts';
import type { Field } from '../fields.ts';
import { changed, type Route } from '../route.ts';
import { facts } from '../unpack.ts';

interface TableColumn {
  field: string;
  label: string;
  cell?: (row: number) => Child;
  numeric?: boolean;
}

interface Filter {
  field: string;
  parameter: string;
  label: string;
  /** Only a link sets it. */
  hidden?: boolean;
  /** Several values, with commas between. */
  several?: boolean;
  /** What a value is called. */
  words?: (value: string) => string;
}

/** How a table is shown: which fields are columns, which narrow it, and how a cell looks. */
export interface TableSpec {
  name: string;
  title: string;
  /** Said above the table. */
  intro: Child;
  rows: number;
  fields: ReadonlyMap<string, Field>;
  columns: TableColumn[];
  /** More fields that can be shown. */
  more: TableColumn[];
  /** Narrowed by one value of a field; the hash names them by `parameter`. */
  filters: Filter[];
  /** Fields that the search looks through. */
  searched: string[];
  /** Values in an order of their own, worst first. */
  orders: Record<string, readonly string[]>;
  /** Shown where no sort is asked for. */
  sort?: { field: string; descending?: boolean };
  /** Decides among equals. */
  ties?: string;
}

const PAGE = 50;
/** A list with more choices than this is no help; the search finds them. */
const CHOICES = 400;

/** A table with search, filters, sorting, paging and a download; what it shows is in the route. */
export function tableView(whole: TableSpec, route: Route): HTMLElement {
  const { parameters } = route;
  const spec = { ...whole, columns: chosenColumns(whole, parameters) };
  const matching = matches(spec, parameters);
  const sort = sortOf(spec, parameters);
  sortRows(spec, matching, sort);
  const pages = Math.max(1, Math.ceil(matching.length / PAGE));
  const page = Math.min(Math.max(1, Number.parseInt(parameters.get('page') ?? '1', 10) || 1), pages);
  const shown = matching.subarray((page - 1) * PAGE, page * PAGE);
  const go = (changes: Record<string, string>) => {
    location.hash = changed(route, { page: '', ...changes });
  };
  announce(`${number(matching.length)} of ${number(spec.rows)} ${spec.title.toLowerCase()}`);
  return el(
    'div',
    {},
    el('h1', { id: 'view-title' }, spec.title),
    spec.intro,
    filters(spec, parameters, go),
    el(
      'p',
      { class: 'facts', id: 'matches' },
      el('span', {}, `${number(matching.length)} of ${number(spec.rows)}`),
      el(
        'button',
        { type: 'button', id: 'download', click: () => download(spec, matching) },
        matching.length === spec.rows ? 'Download CSV' : 'Download filtered CSV',
      ),
      columnChooser(whole, spec.columns, go),
    ),
    matching.length === 0
      ? el(
          'p',
          { class: 'empty' },
          spec.rows === 0 ? 'This run has none.' : `No ${spec.title.toLowerCase()} match. Clear filters.`,
        )
      : [
          tableScroll(spec, { shown, sort, go }),
          pages > 1 && pager(page, pages, (to) => go({ page: to === 1 ? '' : String(to) })),
        ],
  );
}

/** Scrolls by itself in both directions, so that its head stays in sight. */
function tableScroll(
  spec: TableSpec,
  { shown, sort, go }: { shown: Uint32Array; sort: Sort | null; go: (changes: Record<string, string>) => void },
): HTMLElement {
  const region = dataTable(spec.title, {
    id: `${spec.name}-table`,
    headings: spec.columns.map((column) => heading(column, sort, go)),
    rows: Array.from(shown, (row) => rowOf(spec, row)),
  });
  region.classList.add('tall');
  return region;
}

const allColumns = (spec: TableSpec): TableColumn[] => [
  ...spec.columns,
  ...spec.more.filter(({ field }) => !spec.columns.some((column) => column.field === field)),
];

/** The columns that the hash names, in the order of the table; its own where it names none that there are. */
function chosenColumns(spec: TableSpec, parameters: URLSearchParams): TableColumn[] {
  const wanted = new Set((parameters.get('cols') ?? '').split(',').filter(Boolean));
  const chosen = allColumns(spec).filter(({ field }) => wanted.has(field));
  return chosen.length > 0 ? chosen : spec.columns;
}

let choosing = false;

function columnChooser(
  spec: TableSpec,
  shown: readonly TableColumn[],
  go: (changes: Record<string, string>) => void,
): HTMLElement {
  const boxes = allColumns(spec).map(({ field, label }) => {
    const box = el('input', {
      type: 'checkbox',
      id: `column-${field}`,
      value: field,
      checked: shown.some((column) => column.field === field),
    });
    box.addEventListener('change', () => {
      const chosen = boxes.filter(({ box: other }) => other.checked).map(({ box: other }) => other.value);
      const own = spec.columns.map((column) => column.field).join(',');
      go({ cols: chosen.join(',') === own ? '' : chosen.join(',') });
    });
    return { box, label: el('label', {}, box, ` ${label}`) };
  });
  const details = el(
    'details',
    { class: 'column-chooser', open: choosing },
    el('summary', { id: 'columns' }, 'Columns'),
    el(
      'div',
      { class: 'column-list' },
      boxes.map(({ label }) => label),
    ),
  );
  details.addEventListener('toggle', () => {
    choosing = details.open;
  });
  return details;
}

const rowOf = (spec: TableSpec, row: number): HTMLElement =>
  el(
    'tr',
    {},
    spec.columns.map(({ field, label, cell, numeric }) =>
      el(
        'td',
        { class: numeric ? 'number' : null, 'data-label': label },
        cell ? cell(row) : plainCell(fieldOf(spec, field).get(row)),
      ),
    ),
  );

/** A value as text; a time stays on one line. */
function plainCell(value: PackedValue): Child {
  const text = shownValue(value);
  return typeof value === 'string' && text !== value ? el('span', { class: 'nowrap' }, text) : text;
}

/** A value as text; nothing for null. */
export function shownValue(value: PackedValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(shownValue).join('\n');
  const text = String(value);
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text) ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : text;
}

function heading(
  { field, label, numeric }: TableSpec['columns'][number],
  sort: Sort | null,
  go: (changes: Record<string, string>) => void,
): HTMLElement {
  const sorted = sort?.field === field ? (sort.descending ? 'descending' : 'ascending') : null;
  const next = sorted === 'ascending' ? 'desc' : '';
  return el(
    'th',
    { scope: 'col', 'aria-sort': sorted, class: numeric ? 'number' : null },
    el(
      'button',
      { type: 'button', 'data-sort': field, click: () => go({ sort: field, dir: next }) },
      label,
      el('span', { 'aria-hidden': 'true' }, sorted === null ? '' : sorted === 'ascending' ? '\u00a0▲' : '\u00a0▼'),
    ),
  );
}

function filters(spec: TableSpec, parameters: URLSearchParams, go: (changes: Record<string, string>) => void) {
  const selects = spec.filters.flatMap(({ field, parameter, label, hidden, words = String }): Child[] => {
    const current = parameters.get(parameter) ?? '';
    if (hidden) return current === '' ? [] : [chip(`${label}: ${current}`, () => go({ [parameter]: '' }))];
    const values = choicesOf(spec, field);
    if (values.length > CHOICES || (values.length < 2 && current === '')) return [];
    if (current !== '' && !values.includes(current)) values.unshift(current);
    const choices = [['', 'all'] as const, ...values.map((value) => [value, words(value)] as const)];
    return [choice({ name: parameter, label, choices, current, choose: (value) => go({ [parameter]: value }) })];
  });
  const narrowing = [...parameters.keys()].filter((name) => !['sort', 'dir', 'cols'].includes(name));
  return controls(
    searchField(parameters.get('q') ?? '', (q) => go({ q })),
    folded(selects),
    narrowing.some((name) => name !== 'page') &&
      clearFilters(() => go(Object.fromEntries(narrowing.map((name) => [name, ''])))),
  );
}

/** On a phone the filters are behind one line; they are open where there is room, or where one is in use. */
function folded(selects: readonly Child[]): Child {
  if (selects.length === 0 || !matchMedia('(max-width: 640px)').matches) return selects;
  return el('details', { class: 'filters' }, el('summary', {}, 'Filters'), selects);
}

function choicesOf(spec: TableSpec, name: string): string[] {
  const { column } = fieldOf(spec, name);
  const choices = (column?.values ?? []).filter((v) => v !== null).map(String);
  return sorted(choices, spec.orders[name]);
}

function download(spec: TableSpec, rows: Uint32Array): void {
  const fields = [...spec.fields.values()];
  const lines = function* (): Generator<PackedValue[]> {
    for (const row of rows) yield fields.map((field) => field.get(row));
  };
  downloadCsv(
    `${spec.name}-${facts.runId}.csv`,
    fields.map(({ name }) => name),
    lines(),
  );
}

const fieldOf = (spec: TableSpec, name: string): Field => {
  const field = spec.fields.get(name);
  if (!field) throw new Error(`no field ${name}`);
  return field;
};

/** The rows that every filter and the search let through, in the order of the table. */
export function matches(spec: TableSpec, parameters: URLSearchParams): Uint32Array {
  const tests: ((row: number) => boolean)[] = [];
  for (const { field, parameter, several } of spec.filters) {
    const wanted = parameters.get(parameter);
    if (wanted) tests.push(isOneOf(fieldOf(spec, field), several ? wanted.split(',') : [wanted]));
  }
  for (const term of (parameters.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean))
    tests.push(contains(spec, term));
  const rows = new Uint32Array(spec.rows);
  let count = 0;
  for (let row = 0; row < spec.rows; row++) if (tests.every((test) => test(row))) rows[count++] = row;
  return rows.subarray(0, count);
}

/** Values that repeat are compared once each, not once a row. */
function isOneOf({ column, get }: Field, wanted: readonly string[]): (row: number) => boolean {
  if (!column?.values) return (row) => wanted.includes(String(get(row)));
  const hits = column.values.map((value) => wanted.includes(String(value)));
  return (row) => hits[column.codes[row] ?? -1] === true;
}

function contains(spec: TableSpec, term: string): (row: number) => boolean {
  const has = (value: PackedValue) => value !== null && String(value).toLowerCase().includes(term);
  const tests = spec.searched.map((name) => {
    const { column, get } = fieldOf(spec, name);
    if (!column?.values) return (row: number) => has(get(row));
    const hits = column.values.map(has);
    return (row: number) => hits[column.codes[row] ?? -1] === true;
  });
  return (row) => tests.some((test) => test(row));
}

interface Sort {
  field: string;
  descending: boolean;
}

function sortOf(spec: TableSpec, parameters: URLSearchParams): Sort | null {
  const asked = parameters.get('sort');
  if (asked && spec.columns.some(({ field }) => field === asked))
    return { field: asked, descending: parameters.get('dir') === 'desc' };
  return spec.sort ? { field: spec.sort.field, descending: spec.sort.descending === true } : null;
}

function sortRows(spec: TableSpec, rows: Uint32Array, sort: Sort | null): void {
  if (!sort) return;
  const rank = ranks(spec, rows, sort.field);
  const then = spec.ties && spec.ties !== sort.field ? ranks(spec, rows, spec.ties) : null;
  const sign = sort.descending ? -1 : 1;
  const order = (of: Float64Array, a: number, b: number) => (of[a] ?? 0) - (of[b] ?? 0);
  rows.sort((a, b) => order(rank, a, b) * sign || (then ? order(then, a, b) : 0) || a - b);
}

/** A number for each row that sorts as its value does. */
function ranks(spec: TableSpec, rows: Uint32Array, name: string): Float64Array {
  const { column, get } = fieldOf(spec, name);
  const rank = new Float64Array(spec.rows);
  if (column?.values) {
    const places = placesOf(column.values, spec.orders[name]);
    for (const row of rows) rank[row] = places[column.codes[row] ?? 0] ?? 0;
  } else if (column) {
    for (const row of rows) rank[row] = column.codes[row] ?? 0;
  } else {
    const texts = new Map<number, string>();
    for (const row of rows) texts.set(row, String(get(row) ?? ''));
    const places = new Map([...new Set(texts.values())].sort().map((text, place) => [text, place]));
    for (const [row, text] of texts) rank[row] = places.get(text) ?? 0;
  }
  return rank;
}

/** The place of each value among all, nothing first. */
function placesOf(values: readonly PackedValue[], order: readonly string[] | undefined): number[] {
  const inOrder = sorted(
    values.map((value) => (value === null ? '' : String(value))),
    order,
  );
  const places = new Map(inOrder.map((value, place) => [value, place]));
  return values.map((value) => places.get(value === null ? '' : String(value)) ?? 0);
}

function sorted(values: readonly string[], order: readonly string[] | undefined): string[] {
  const place = (value: string) => {
    const at = order?.indexOf(value) ?? -1;
    return at < 0 ? (order?.length ?? 0) : at;
  };
  return [...values].sort((a, b) => place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0));
}
