import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { VALIDATE } from './roles/role-template.ts';

const CDK_JSON = new URL('../cdk.json', import.meta.url);

/**
 * The app with the feature flags of cdk.json, as the CDK command line makes it, but without bundling the functions.
 * @param options.validate whether templates are held against CDK's own rules, as `cdk synth` does: seconds for each app
 */
export const unbundledApp = ({ validate = false } = {}): App => {
  const { context } = JSON.parse(readFileSync(CDK_JSON, 'utf8')) as { context: Record<string, unknown> };
  return new App({
    context: {
      ...context,
      'aws:cdk:bundling-stacks': [],
      ...(!validate && { [VALIDATE]: false }),
    },
    analyticsReporting: false,
    // Where in the code each construct was made: nobody reads it.
    stackTraces: false,
  });
};
