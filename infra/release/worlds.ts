import { DefaultStackSynthesizer, type IReusableStackSynthesizer } from 'aws-cdk-lib';
import type { Settings } from '../settings/settings.ts';
import { addStacks } from '../stacks.ts';
import { unbundledApp } from '../unbundled-app.ts';
import { mergeTemplates, type Template, type World, WorldsMissing } from './conditional-template.ts';
import { type Choice, type SettingParameter, settingsWith } from './setting-parameters.ts';

export const STACKS = ['scanner', 'catalog', 'memberRoles', 'managementRole'] as const;
export type StackName = (typeof STACKS)[number];
export type Templates = Record<StackName, Template>;

/**
 * The stacks under some choices, as templates that need no bootstrap; the code of functions is not bundled. They are not
 * validated: the parameters are added afterwards, and the rules of the CDK would miss them.
 */
const synthesized = (settings: Settings): Templates => {
  const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IReusableStackSynthesizer;
  const app = unbundledApp({ synthesizer });
  const stacks = addStacks(app, settings);
  const assembly = app.synth();
  return Object.fromEntries(
    STACKS.map((name) => [name, assembly.getStackByName(stacks[name].stackName).template]),
  ) as Templates;
};

/**
 * Synthesizes the stacks once for every choice, and for choices that decide about a value together, and makes one template
 * of each.
 * @param prepare what is to be taken out of a template before it is compared with the others
 */
export const mergedStacks = (
  settings: Settings,
  parameters: readonly SettingParameter[],
  prepare: (template: Template) => Template,
): Templates => {
  const choices = parameters.flatMap((parameter) => parameter.choices);
  const byCondition = new Map(choices.map((choice) => [choice.condition, choice]));
  const parameterOf = new Map(
    parameters.flatMap(({ name, choices }) => choices.map((choice) => [choice.condition, name])),
  );
  const worlds: { holds: readonly string[]; templates: Templates }[] = [];
  const add = (holds: readonly string[]) => {
    const made = holds.map((condition) => byCondition.get(condition) as Choice);
    const templates = synthesized(settingsWith(settings, parameters, made));
    for (const name of STACKS) templates[name] = prepare(templates[name]);
    worlds.push({ holds, templates });
  };
  const options = {
    expressions: Object.fromEntries(choices.map(({ condition, expression }) => [condition, expression])),
    groupOf: (condition: string) => parameterOf.get(condition) ?? condition,
  };
  const merged = (name: StackName): Template => {
    for (;;) {
      try {
        return mergeTemplates(
          worlds.map(({ holds, templates }): World => ({ holds, template: templates[name] })),
          options,
        );
      } catch (error) {
        if (!(error instanceof WorldsMissing)) throw error;
        for (const combination of error.combinations) add(combination);
      }
    }
  };
  add([]);
  for (const { condition } of choices) add([condition]);
  return Object.fromEntries(STACKS.map((name) => [name, merged(name)])) as Templates;
};
