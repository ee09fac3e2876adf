import type { MergeOptions, Template } from './conditional-template.ts';

interface Guard {
  condition: string;
  holds: boolean;
}

/**
 * Choices under which a merged template refers to a resource that it then lacks: of what one choice hides, the worlds of
 * the others show nothing. One set for each such reference, with as few choices as will do.
 */
export const danglingChoices = (template: Template, { expressions, groupOf }: MergeOptions): string[][] => {
  const { Resources, Outputs = {}, Conditions = {} } = template;
  const found = new Map<string, string[]>();
  const look = (value: unknown, guards: readonly Guard[]): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) look(item, guards);
      return;
    }
    const { 'Fn::If': choice } = value as { 'Fn::If'?: [string, unknown, unknown] };
    if (choice) {
      look(choice[1], [...guards, { condition: choice[0], holds: true }]);
      look(choice[2], [...guards, { condition: choice[0], holds: false }]);
      return;
    }
    for (const id of referred(value)) {
      const absent = Resources[id]?.Condition as string | undefined;
      if (absent === undefined) continue;
      const choices = satisfying([...guards, { condition: absent, holds: false }]);
      if (choices) found.set(choices.join(), choices);
    }
    for (const item of Object.values(value)) look(item, guards);
  };

  const leavesOf = (condition: string): string[] => {
    const inner = conditionsIn(Conditions[condition]);
    return inner.length === 0 ? [condition] : inner.flatMap(leavesOf);
  };
  const satisfying = (guards: readonly Guard[]): string[] | null => {
    const leaves = [...new Set(guards.flatMap(({ condition }) => leavesOf(condition)))];
    const sets = subsetsOf(leaves).filter((set) => new Set(set.map(groupOf)).size === set.length);
    const truths = (set: readonly string[]) => (name: string) => isTrue({ Condition: name }, Conditions, set);
    const first = sets.find((set) => guards.every(({ condition, holds }) => truths(set)(condition) === holds));
    return first?.filter((name) => Object.hasOwn(expressions, name)) ?? null;
  };

  for (const part of [...Object.values(Resources), ...Object.values(Outputs)] as Record<string, unknown>[]) {
    const { Condition, DependsOn: _, ...inner } = part;
    look(inner, typeof Condition === 'string' ? [{ condition: Condition, holds: true }] : []);
  }
  return [...found.values()];
};

const referred = (value: object): string[] => {
  const {
    Ref,
    'Fn::GetAtt': att,
    'Fn::Sub': sub,
  } = value as { Ref?: string; 'Fn::GetAtt'?: [string]; 'Fn::Sub'?: unknown };
  const text = Array.isArray(sub) ? String(sub[0]) : typeof sub === 'string' ? sub : '';
  return [Ref ?? [], att?.[0] ?? [], [...text.matchAll(/\$\{(\w+)/g)].map(([, id = '']) => id)].flat();
};

const conditionsIn = (expression: unknown): string[] => {
  if (typeof expression !== 'object' || expression === null) return [];
  const { Condition } = expression as { Condition?: unknown };
  return typeof Condition === 'string' ? [Condition] : Object.values(expression).flatMap(conditionsIn);
};

/** Whether an expression over conditions is true where these hold that are made of no others. */
const isTrue = (expression: unknown, conditions: Record<string, unknown>, holding: readonly string[]): boolean => {
  const { Condition, ...functions } = expression as { Condition?: string } & Record<string, unknown>;
  if (Condition !== undefined) {
    const named = conditions[Condition];
    return conditionsIn(named).length === 0 ? holding.includes(Condition) : isTrue(named, conditions, holding);
  }
  const [[name, parts] = ['', []]] = Object.entries(functions) as [string, unknown[]][];
  const truths = parts.map((part) => isTrue(part, conditions, holding));
  if (name === 'Fn::Not') return !truths[0];
  return name === 'Fn::And' ? truths.every(Boolean) : truths.some(Boolean);
};

/** The smallest first. */
const subsetsOf = (names: readonly string[]): string[][] => {
  const sets: string[][] = [[]];
  for (const name of names) for (const set of [...sets]) sets.push([...set, name]);
  return sets.sort((a, b) => a.length - b.length);
};
