import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseScopes } from '../../functions/domain/scopes/scope.ts';
import { parseWaivers } from '../../functions/domain/waivers/waiver.ts';
import { openSigningKey } from '../../functions/local/signing-key.ts';
import { onlyDeep } from '../depth.ts';
import { inThisProcess } from './in-process.ts';

/**
 * Every code block that a user reads is run as it stands in its file, with the values that only a reader has put in:
 * a block of `sh` is run, SQL is asked, YAML and JSON are parsed by what reads them. What needs AWS (or Terraform) is
 * marked so in the line that begins the block: "```sh aws". A block of text says which command prints it, or is a diagram.
 */
const ROOT = join(import.meta.dirname, '..', '..');
const FILES = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.md'))
    .map((f) => `docs/${f}`),
];
const SPEC = 'accounts=12,regions=4,seed=7';

interface Block {
  file: string;
  line: number;
  language: string;
  mark: string;
  text: string;
}

const blocks: Block[] = FILES.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/^( *)```(\w*)(?: +([^\n]+))?\n([\s\S]*?)^ *```$/gm)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    language: match[2] ?? '',
    mark: match[3] ?? '',
    text: match[4] ?? '',
  }));
});
const named = (wanted: (block: Block) => boolean): [string, Block][] =>
  blocks.filter(wanted).map((block) => [`${block.file}:${block.line}`, block]);

let folder = '';
let env: Record<string, string> = {};
const values = { finding: '', cause: '', trail: '', account: '', run: '' };

/** In this process: as many commands as there are would take minutes in processes of their own. */
const run = (...words: string[]) =>
  inThisProcess(words, {
    cwd: folder || ROOT,
    env: {
      ...{ PATH: process.env.PATH ?? '', HOME: folder || tmpdir(), AWS_EC2_METADATA_DISABLED: 'true' },
      ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', ...env },
    },
  });

/** What a reader puts in for a placeholder. */
const filled = (line: string): string =>
  line
    .replace('1a2b3c4d', values.finding)
    .replace('rc-…', values.cause)
    .replace('arn:aws:cloudtrail:…', values.trail)
    .replace('<run id>', values.run)
    .replaceAll('111122223333', values.account);

/** The words of a line as a shell would split them; `> file` goes to a file, `# …` is a remark. */
function wordsOf(line: string): { words: string[]; to: string | null } {
  const words: string[] = [];
  for (const [word] of line.matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+/g)) {
    if (word.startsWith('#')) break;
    words.push(/^["']/.test(word) ? word.slice(1, -1) : word);
  }
  const at = words.indexOf('>');
  return at < 0 ? { words, to: null } : { words: words.slice(0, at), to: words[at + 1] ?? null };
}

/** A command against AWS is tried against the simulated organization; everything else is run as it is. */
async function tried(line: string): Promise<void> {
  const { words, to } = wordsOf(filled(line));
  const [command = '', ...rest] = words[0] === 'npx' ? words.slice(3) : words.slice(1);
  const simulated = ['scan', 'doctor'].includes(command) && !rest.includes('--simulate');
  const profile = rest.indexOf('--profile');
  if (simulated && profile >= 0) rest.splice(profile, 2);
  const shown = rest.filter((word) => word !== '--open');
  const ended = await run(command, ...shown, ...(simulated ? ['--simulate', SPEC] : []));
  if (to !== null) writeFileSync(join(folder, to), ended.out);
  // 2 and 3 are findings, not mistakes.
  expect([line, ended.err, [0, 2, 3].includes(ended.code ?? -1)]).toEqual([line, ended.err, true]);
}

const scripts = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts,
);

