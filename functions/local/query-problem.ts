import { likelyName } from '../domain/model/edit-distance.ts';
import { columnsOf, PARTITION_COLUMN } from '../report/tables/columns.ts';
import { VIEWS } from './duckdb-sql.ts';

export const READING = ['select', 'with', 'from', 'describe', 'show', 'summarize'] as const;

/** What is wrong with a query in our words, with the names that were probably meant. `message` is DuckDB's own. */
export function queryProblem(message: string, sql: string): string {
  const [problem = ''] = message.replace(/^Failed to extract statements: /, '').split(/\n\s*\n/);
  const text = problem.replaceAll(/\s+/g, ' ').trim();
  return (
    unknownTable(text) ?? unknownColumn(text, sql) ?? syntax(text, message) ?? plain(text.replace(/^\w+ Error: /, ''))
  );
}

function unknownTable(text: string): string | null {
  const [, name] = /^Catalog Error: Table with name "?([^"]+?)"? does not exist/.exec(text) ?? [];
  if (name === undefined) return null;
  const names = VIEWS.map((view) => view.name);
  return `There is no table ${name}${meant(likelyName(name, names))} The tables are ${names.join(', ')}.`;
}

function unknownColumn(text: string, sql: string): string | null {
  const [, name] =
    /^Binder Error: (?:Referenced column|Table "[^"]*" does not have a column named) "([^"]+)"/.exec(text) ?? [];
  if (name === undefined) return null;
  const used = VIEWS.filter((view) => new RegExp(`\\b${view.name}\\b`, 'i').test(sql));
  const tables = [...new Map(used.map((view) => [view.table, view.name]))];
  const columns = [...new Set(tables.flatMap(([table]) => columnsOf(table).map((column) => column.name)))];
  if (columns.length === 0) return `There is no column ${name}.`;
  return `There is no column ${name}${meant(likelyName(name, columns))} ${tables
    .map(
      ([table, view]) =>
        `${view} has ${[...columnsOf(table).map((column) => column.name), PARTITION_COLUMN].join(', ')}`,
    )
    .join('; ')}.`;
}

/** DuckDB shows where: `LINE 1: SELEC 1` with a caret below. */
function syntax(text: string, message: string): string | null {
  const [, near] = /^Parser Error: syntax error at (?:or near "([^"]*)"|end of input)/.exec(text) ?? [];
  if (!/^Parser Error: syntax error/.test(text)) return null;
  const [, line] = /LINE (\d+):/.exec(message) ?? [];
  const at = near === undefined ? 'at its end' : `near "${near}"`;
  const name = near === undefined ? null : likelyName(near, READING);
  return `The SQL cannot be parsed ${at}${line === undefined || line === '1' ? '' : ` (line ${line})`}${name === null || name === near?.toLowerCase() ? '.' : meant(name.toUpperCase())}`;
}

/** The candidates of an unknown function fill a screen and are nobody's answer. */
const plain = (text: string): string => {
  const [first = ''] = text.split(/ Candidate (?:functions|macros|bindings): /);
  return `The SQL cannot be run: ${first.replace(/\.+$/, '')}.`;
};

const meant = (name: string | null): string => (name === null ? '.' : `: did you mean ${name}?`);
