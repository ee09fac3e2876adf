import { editDistance } from '../model/edit-distance.ts';
import { FRAMEWORKS } from './catalogue.ts';
import type { Framework } from './framework.ts';

export type FrameworkSearch =
  /** `taken`: one sentence that says which was taken, where its id was not given; else null. */
  | { found: true; framework: Framework; taken: string | null }
  /** `suggestions`: at most five ids, nearest first; `message`: one sentence that names them. */
  | { found: false; suggestions: string[]; message: string };

/** A word that several publishers' frameworks bear, and that says one of them to users of AWS. */
const MEANT: Readonly<Record<string, string>> = { cis: 'cis-aws' };

/**
 * A framework by its id, or by words of its id or name (`hipaa`, `pci`, `fedramp moderate`): the newest version, where
 * the words fit one framework in force. Case, spaces, underscores, a `v` before the version and trailing `.0` do not
 * matter (`PCI DSS v4.0.1`, `cis_aws_3.0.0`); anything else answers with the nearest ids.
 */
export function findFramework(id: string): FrameworkSearch {
  const wanted = normal(id);
  const framework = FRAMEWORKS.find((f) => normal(f.id) === wanted);
  if (framework) return { found: true, framework, taken: null };
  const named = namedBy(MEANT[wanted] ?? wanted);
  const [meant] = named;
  const shown = id.length > 60 ? `${id.slice(0, 60)}…` : id;
  if (meant && named.length === 1) return { found: true, framework: meant, taken: takenFor(shown, meant) };
  if (named.length > 1) {
    const suggestions = named.slice(0, 5).map((f) => f.id);
    const message = `${JSON.stringify(shown)} can be any of ${suggestions.join(', ')}${named.length > 5 ? ', …' : ''}: give one of them.`;
    return { found: false, suggestions, message };
  }
  // Backwards, so that of equally near ones the newest version comes first.
  const suggestions = FRAMEWORKS.toReversed()
    .map((f) => ({ id: f.id, distance: distanceTo(f, wanted) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 5)
    .map((f) => f.id);
  return {
    found: false,
    suggestions,
    message: `There is no framework ${JSON.stringify(shown)}. The nearest are: ${suggestions.join(', ')}. \`trailseal frameworks\` lists all.`,
  };
}

/** Those with every word in their id, else in id or name; those in force, where any is, else the newest of each name. */
function namedBy(wanted: string): Framework[] {
  if (wanted === '') return [];
  const words = wanted.split('-');
  const compact = wanted.replaceAll('-', '');
  const has = (...texts: string[]) => {
    const own = new Set(texts.flatMap((text) => normal(text).split('-')));
    return words.every((word) => own.has(word));
  };
  const byId = FRAMEWORKS.filter(({ id }) => has(id) || compactIds(id).includes(compact));
  const fitting = byId.length > 0 ? byId : FRAMEWORKS.filter(({ id, name, version }) => has(id, name, version));
  const inForce = fitting.filter(({ note }) => note === null);
  return inForce.length > 0 ? inForce : [...new Map(fitting.map((f) => [f.name, f])).values()];
}

/** `soc2`, `iso270012022`, and without the part that says the version `iso27001`. */
const compactIds = (id: string): string[] =>
  [id, id.replace(/-r?\d[\d.]*$/, '')].map((text) => normal(text).replaceAll('-', ''));

function takenFor(shown: string, { id, name, version }: Framework): string {
  return `${JSON.stringify(shown)} is taken as ${id} (${name}, ${version}).`;
}

const normal = (text: string): string =>
  text
    .slice(0, 100)
    .toLowerCase()
    .replace(/[\s_/:,()]+/g, '-')
    .replace(/(^|-)v(?=\d)/g, '$1')
    .replace(/^-+|-+$/g, '')
    .replace(/(\d\.\d+)\.0$/, '$1');

/** Sharing words counts for more than spelling: `pci` should find both PCI versions before `soc-2`. */
function distanceTo(framework: Framework, wanted: string): number {
  const names = [normal(framework.id), normal(`${framework.name} ${framework.version}`)];
  const words = wanted.split('-').filter((word) => word !== '');
  const shared = words.filter((word) => names.some((name) => name.split('-').includes(word))).length;
  const spelling = Math.min(...names.map((name) => editDistance(name, wanted) / Math.max(name.length, wanted.length)));
  return spelling - (words.length === 0 ? 0 : shared / words.length);
}
