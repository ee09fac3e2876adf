import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { RoleStack, type RoleStackProps } from './role-stack.ts';

/** The template of the audit role as a plain object: what the StackSet carries, and what Terraform or a person rolls out. */
export const roleTemplate = (props: RoleStackProps): Record<string, unknown> => {
  const outdir = mkdtempSync(join(tmpdir(), 'trailseal-role-'));
  try {
    const app = new App({ outdir, analyticsReporting: false, treeMetadata: false });
    const { stackName } = new RoleStack(app, 'TrailSealRole', props);
    return app.synth().getStackByName(stackName).template;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};
