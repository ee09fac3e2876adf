import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { validation } from '../roles/role-template.ts';
import type { Settings } from '../settings/settings.ts';
import { addStacks } from '../stacks.ts';
import { appAsDeployed } from '../unbundled-app.ts';
import { archiveOf } from './archive.ts';
import type { Template } from './conditional-template.ts';
import { type SettingParameter, settingsWith } from './setting-parameters.ts';

/** A bundle's source map names files relative to where it is made: always this far below the checkout. */
const BUNDLES = join(import.meta.dirname, '..', '..', 'cdk.out');

/**
 * Bundles every function of the released template, also those that a choice adds, as `cdk deploy` would.
 * @returns the archives by the logical id of the function
 */
export const bundledCode = async (
  settings: Settings,
  parameters: readonly SettingParameter[],
  scanner: Template,
): Promise<Map<string, Buffer>> => {
  mkdirSync(BUNDLES, { recursive: true });
  const outdir = mkdtempSync(join(BUNDLES, 'release-'));
  try {
    const functions = functionsIn(scanner);
    const needed = new Set(functions.flatMap(([, { Condition }]) => Condition ?? []));
    const choices = parameters
      .flatMap((parameter) => parameter.choices)
      .filter(({ condition }) => needed.delete(condition));
    const base = parameters.filter(({ choices }) => choices.some(({ condition }) => needed.delete(`Not${condition}`)));
    if (needed.size > 0) throw new Error(`no one choice makes a function of ${[...needed].join(', ')}`);
    // The names of parameters are in no template yet.
    const app = appAsDeployed({ outdir, ...validation(false) });
    const { scanner: stack } = addStacks(app, settingsWith(settings, base, choices));
    const bundled = functionsIn(app.synth().getStackByName(stack.stackName).template as Template);
    const folders = new Map(bundled.map(([id, { Properties }]) => [id, folderOf(Properties)]));
    const archives = functions.map(async ([id]) => {
      const folder = folders.get(id);
      if (folder === undefined) throw new Error(`the function ${id} was not bundled`);
      return [id, await archiveOf(join(outdir, folder))] as const;
    });
    return new Map(await Promise.all(archives));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

interface FunctionResource {
  Type: string;
  Condition?: string;
  Properties: { Code: { S3Key: string } };
}

const functionsIn = ({ Resources }: Template): [string, FunctionResource][] =>
  (Object.entries(Resources) as unknown as [string, FunctionResource][]).filter(
    ([, { Type }]) => Type === 'AWS::Lambda::Function',
  );

const folderOf = ({ Code }: FunctionResource['Properties']): string => `asset.${Code.S3Key.replace(/\.zip$/, '')}`;
