import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { roleTemplate } from './roles/role-template.ts';
import { loadSettings, SettingsError } from './settings/settings.ts';
import { addStacks } from './stacks.ts';

/** `cdk synth` and `cdk deploy` start here. Settings: `-c settings=FILE`, or "trailseal" in the CDK context. */
try {
  const app = new App();
  const settings = loadSettings({
    file: app.node.tryGetContext('settings'),
    context: app.node.tryGetContext('trailseal'),
  });
  addStacks(app, settings);
  const { directory } = app.synth();
  // For people who roll the role out by Terraform or by hand.
  const template = roleTemplate({ settings, for: 'member' });
  writeFileSync(join(directory, 'trailseal-member-role.template.json'), `${JSON.stringify(template, null, 2)}\n`);
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
