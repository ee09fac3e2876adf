import type { ControlId } from '../../domain/controls/catalogue.ts';
import type { Framework } from '../../domain/frameworks/framework.ts';
import { noCounts } from '../../domain/frameworks/results.ts';
import { SOURCES } from '../../domain/frameworks/sources.ts';
import { csvText } from '../exports/csv.ts';
import type { PackManifest } from './pack-manifest.ts';
import type { Day } from './period.ts';
import type { RunFacts } from './run-facts.ts';

/** One row a run, requirement and control, with its counts. */
export const REQUIREMENTS_FILE = 'requirements.csv';
/** One row a day of a period, and one a run of it. */
export const DAYS_FILE = 'days.csv';
export const RUNS_FILE = 'runs.csv';

const REQUIREMENTS = [
  'run_id',
  'run_date',
  'run_status',
  'requirement',
  'title',
  'shown',
  'outcome',
  'control',
  'pass',
  'fail',
  'unverified',
  'not_applicable',
  'waived',
  'not_evidenced',
  'mapped_by',
  'decides',
  'run_unfiltered',
] as const;

/** A line for each run, requirement and control that supports it. */
export async function* requirementsCsv(framework: Framework, facts: readonly RunFacts[]): AsyncGenerator<string> {
  async function* rows() {
    for (const { run, whole, part, unfiltered } of facts) {
      const shown = part
        ? ([
            ['part', part],
            ['whole', whole],
          ] as const)
        : ([['whole', whole]] as const);
      for (const [which, { result }] of shown) {
        for (const requirement of result.requirements) {
          // A requirement that no control judges has its line too.
          const controls =
            requirement.controls.length > 0 ? requirement.controls : [{ id: null, counts: noCounts(), decides: null }];
          for (const { id, counts, decides } of controls) {
            yield [
              run.row.run_id,
              run.runDate,
              run.row.status,
              requirement.requirementId,
              requirement.title,
              which,
              requirement.outcome,
              id,
              counts.PASS,
              counts.FAIL,
              counts.UNVERIFIED,
              counts.NOT_APPLICABLE,
              counts.WAIVED,
              requirement.notEvidenced,
              id === null ? null : mappedBy(framework, requirement.requirementId, id).join('; '),
              decides === null ? null : decides ? 'decides' : 'supports',
              unfiltered,
            ];
          }
        }
      }
    }
  }
  yield* csvText({ header: REQUIREMENTS, rows: rows() });
}

export const daysCsv = (days: readonly Day[]): AsyncGenerator<string> =>
  csvText({
    header: ['date', 'state', 'runs'],
    rows: asynchronous(days.map(({ date, state, runs }) => [date, state, runs])),
  });

/** A line a run of the period; of one that wrote no report, nothing is known but that it began. */
export function runsCsv(runs: PackManifest['runs'], facts: readonly RunFacts[]): AsyncGenerator<string> {
  const known = new Map(facts.map((run) => [run.run.row.run_id, run]));
  const rows = runs.map(({ run_id, run_date, status, scope }) => {
    const { status: shown = 'FAILED', unfiltered = null } = known.get(run_id) ?? {};
    return [run_id, run_date, status, shown, scope, unfiltered];
  });
  return csvText({
    header: ['run_id', 'run_date', 'status', 'shown_status', 'scope', 'unfiltered'],
    rows: asynchronous(rows),
  });
}

async function* asynchronous<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values;
}

/** Who publishes that a control supports a requirement, with the address. */
const mappedBy = (framework: Framework, requirementId: string, controlId: ControlId): string[] =>
  framework.requirements
    .filter(({ id }) => id === requirementId)
    .flatMap(({ support }) => support)
    .filter(({ controls }) => controls.includes(controlId))
    .map(({ source }) => SOURCES[source])
    .map(({ title, url }) => (url === null ? title : `${title}: ${url}`));
