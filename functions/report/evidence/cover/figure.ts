import { sanitize } from '../../../domain/model/sanitize.ts';
import { html, type Markup } from '../../html/escape.ts';
import { number, plural } from '../../html/words.ts';
import type { TableName } from '../../tables/columns.ts';

/** The rows that a figure counts: a CSV of the pack, what of it is counted, and which rows. */
export interface Rows {
  /** Path within the pack. */
  file: string;
  /** `rows`, `COLUMN, each once`, `sum of COLUMN`, or `value of COLUMN` of the one row there is. */
  count?: string;
  /** `COLUMN = VALUE`, `COLUMN is empty`, `COLUMN is one of A, B`; all of them hold. */
  where?: readonly string[];
}

export const tableFile = (runId: string, table: TableName): string => `runs/${runId}/tables/${table}.csv`;

/** `findings.csv: rows where status = FAIL`, with the whole path or the name of the file alone. */
export const rowsInWords = ({ file, count = 'rows', where = [] }: Rows, path: 'whole' | 'name' = 'whole'): string =>
  `${path === 'whole' ? file : file.slice(file.lastIndexOf('/') + 1)}: ${count}${where.length > 0 ? ` where ${where.join(' and ')}` : ''}`;

/** A number that leads to the file whose rows it counts, and names how. */
export const figure = (value: number, rows: Rows, word = ''): Markup =>
  html`<a class="figure" href="${rows.file}" title="${rowsInWords(rows)}">${word === '' ? number(value) : plural(value, word)}</a>`;

/** Text from other people's accounts: what hides or reorders is shown, and its direction stays its own. */
export const said = (text: string | null): Markup => html`<bdi>${sanitize(text ?? '')}</bdi>`;
