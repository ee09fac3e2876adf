import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';

const CDK_JSON = new URL('../cdk.json', import.meta.url);

/** The app with the feature flags of cdk.json, as the CDK command line makes it, but without bundling the functions. */
export const unbundledApp = (): App => {
  const { context } = JSON.parse(readFileSync(CDK_JSON, 'utf8')) as { context: Record<string, unknown> };
  return new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });
};
