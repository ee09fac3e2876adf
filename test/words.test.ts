import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = ['functions', 'infra', 'statemachine', 'bench', 'tools', 'docs', 'test'];
/** Written by a tool, or by others. */
const NOT_OURS = /page-assets\.ts$|exports\/schemas\/|\.png$|^bench\/out\//;
const THIS = 'test/words.test.ts';

const files = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', '.ci/run'],
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1)),
  ),
].filter((file) => file !== THIS && !NOT_OURS.test(file));

/** Words that a reader with English as a second language has to look up, each with what to say. */
const OLD: [old: RegExp, say: string][] = [
  [/\bbef(?:a|e)ll(?:s|en)?\b/i, 'happens to'],
  [/\bbecame of\b/i, 'the outcome of'],
  [/\bfor ever\b/i, 'forever'],
  [/\bvouch/i, 'confirm'],
  [/\banew\b/i, 'again'],
  [/\b(?:whoever|besides)\b/i, 'those who, anyone; also, in addition to'],
  [/\bstands? for\b/i, 'means'],
  [/\bmend(?:s|ed|ing)?\b/i, 'repair'],
  [/\bbeforehand\b/i, 'before'],
  [/\blest\b/i, 'so that … not'],
  [/\b(?:whence|hence|thereof|thereby|whereby|herein|hereby|hitherto|forthwith)\b/i, 'from which, so, of it, by it'],
  [/\bshall\b/i, 'must, will, is to'],
  [/\b(?:misspelt|learnt|spoilt)\b/i, 'misspelled, learned, broken'],
  [/\b(?:amongst|whilst)\b/i, 'among, while'],
  [/\bunsaid\b/i, 'silently'],
  [/\b(?:evident|harmless|straggler|sightings?)\b/i, 'kept as evidence, safe, late, observations'],
  [/\b(?:strangers?|unsettled|inert)\b/i, 'outsider, incomplete, safe'],
  [
    /\benter(?:s|ed|ing)? (?:the |an |each |these |those |its |every |member |other )?accounts?\b/i,
    'assume the role in',
  ],
];

it('is written in current English', () => {
  expect(files.length).toBeGreaterThan(600);
  const found = files.flatMap((file) => {
    // The words of a name, too: `isMended`.
    const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/([a-z])([A-Z])/g, '$1 $2');
    return OLD.flatMap(([old, say]) => {
      const match = old.exec(text);
      return match === null
        ? []
        : [`${file}:${text.slice(0, match.index).split('\n').length}: "${match[0]}": say ${say}`];
    });
  });
  expect(found).toEqual([]);
});

/** Names that are stored or typed as they are. */
const NAMES = [
  'home region disabled',
  'region deny',
  /^(?:without )?regions \$\{/,
  /needs accounts, ous, account_tags, regions/,
  /gives? no preset|accounts, roles and regions/,
  /^Invalid region: \[/,
];

it('writes Region as AWS does, in documents and in what is printed', () => {
  const region = /(?<![\w./:='"{$<-])regions?(?=[.:,;)]*(?:\s|$))|\bmulti-region\b/;
  const found = files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    if (file.endsWith('.md') && !/^CHANGELOG|licences/.test(file)) {
      const prose = text.replaceAll(/```[\s\S]*?```|`[^`]*`|\]\([^)]*\)|<!--[\s\S]*?-->/g, '');
      return prose.split('\n').flatMap((line) => (region.test(line) ? [`${file}: ${line.slice(0, 100)}`] : []));
    }
    if (!/^(?:functions|infra|tools)\/.*\.ts$/.test(file)) return [];
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?:^|(?<=\s))\/\/.*$/gm, '');
    return [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].flatMap((match) => {
      const literal = match.slice(1).find((part) => part !== undefined) ?? '';
      const said = literal.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}|\\`.*?\\`|`[^`]*`|<[^>]*>/g, 'X');
      const isSaid = said.includes(' ') && !/select |from \w+ where| join |aws [a-z]|=>|\n {4}|\bconst\b/i.test(said);
      const isName = NAMES.some((name) => (typeof name === 'string' ? name === literal : name.test(literal)));
      return isSaid && !isName && region.test(said) ? [`${file}: ${said.slice(0, 100)}`] : [];
    });
  });
  expect(found).toEqual([]);
});
