import { cells, type Figure, sideBySide } from './figure.ts';

/** What `npm run bench` writes. */
export interface BenchResult {
  /** When it ended, ISO 8601. */
  at: string;
  machine: { node: string; cpu: string; cpus: number; memoryMb: number; version: string };
  figures: Figure[];
  broken: { scenario: string; error: string }[];
}

const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

/** A table for each scenario, after a line that says where and when it was measured. */
export const markdownOf = ({ at, machine, figures, broken }: BenchResult): string => {
  const { cpus, cpu, memoryMb, node, version } = machine;
  const head = `TrailSeal ${version}, Node ${node}, ${cpus} × ${cpu}, ${(memoryMb / 1024).toFixed(0)} GB of memory, ${at.slice(0, 10)}.`;
  const scenarios = [...new Set(figures.map(({ scenario }) => scenario))];
  return [
    head,
    ...scenarios.flatMap((name) => {
      const own = figures.filter(({ scenario }) => scenario === name);
      const compared = own.filter(({ subject }) => subject !== undefined);
      const others = own.filter(({ subject }) => subject === undefined);
      return [
        `### ${name}`,
        ...(compared.length > 0 ? [rows(sideBySide(compared))] : []),
        ...(others.length > 0 ? [rows([['Figure', 'Value', 'Goal', 'Met', 'Note'], ...others.map(cells)])] : []),
      ];
    }),
    ...broken.map(({ scenario, error }) => `**${scenario} was broken:** ${escaped(error)}`),
    '',
  ].join('\n\n');
};

/** A document with the tables between its marks. @throws Error where it has no marks */
export const placed = (tables: string, document: string, name: string): string => {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${name} has no ${BEGIN} … ${END} to write between.`);
  return `${before}${BEGIN}\n${tables}\n${END}${after}`.replace(/\n{3,}/g, '\n\n');
};

const rows = ([head = [], ...body]: readonly string[][]): string =>
  [head, head.map(() => '---'), ...body].map((row) => `| ${row.map(escaped).join(' | ')} |`).join('\n');

const escaped = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ');
