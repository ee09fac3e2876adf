import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ALLOWED_LICENCES, IN_THE_PAGE, licencesMarkdown, lockedPackages } from '../tools/licences.ts';

const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  overrides: Record<string, string>;
};
const { dependencies, devDependencies, overrides } = manifest;

describe('what TrailSeal is made of', () => {
  it('is pinned exactly, and the lock file holds what package.json says', () => {
    const pins = { ...dependencies, ...devDependencies };
    const loose = Object.entries({ ...pins, ...overrides }).filter(([, v]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(v));
    expect(loose).toEqual([]);
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string; integrity?: string; link?: boolean }>;
    };
    for (const [name, version] of Object.entries(pins))
      expect([name, lock.packages[`node_modules/${name}`]?.version]).toEqual([name, version]);
    const unproven = Object.entries(lock.packages).filter(([path, { integrity }]) => path !== '' && !integrity);
    // What is bundled within another package comes with that one's hash.
    const bundled = new Set(Object.entries(lock.packages).flatMap(([p, v]) => ('inBundle' in v ? [p] : [])));
    expect(unproven.map(([path]) => path).filter((path) => !bundled.has(path))).toEqual([]);
  });

  it('has licences that go with Apache-2.0, and docs/reference/licences.md lists them (npm run docs)', () => {
    const others = lockedPackages('production').filter(({ licence }) => !ALLOWED_LICENCES.includes(licence));
    expect(others).toEqual([]);
    expect(readFileSync(join(root, 'docs/reference/licences.md'), 'utf8')).toBe(licencesMarkdown());
  });

  it('ships no tool: what runs imports production dependencies only, and copyleft is among the tools alone', () => {
    const imported = new Map<string, string>();
    for (const file of readdirSync(join(root, 'functions'), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const text = readFileSync(join(root, 'functions', file), 'utf8');
      for (const [, kind, name = ''] of text.matchAll(/^(?:import|export) (type )?[^;]*?from '([^'.][^']*)';$/gm)) {
        const module = name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/');
        if (!kind && !module.startsWith('node:') && !builtinModules.includes(module)) imported.set(module, file);
      }
    }
    // echarts and others are loaded when they are needed.
    expect(imported.size).toBeGreaterThan(15);
    const foreign = [...imported].filter(
      ([module]) => !Object.hasOwn(dependencies, module) && !IN_THE_PAGE.includes(module),
    );
    expect(foreign).toEqual([]);
    const copyleft = /GPL/;
    expect(lockedPackages('production').filter(({ licence }) => copyleft.test(licence))).toEqual([]);
    // The test can see one: a tool that the key policies are compared with.
    expect(lockedPackages('development').some(({ licence }) => copyleft.test(licence))).toBe(true);
  });

  it('can be told as a CycloneDX bill of materials, from the lock file alone', () => {
    const words = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
    const made = spawnSync('npm', words, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
    expect([made.status, made.stderr]).toEqual([0, expect.any(String)]);
    const bill = JSON.parse(made.stdout) as {
      bomFormat: string;
      specVersion: string;
      metadata: { component: { purl: string; licenses: unknown[] } };
      components: {
        name: string;
        group?: string;
        version: string;
        purl: string;
        licenses?: unknown[];
      }[];
    };
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: expect.stringMatching(/^1\.\d$/) });
    expect(bill.metadata.component.purl).toMatch(/^pkg:npm\/trailseal@/);
    // With the tools, which npm marks: its --omit would lose what both need.
    const told = new Set(bill.components.map(({ purl }) => decodeURIComponent(purl.replace('pkg:npm/', ''))));
    expect(lockedPackages('production').filter((p) => !told.has(`${p.name}@${p.version}`))).toEqual([]);
    expect(bill.components.filter(({ licenses }) => !licenses?.length)).toEqual([]);
  }, 120_000);
});
