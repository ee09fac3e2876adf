import { parseSettings, type SettingsInput } from '../../infra/settings/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import { unbundledApp } from '../../infra/unbundled-app.ts';
import { isDeep } from '../depth.ts';

const known = new Map<string, ReturnType<typeof builtAgain>>();

/** The app as `cdk synth` builds it, but without bundling the functions. One for all tests that ask for the same settings. */
export const synthesized = (settings: SettingsInput = {}) => {
  const key = JSON.stringify(settings);
  const made = known.get(key) ?? builtAgain(settings);
  known.set(key, made);
  return made;
};

/** The same, untouched: synthesis turns references between stacks into imports, in the constructs themselves. */
export const builtAgain = (settings: SettingsInput = {}) => {
  const app = unbundledApp({ validate: isDeep });
  return { app, ...addStacks(app, parseSettings(settings)) };
};
