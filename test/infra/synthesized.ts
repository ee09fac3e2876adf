import { parseSettings, type SettingsInput } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import { unbundledApp } from '../../infra/unbundled-app.ts';

/** The app as `cdk synth` builds it, but without bundling the functions. */
export const synthesized = (settings: SettingsInput = {}) => {
  const app = unbundledApp();
  return { app, ...addStacks(app, parseSettings(settings)) };
};
