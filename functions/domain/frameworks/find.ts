import { editDistance } from '../model/edit-distance.ts';
import { FRAMEWORKS } from './catalogue.ts';
import type { Framework } from './framework.ts';

export type FrameworkSearch =
  | { found: true; framework: Framework }
  /** `suggestions`: at most five ids, nearest first; `message`: one sentence that names them. */
  | { found: false; suggestions: string[]; message: string };

/**
 * A framework by its id. Case, spaces, underscores, a `v` before the version and trailing `.0` do not matter
 * (`PCI DSS v4.0.1`, `cis_aws_3.0.0`); anything else answers with the nearest ids.
 */
export function findFramework(id: string): FrameworkSearch {
  const wanted = normal(id);
  const framework = FRAMEWORKS.find((f) => normal(f.id) === wanted);
  if (framework) return { found: true, framework };
  // Backwards, so that of equally near ones the newest version comes first.
  const suggestions = FRAMEWORKS.toReversed()
    .map((f) => ({ id: f.id, distance: distanceTo(f, wanted) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 5)
    .map((f) => f.id);
  const shown = id.length > 60 ? `${id.slice(0, 60)}…` : id;
  return {
    found: false,
    suggestions,
    message: `There is no framework ${JSON.stringify(shown)}. The nearest are: ${suggestions.join(', ')}. \`trailseal frameworks\` lists all.`,
  };
}

const normal = (text: string): string =>
  text
    .slice(0, 100)
    .toLowerCase()
    .replace(/[\s_/:]+/g, '-')
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
