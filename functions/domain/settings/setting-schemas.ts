import * as z from 'zod';
import { LIMITS } from '../limits/limits.ts';
import {
  type DeploymentSettings,
  type DeploymentValue,
  defaultSettings,
  type InDeployment,
  type RunSettings,
  type SettingInput,
  type SettingVariable,
  type SettingVariables,
  settingDeclarations,
  withoutSlash,
  withRole,
} from './run-settings.ts';

/** How the settings are read from a deployment's settings, from an execution's input and from variables. */

const matching = (pattern: RegExp, expected: string) => {
  const error = `must be ${expected}`;
  return z.string({ error: `${error}, in quotes` }).regex(pattern, { error });
};
const wholeNumber = (most: number) => {
  const error = `must be a whole number of accounts at once from 1 to ${most}`;
  return z.number({ error }).int({ error }).min(1, { error }).max(most, { error });
};

/** The fields that a deployment's settings have for a run. */
export const deploymentFields = Object.fromEntries(
  settingDeclarations.flatMap((declared) => {
    const { name, kind, deployment } = declared;
    if (!deployment) return [];
    const { pattern = /^/, expected = 'text' } = { ...declared, ...deployment };
    const one = matching(pattern, expected);
    const byDefault = deployment.byDefault === undefined ? declared.byDefault : deployment.byDefault;
    const field = {
      text: () => {
        const value = name === 'roleName' ? one.overwrite(withoutSlash) : one;
        return (byDefault === null ? value.nullable() : value).default(byDefault as never);
      },
      list: () => z.array(one, { error: `must be a list, each entry ${expected}` }).default([]),
      flag: () => z.boolean({ error: 'must be true or false' }).default(byDefault as boolean),
      count: () => wholeNumber(LIMITS.concurrency.most).default(byDefault as number),
    }[kind]();
    return [[name, field.describe(deployment.words)]];
  }),
) as unknown as { [N in InDeployment]: z.ZodDefault<z.ZodType<DeploymentValue<N>, DeploymentValue<N>>> };

/** The words of an execution's input that are settings. */
export const inputFields = Object.fromEntries(
  settingDeclarations.flatMap(({ kind, input, pattern = /./, expected = 'text' }) => {
    if (input === undefined) return [];
    const one = matching(pattern, expected);
    const field = {
      text: () => one,
      list: () => z.array(one).min(1).max(LIMITS.filter.most),
      flag: () => z.boolean(),
      // The limit of a Distributed Map.
      count: () => wholeNumber(10_000),
    }[kind]();
    return [[input, field.optional()]];
  }),
) as unknown as { [I in keyof SettingInput]-?: z.ZodOptional<z.ZodType<NonNullable<SettingInput[I]>>> };

/** The variables of the Plan function, read from text. */
export const settingVariables = Object.fromEntries(
  settingDeclarations.flatMap((declared) => {
    const { variable, kind, deployment } = declared;
    if (variable === undefined) return [];
    const { pattern = /^/, expected = 'text' } = { ...declared, ...deployment };
    const text = z.string({ error: 'is not set' });
    const error = `must be ${expected}`;
    const fits = (value: string) => pattern.test(value);
    const schema = {
      text: () =>
        declared.byDefault === null
          ? text.refine((v) => v === '' || fits(v), { error }).transform((v) => (v === '' ? null : v))
          : text.refine(fits, { error }),
      list: () =>
        text
          .refine((v) => v === '' || v.split(',').every(fits), { error: `${error}; several are joined with commas` })
          .transform((v) => (v === '' ? [] : v.split(','))),
      flag: () => z.enum(['true', 'false'], { error: 'must be "true" or "false"' }).transform((v) => v === 'true'),
      count: () => text.regex(/^[1-9]\d{0,5}$/, { error: 'must be a whole number above zero' }).transform(Number),
    }[kind]();
    return [[variable, schema]];
  }),
) as unknown as { [V in SettingVariable]: z.ZodType<SettingVariables[V], string> };
export const SETTING_VARIABLES = Object.keys(settingVariables) as SettingVariable[];

/** What the variables say, as a run's settings. */
export const settingsOfVariables = (values: SettingVariables): RunSettings => {
  const settings = settingDeclarations.flatMap(({ name, variable, byDefault }) => {
    if (variable === undefined) return [];
    const value = values[variable as SettingVariable];
    return [[name, byDefault === null && Array.isArray(value) && value.length === 0 ? null : value]];
  });
  return withRole({ ...defaultSettings(), ...Object.fromEntries(settings) });
};

/** A deployment's settings as the texts of those variables. */
export const textsOfSettings = (settings: DeploymentSettings): Record<SettingVariable, string> =>
  Object.fromEntries(
    settingDeclarations.flatMap(({ name, variable }) =>
      variable === undefined ? [] : [[variable, String(settings[name as InDeployment] ?? '')]],
    ),
  ) as Record<SettingVariable, string>;
