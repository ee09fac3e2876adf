import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { RoleStack, type RoleStackProps } from './role-stack.ts';

/** Where an app's context says whether what is synthesized inside it is validated, too: CDK's own flag. */
export const VALIDATE = '@aws-cdk/core:validateAgainstDefaultRules';

/** For an app: whether its templates are held against CDK's own rules. The flag alone only makes warnings of what they find. */
export const validation = (validate: boolean) => ({
  builtinCloudFormationValidation: validate,
  context: { [VALIDATE]: validate },
});

/** The template of the audit role as a plain object: what the StackSet carries, and what Terraform or a person rolls out. */
export const roleTemplate = ({
  validate = true,
  ...props
}: RoleStackProps & {
  /** Whether CDK holds it against its own rules; default true. */
  validate?: boolean;
}): Record<string, unknown> => templateOf(validate, (app) => new RoleStack(app, 'TrailSealRole', props));

/** The template of a stack in an app of its own. */
export const templateOf = (validate: boolean, stackIn: (app: App) => Stack): Record<string, unknown> => {
  const outdir = mkdtempSync(join(tmpdir(), 'trailseal-role-'));
  try {
    const app = new App({
      ...{ outdir, analyticsReporting: false, treeMetadata: false, stackTraces: false },
      ...validation(validate),
    });
    const { stackName } = stackIn(app);
    return app.synth().getStackByName(stackName).template;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};
