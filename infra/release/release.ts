// `npm run release [-- --out FOLDER] [-- --settings FILE]`: what is deployed without Node and without the CDK.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadSettings, type Settings, SettingsError } from '../settings/settings.ts';
import { filesBelow, sha256 } from './archive.ts';
import { bundledCode } from './code.ts';
import type { Template } from './conditional-template.ts';
import { codeAt, MOST_BYTES, type ReleasedName, releasedTemplates } from './release-templates.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** Files that are handed out as they are. */
const AS_THEY_ARE = {
  'infra/release/deploy.sh': 'deploy.sh',
  'infra/release/README.md': 'README.md',
  LICENSE: 'LICENSE',
  terraform: 'terraform',
};

/** What Terraform leaves where it ran. */
const LEFT_BY_TERRAFORM = /\/\.terraform(\/|\.|$)|\.tfstate/;

export interface ReleaseOptions {
  out: string;
  settings: Settings;
  /** The archives of the functions by logical id; default: bundled from the source. */
  code?: (functions: readonly string[]) => Map<string, Uint8Array>;
}

/**
 * Writes the release: `functions/*.zip`, `templates/*.template.json`, `parameters.tsv`, `deploy.sh`, the bill of materials
 * and `SHA256SUMS`. The same commit gives the same bytes.
 */
export const release = async ({ out, settings, code }: ReleaseOptions): Promise<void> => {
  const { templates, parameters } = releasedTemplates(settings);
  const functions = Object.entries(templates.trailseal.Resources).flatMap(([id, { Type }]) =>
    Type === 'AWS::Lambda::Function' ? [id] : [],
  );
  const archives = code?.(functions) ?? (await bundledCode(settings, parameters, templates.trailseal));
  rmSync(out, { recursive: true, force: true });
  for (const folder of ['functions', 'templates']) mkdirSync(join(out, folder), { recursive: true });
  for (const id of functions) {
    const archive = archives.get(id) ?? new Uint8Array();
    const properties = templates.trailseal.Resources[id]?.Properties as { Code: unknown };
    const name = `${nameOf(id)}-${sha256(archive).slice(0, 16)}.zip`;
    properties.Code = codeAt(name);
    writeFileSync(join(out, 'functions', name), archive);
  }
  for (const [name, template] of Object.entries(templates)) {
    const text = `${JSON.stringify(template, null, 1)}\n`;
    if (Buffer.byteLength(text) > MOST_BYTES) throw new Error(`${name} is larger than CloudFormation takes`);
    writeFileSync(join(out, 'templates', `${name}.template.json`), text);
  }
  writeFileSync(join(out, 'parameters.tsv'), parameterTable(templates));
  for (const [from, to] of Object.entries(AS_THEY_ARE))
    cpSync(join(ROOT, from), join(out, to), { recursive: true, filter: (path) => !LEFT_BY_TERRAFORM.test(path) });
  chmodSync(join(out, 'deploy.sh'), 0o755);
  writeFileSync(join(out, 'sbom.cdx.json'), billOfMaterials());
  writeFileSync(join(out, 'SHA256SUMS'), sumsOf(out));
};

/** `HandlersPlanFunction0A1B2C3D` is the function `plan`. */
const nameOf = (logicalId: string): string =>
  (/^Handlers(\w+?)Function[0-9A-F]{8}$/.exec(logicalId)?.[1] ?? logicalId).toLowerCase();

/** A line for each parameter of each template, for deploy.sh and for people: template, name, default, description. */
const parameterTable = (templates: Record<ReleasedName, Template>): string =>
  Object.entries(templates)
    .flatMap(([template, { Parameters = {} }]) =>
      (Object.entries(Parameters) as [string, { Default?: unknown; Description?: string }][]).map(
        ([name, { Default = '', Description = '' }]) => `${[template, name, Default, Description].join('\t')}\n`,
      ),
    )
    .join('');

/** From the lock file alone, without the time and the number that npm gives each one, and the name of the folder. */
const billOfMaterials = (): string => {
  const words = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const { stdout, stderr, status } = spawnSync('npm', words, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  const { serialNumber: _, ...bill } = JSON.parse(stdout) as Record<string, unknown> & {
    metadata: { timestamp?: string; component: { name: string } };
  };
  delete bill.metadata.timestamp;
  bill.metadata.component.name = (
    JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { name: string }
  ).name;
  return `${JSON.stringify(bill, null, 2)}\n`;
};

/** A line for each file, as sha256sum writes it. */
export const sumsOf = (folder: string): string =>
  filesBelow(folder)
    .filter((file) => file !== 'SHA256SUMS')
    .map((file) => `${sha256(readFileSync(join(folder, file)))}  ${file}\n`)
    .join('');

if (process.argv[1]?.endsWith('release.ts')) {
  try {
    const { values } = parseArgs({
      options: { out: { type: 'string', default: 'release' }, settings: { type: 'string' } },
    });
    if (existsSync(values.out) && !existsSync(join(values.out, 'SHA256SUMS')))
      throw new SettingsError([`${values.out} is there and is no release: name another folder with --out.`]);
    await release({ out: values.out, settings: loadSettings({ file: values.settings }) });
    process.stderr.write(`${values.out}/ is ready: see ${values.out}/README.md\n`);
  } catch (error) {
    if (!(error instanceof SettingsError) && (error as { code?: string }).code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION')
      throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