describe('code blocks of the documents', () => {
  it('say what they are, and what is not run says why', () => {
    // The recipe in TypeScript is followed by test/domain/controls/new-control.deep.test.ts.
    const known = ['sh', 'sql', 'yaml', 'json', 'hcl', 'text', 'ts'];
    expect(blocks.length).toBeGreaterThan(20);
    expect(named(({ language }) => !known.includes(language)).map(([at]) => at)).toEqual([]);
    const unmarked = named(
      ({ language, mark, text }) =>
        mark === '' &&
        (['hcl', 'text'].includes(language) ||
          (language === 'sh' && /^ *(aws|npx cdk|terraform|\.\/deploy\.sh) /m.test(text))),
    );
    expect(unmarked.map(([at]) => at)).toEqual([]);
  });

  it('begin every guide: what to type comes before what to read', () => {
    const guides = FILES.filter((file) => /^docs\/[a-z-]+\.md$/.test(file));
    const late = guides.filter((file) => !/^# .+\n```sh/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(late).toEqual([]);
    expect(guides).toHaveLength(8);
  });

  it('are all found: no fence and no indented block stands outside of them', () => {
    for (const file of FILES) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const fences = [...text.matchAll(/^[ >]*(```|~~~)/gm)].length;
      expect([file, fences]).toEqual([file, 2 * blocks.filter((block) => block.file === file).length]);
      expect([file, /\n\n {4,}\S/.test(text.replaceAll(/^( *)```[\s\S]*?^ *```$/gm, ''))]).toEqual([file, false]);
    }
  });

  it('and sentences name commands and options that exist', async () => {
    // Those of npx, and of the scripts that `remediate` writes. The benchmark has its own.
    const others = ['--no-install', '--yes', '--no-wait'];
    const spans = FILES.filter((file) => !/^bench|contributors/.test(file)).flatMap((file) =>
      [
        ...readFileSync(join(ROOT, file), 'utf8')
          .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
          .matchAll(/`([^`]+)`/g),
      ].map(([, span = '']) => ({ file, span: span.replaceAll(/\s+/g, ' ') })),
    );
    const helpOf = new Map<string, string>();
    const help = async (...words: string[]) => {
      const key = words.join(' ');
      if (!helpOf.has(key)) helpOf.set(key, (await run(...words, '--help')).out);
      return helpOf.get(key) ?? '';
    };
    const commands = [...(await help()).matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
    let options = '';
    for (const name of commands) options += await help(name);
    const wrong: string[] = [];
    let named = 0;
    for (const { file, span } of spans) {
      const [, command, rest = ''] = /^(?:npx --no-install )?trailseal ([a-z]+)\b(.*)$/.exec(span) ?? [];
      if (command === undefined && !span.startsWith('--')) continue;
      const flags = (command === undefined ? span : rest).matchAll(/(?:^| )(--[a-z][a-z-]*)/g);
      named++;
      if (command !== undefined && !commands.includes(command)) wrong.push(`${file}: ${span}`);
      const known = command === undefined ? options : await help(command);
      for (const [, flag = ''] of flags)
        if (!others.includes(flag) && !new RegExp(`${flag}(?![a-z-])`).test(known))
          wrong.push(`${file}: ${flag} in ${span}`);
    }
    expect(wrong).toEqual([]);
    expect(named).toBeGreaterThan(80);
  });

  it('refuse a waivers file in the words that the guide shows', () => {
    const page = blocks.filter(({ file }) => file === 'docs/waivers.md');
    const example = page.find(({ language }) => language === 'yaml')?.text ?? '';
    const broken = example.replace('expires_on: 2027-05-01', 'expires_on: 2027-11-03\n    expiry: 1');
    const shown = page.find(({ mark }) => mark === 'waivers')?.text.trimEnd();
    const refusal = () => parseWaivers(broken, { today: '2026-11-29', file: 'waivers.yaml' });
    expect(refusal).toThrow(expect.objectContaining({ message: expect.stringContaining(shown ?? '?') }));
  });

  it.each(named(({ language }) => language === 'yaml'))('%s is what reads it takes', (_, { text }) => {
    const today = new Date().toISOString().slice(0, 10);
    if (text.startsWith('waivers:')) expect(parseWaivers(text, { today }).length).toBeGreaterThan(0);
    else expect(parseScopes(text).length).toBeGreaterThan(0);
  });

  it.each(named(({ language }) => language === 'json'))('%s is JSON', (_, { text }) => {
    const whole = text.trim();
    expect(() => JSON.parse(whole.startsWith('{') ? whole : `{${whole.replace(/,$/, '')}}`)).not.toThrow();
  });
});

onlyDeep(() =>
  describe('commands and queries of the documents', () => {
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'trailseal-docs-'));
      env = { TRAILSEAL_HOME: join(folder, 'home') };
      const { publicKeyFile } = await openSigningKey(env.TRAILSEAL_HOME);
      copyFileSync(publicKeyFile, join(folder, 'signing-key.pub.pem'));
      const waivers = blocks.find(({ file, text }) => file === 'docs/waivers.md' && text.startsWith('waivers:'));
      writeFileSync(join(folder, 'waivers.yaml'), waivers?.text ?? '');
      await run('scan', '--simulate', SPEC, '--quiet');
      const asked = await run(
        'query',
        "select f.finding_id, f.root_cause_id, t.trail_arn, t.account_id, f.run_id from latest_findings f join latest_trails t on t.trail_arn = f.resource_arn where f.status = 'FAIL' and t.verdict = 'UNSEALED' limit 1",
        ...['--format', 'json'],
      );
      const [row] = JSON.parse(asked.out) as Record<string, string>[];
      Object.assign(values, {
        ...{ finding: row?.finding_id, cause: row?.root_cause_id, trail: row?.trail_arn },
        ...{ account: row?.account_id, run: row?.run_id },
      });
    }, 120_000);
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
      folder = '';
    });

    it.each(named(({ language, mark }) => language === 'sh' && mark === ''))(
      '%s runs',
      async (_, { text }) => {
        for (const line of text
          .replaceAll(/\\\n\s*/g, ' ')
          .split('\n')
          .map((l) => l.trim())
          .filter((l) => l !== '' && !l.startsWith('#'))) {
          if (line.startsWith('npm ')) {
            for (const [, script = ''] of line.matchAll(/npm (?:run )?([a-z:]+)/g))
              expect([line, script === 'ci' || scripts.includes(script)]).toEqual([line, true]);
          } else if (line.startsWith('zcat ')) {
            const { status, stdout } = spawnSync('bash', ['-c', filled(line)], {
              cwd: join(folder, 'trailseal-report'),
              encoding: 'utf8',
            });
            expect([line, status, stdout.length > 0]).toEqual([line, 0, true]);
          } else await tried(line);
        }
      },
      120_000,
    );

    it.each(named(({ language }) => language === 'sql'))('%s is SQL over the tables', async (_, { text }) => {
      for (const statement of text
        .replaceAll(/^--.*$/gm, '')
        .split(';')
        .filter((s) => s.trim() !== '')) {
        const { code, err } = await run('query', statement, '--format', 'json');
        expect([statement, code, err]).toEqual([statement, 0, '']);
      }
    });

    it.each(named(({ language, mark }) => language === 'text' && mark.startsWith('scan ')))(
      '%s is what it prints',
      async (_, { text, mark }) => {
        const { out } = await run(...mark.split(' '), '--out', 'printed');
        const lines = out.split('\n');
        for (const line of text
          .trimEnd()
          .split('\n')
          .filter((l) => l.trim() !== '…')) {
          const pattern = new RegExp(
            `^${line
              .split('…')
              .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
              .join('.*')}$`,
          );
          expect([line, lines.some((printed) => pattern.test(printed))]).toEqual([line, true]);
        }
      },
      60_000,
    );
  }),
);
