import { readFileSync } from 'node:fs';
import { App, type AppProps, type IReusableStackSynthesizer } from 'aws-cdk-lib';
import { validation } from './roles/role-template.ts';

const CDK_JSON = new URL('../cdk.json', import.meta.url);

/** The app with the feature flags of cdk.json, as the CDK command line makes it. */
export const appAsDeployed = ({ context: more, ...props }: AppProps = {}): App => {
  const { context } = JSON.parse(readFileSync(CDK_JSON, 'utf8')) as { context: Record<string, unknown> };
  return new App({
    context: { ...context, ...more },
    analyticsReporting: false,
    // Where in the code each construct was made: nobody reads it.
    stackTraces: false,
    ...props,
  });
};

/**
 * The same without bundling the functions.
 * @param options.validate whether templates are held against CDK's own rules, as `cdk synth` does: seconds for each app
 * @param options.synthesizer of stacks that name none; default the CDK's own, which counts on a bootstrap
 */
export const unbundledApp = ({
  validate = false,
  synthesizer,
}: {
  validate?: boolean;
  synthesizer?: IReusableStackSynthesizer;
} = {}): App => {
  const { context, ...rules } = validation(validate);
  return appAsDeployed({
    ...rules,
    context: { 'aws:cdk:bundling-stacks': [], ...context },
    ...(synthesizer && { defaultStackSynthesizer: synthesizer }),
  });
};
