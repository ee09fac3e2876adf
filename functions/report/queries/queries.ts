import { readdirSync, readFileSync } from 'node:fs';
import { frameworkMappings } from '../../domain/frameworks/catalogue.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import { PROGRAM_FOLDER } from '../../program-folder.ts';

/** A query worth having at hand, in SQL that Athena and DuckDB both run. */
export interface NamedQuery {
  /** The file's name, e.g. `open-findings`. */
  name: string;
  title: string;
  /** What it answers, in one sentence. */
  description: string;
  /** How the rows are sorted, in words. */
  order: string;
  /** One SELECT; its header comment included. */
  sql: string;
}

const folder = new URL('report/queries/sql/', PROGRAM_FOLDER);
const HEADER = /^-- title: (?<title>.+)\n-- answers: (?<description>.+)\n-- order: (?<order>.+)\n/;

/**
 * Every named query, by name. The `.sql` files lie in the same folder of the sources and of `dist/`;
 * the bundled Lambda functions do not have them, and need none.
 */
export function namedQueries(): NamedQuery[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, folder), 'utf8');
      const { title, description, order } = HEADER.exec(sql)?.groups ?? {};
      if (title === undefined || description === undefined || order === undefined) {
        throw new TrailSealError('QUERY', `${file} must begin with the comments title, answers and order`);
      }
      const whole = sql.trim().replace(CATALOGUE, frameworkRows);
      return { name: file.slice(0, -'.sql'.length), title, description, order, sql: whole };
    });
}

/** Where a query wants the framework catalogue as rows: it has one source, and that is no query. */
const CATALOGUE = /^( *)-- a row for each requirement of `trailseal frameworks`$/m;

function frameworkRows(_: string, indent: string): string {
  const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
  return frameworkMappings()
    .map(({ framework_id, requirement_id, title, control_ids, deciding_ids, condition }, position) => {
      // An array of nothing has no type.
      const array = (ids: readonly string[]) => `ARRAY[${(ids.length > 0 ? ids : ['']).map(text).join(', ')}]`;
      const controls = `${array(control_ids)}, ${array(deciding_ids)}`;
      const words = [framework_id, requirement_id, title].map(text).join(', ');
      return `${indent}(${position}, ${words}, ${controls}, ${condition === null ? 'NULL' : text(condition)})`;
    })
    .join(',\n');
}

/** @throws TrailSealError QUERY, with the names there are */
export function namedQuery(name: string): NamedQuery {
  const queries = namedQueries();
  const found = queries.find((query) => query.name === name);
  if (found !== undefined) return found;
  const names = queries.map((query) => query.name).join(', ');
  throw new TrailSealError('QUERY', `There is no query named ${JSON.stringify(name)}; there are ${names}.`);
}
