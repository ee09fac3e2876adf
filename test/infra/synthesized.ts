import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { parseSettings, type SettingsInput } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';

const CDK_JSON = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
  context: Record<string, unknown>;
};

/** The app as `cdk synth` builds it, with the feature flags of cdk.json, but without bundling the functions. */
export const synthesized = (settings: SettingsInput = {}) => {
  const app = new App({ context: { ...CDK_JSON.context, 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });
  return { app, ...addStacks(app, parseSettings(settings)) };
};
