import { DefaultStackSynthesizer, type IReusableStackSynthesizer } from 'aws-cdk-lib';
import type { Settings } from '../settings/settings.ts';
import { addStacks } from '../stacks.ts';
import { unbundledApp } from '../unbundled-app.ts';
import { mergeTemplates, type Template, type World, WorldsMissing } from './conditional-template.ts';
import { danglingChoices } from './dangling.ts';
import { type Choice, type SettingParameter, settingsWith } from './setting-parameters.ts';

export const STACKS = ['scanner', 'catalog', 'memberRoles', 'managementRole', 'managementWatch'] as const;
export type StackName = (typeof STACKS)[number];
export type Templates = Record<StackName, Template>;

/**
 * The stacks that there are under some choices, as templates that need no bootstrap; the code of functions is not bundled. They are not
 * validated: the parameters are added afterwards, and the rules of the CDK would miss them.
 */
const synthesized = (settings: Settings): Partial<Templates> => {
  const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IReusableStackSynthesizer;
  const app = unbundledApp({ synthesizer });
  const stacks = addStacks(app, settings);
  const assembly = app.synth();
  return Object.fromEntries(
    STACKS.flatMap((name) => {
      const made = assembly.stacks.find(({ stackName }) => stackName === stacks[name]?.stackName);
      return made ? [[name, made.template]] : [];
    }),
  );
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
  const worlds: { holds: readonly string[]; templates: Partial<Templates> }[] = [];
  const add = (holds: readonly string[]) => {
    const made = holds.map((condition) => byCondition.get(condition) as Choice);
    const templates = synthesized(settingsWith(settings, parameters, made));
    for (const name of STACKS) if (templates[name]) templates[name] = prepare(templates[name]);
    worlds.push({ holds, templates });
  };
  const options = {
    expressions: Object.fromEntries(choices.map(({ condition, expression }) => [condition, expression])),
    groupOf: (condition: string) => parameterOf.get(condition) ?? condition,
  };
  const merged = (name: StackName): Template => {
    for (;;) {
      const seen = worlds.flatMap(({ holds, templates: { [name]: template } }): World[] =>
        template === undefined ? [] : [{ holds, template }],
      );
      try {
        const template = mergeTemplates(seen, options);
        const dangling = danglingChoices(template, options);
        if (dangling.length === 0) return template;
        throw new WorldsMissing(dangling);
      } catch (error) {
        if (!(error instanceof WorldsMissing)) throw error;
        for (const combination of error.combinations) {
          if (worlds.some(({ holds }) => [...holds].sort().join() === [...combination].sort().join()))
            throw new Error(
              `${name} refers to what it lacks where ${combination.join(' and ') || 'nothing is chosen'}`,
            );
          add(combination);
        }
      }
    }
  };
  add([]);
  for (const { condition } of choices) add([condition]);
  return Object.fromEntries(STACKS.map((name) => [name, merged(name)])) as Templates;
};
