/**
 * One template out of several: the same stack, synthesized under different choices. Where they differ the value becomes
 * an `Fn::If`, and a resource that only some of them have gets a condition. Nothing here knows what a choice is about.
 */
export interface World {
  /** Conditions that hold in it; none in the first. Of one group, one at most. */
  holds: readonly string[];
  template: Template;
}

export interface Template {
  Description?: string;
  Parameters?: Record<string, unknown>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, { Type: string; [part: string]: unknown }>;
  Outputs?: Record<string, unknown>;
  [section: string]: unknown;
}

export interface MergeOptions {
  /** Expressions of the conditions that choices have. */
  expressions: Readonly<Record<string, object>>;
  /** Conditions of which at most one holds, such as those of one parameter: the same text for all of them. */
  groupOf: (condition: string) => string;
}

/** Two choices decide about one value together, and no world shows what it is where both are made. */
export class WorldsMissing extends Error {
  readonly combinations: readonly (readonly string[])[];
  constructor(combinations: readonly (readonly string[])[]) {
    super(`not synthesized: ${combinations.map((conditions) => conditions.join(' and ')).join('; ')}`);
    this.name = 'WorldsMissing';
    this.combinations = combinations;
  }
}

/**
 * @param worlds the first is the base; one for each condition alone; and those of conditions that decide together
 * @throws WorldsMissing naming the combinations to synthesize before this can be done
 */
export const mergeTemplates = (worlds: readonly World[], options: MergeOptions): Template =>
  new Merge(worlds, options).template();

const ABSENT = Symbol('absent');
const NO_VALUE = { Ref: 'AWS::NoValue' };
/** CloudFormation takes no function there. */
const FIXED_PARTS = ['Type', 'DeletionPolicy', 'UpdateReplacePolicy', 'Condition'];
/** What tells the elements of an array apart, if every one has it. */
const KEYS = ['Sid', 'Id', 'Key', 'ParameterKey', 'Name', 'name'];

class Merge {
  readonly #worlds: readonly World[];
  readonly #options: MergeOptions;
  readonly #conditions: Record<string, unknown>;
  readonly #missing = new Map<string, readonly string[]>();

  constructor(worlds: readonly World[], options: MergeOptions) {
    this.#worlds = worlds;
    this.#options = options;
    this.#conditions = Object.assign({}, ...worlds.map(({ template }) => template.Conditions), options.expressions);
  }

  template(): Template {
    const templates = this.#worlds.map(({ template }) => template);
    const [base] = templates;
    if (base === undefined) throw new Error('there is no template to begin with');
    const Resources = this.#named(templates.map((template) => template.Resources));
    const Outputs = this.#named(templates.map((template) => template.Outputs ?? {}));
    if (this.#missing.size > 0) throw new WorldsMissing([...this.#missing.values()]);
    const { Resources: _, Outputs: __, Conditions: ___, ...sections } = base;
    return { ...sections, Conditions: this.#conditions, Resources, Outputs } as Template;
  }

  /** Resources or outputs: those that not every world has get a condition. */
  #named(sections: readonly Record<string, unknown>[]): Record<string, unknown> {
    const ids = unionOf(sections.map((section) => Object.keys(section)));
    const merged = ids.map((id) => {
      const seen = sections.map((section) => (Object.hasOwn(section, id) ? section[id] : ABSENT));
      const present = this.#condition(seen.map((part) => part !== ABSENT));
      const [first] = seen.filter((part) => part !== ABSENT) as Record<string, unknown>[];
      // Where it is absent nothing is asked of it.
      const parts = seen.map((part) => (part === ABSENT ? first : part) as Record<string, unknown>);
      const names = unionOf(parts.map((part) => Object.keys(part)));
      const made = Object.fromEntries(
        names.map((name) => {
          const values = parts.map((part) => (Object.hasOwn(part, name) ? part[name] : ABSENT));
          if (name === 'DependsOn')
            return [name, unionOf(values.map((value) => (value === ABSENT ? [] : ([value].flat() as string[]))))];
          if (FIXED_PARTS.includes(name) && !values.every((value) => value === values[0]))
            throw new Error(`${id}: ${name} cannot depend on a parameter`);
          return [name, this.#value(values)];
        }),
      );
      return [id, present === null ? made : { ...made, Condition: present }] as const;
    });
    return Object.fromEntries(merged);
  }

  #value(values: readonly unknown[]): unknown {
    const [first] = values;
    if (values.every((value) => isSame(value, first))) return first;
    if (values.every(isPlainObject)) {
      const objects = values as Record<string, unknown>[];
      const names = unionOf(objects.map((object) => Object.keys(object)));
      return Object.fromEntries(
        names.map((name) => [
          name,
          this.#value(objects.map((object) => (Object.hasOwn(object, name) ? object[name] : ABSENT))),
        ]),
      );
    }
    if (values.every((value) => Array.isArray(value))) {
      const merged = this.#array(values as unknown[][]);
      if (merged) return merged;
    }
    return this.#choice(values);
  }

  /** Element by element, where every world has them in one order; null where it has not. */
  #array(arrays: readonly (readonly unknown[])[]): unknown[] | null {
    const [first = []] = arrays;
    // What has no name is identified by its place: two choices may each change something in one element.
    if (nameOf(arrays) === undefined && arrays.every(({ length }) => length === first.length))
      return first.map((_, at) => this.#value(arrays.map((array) => array[at])));
    const keyOf = keysOf(arrays);
    const keyed = arrays.map((array) => new Map(array.map((element) => [keyOf(element), element])));
    if (keyed.some((map, at) => map.size !== arrays[at]?.length)) return null;
    const keys = unionOf(keyed.map((map) => [...map.keys()]));
    const isInOrder = (map: Map<string, unknown>) =>
      keys.filter((key) => map.has(key)).join('\n') === [...map.keys()].join('\n');
    if (!keyed.every(isInOrder)) return null;
    return keys.map((key) => this.#value(keyed.map((map) => (map.has(key) ? map.get(key) : ABSENT))));
  }

  /** A value that is another one in some worlds, as an `Fn::If`. */
  #choice(values: readonly unknown[]): unknown {
    return this.#decided(
      values,
      (condition, then, otherwise) => ({ 'Fn::If': [condition, then, otherwise] }),
      (value) => (value === ABSENT ? NO_VALUE : value),
    );
  }

  /** The condition under which something is there, or null where it always is. */
  #condition(present: readonly boolean[]): string | null {
    if (present.every((is) => is)) return null;
    const expression = this.#decided(
      present,
      (condition, then, otherwise) => {
        const [here, there] = [and({ Condition: condition }, then), and(not({ Condition: condition }), otherwise)];
        return here === false ? there : there === false ? here : { 'Fn::Or': [here, there] };
      },
      (is) => is,
    );
    return this.#nameOf(expression);
  }

  #nameOf(expression: unknown): string {
    const { Condition } = expression as { Condition?: string };
    if (Condition !== undefined) return Condition;
    const name = wordsOf(expression);
    this.#conditions[name] = expression;
    return name;
  }

  /** The decision tree over the conditions that matter. */
  #decided<T, R>(
    values: readonly T[],
    when: (condition: string, then: R, otherwise: R) => R,
    leaf: (value: T) => R,
  ): R {
    const base = values[0] as T;
    const alone = this.#worlds.flatMap(({ holds }, at) => {
      const [condition, ...more] = holds;
      return condition !== undefined && more.length === 0 ? [{ condition, value: values[at] as T }] : [];
    });
    const decisive = alone.filter(
      ({ condition, value }) => !isSame(value, base) || this.#showsBesideOthers(values, condition),
    );
    const outcomes = new Set(decisive.map(({ value }) => textOf(value)));
    if (
      decisive.length > 1 &&
      outcomes.size === 1 &&
      this.#agree(
        values,
        decisive.map(({ condition }) => condition),
      )
    ) {
      const any = this.#nameOf({ 'Fn::Or': decisive.map(({ condition }) => ({ Condition: condition })) });
      return when(any, leaf(decisive[0]?.value as T), leaf(base));
    }
    const tree = (held: readonly string[], left: readonly string[]): R => {
      const [condition, ...rest] = left;
      if (condition === undefined) return leaf(this.#valueWhere(values, held, base));
      const group = this.#options.groupOf(condition);
      return when(
        condition,
        tree(
          [...held, condition],
          rest.filter((other) => this.#options.groupOf(other) !== group),
        ),
        tree(held, rest),
      );
    };
    return tree(
      [],
      decisive.map(({ condition }) => condition),
    );
  }

  /** Whether a condition changes the value where others hold, too, though alone it does not. */
  #showsBesideOthers(values: readonly unknown[], condition: string): boolean {
    return this.#worlds.some(({ holds }, at) => {
      if (holds.length < 2 || !holds.includes(condition)) return false;
      const without = holds.filter((other) => other !== condition);
      const before = this.#worlds.findIndex(({ holds }) => isSame([...holds].sort(), [...without].sort()));
      return before >= 0 && !isSame(values[at], values[before]);
    });
  }

  /** Whether every world in which any of them holds has the same value. */
  #agree(values: readonly unknown[], conditions: readonly string[]): boolean {
    const texts = this.#worlds.flatMap(({ holds }, at) =>
      holds.some((condition) => conditions.includes(condition)) ? [textOf(values[at])] : [],
    );
    return new Set(texts).size === 1;
  }

  #valueWhere<T>(values: readonly T[], held: readonly string[], base: T): T {
    if (held.length === 0) return base;
    const at = this.#worlds.findIndex(
      ({ holds }) => holds.length === held.length && held.every((condition) => holds.includes(condition)),
    );
    if (at >= 0) return values[at] as T;
    this.#missing.set(held.join(), held);
    return base;
  }
}

const isPlainObject = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !Object.keys(value).some((name) => name === 'Ref' || name.startsWith('Fn::'));

const textOf = (value: unknown): string => (value === ABSENT ? 'absent' : JSON.stringify(value)) ?? 'undefined';
const isSame = (one: unknown, other: unknown): boolean => one === other || textOf(one) === textOf(other);

const nameOf = (arrays: readonly (readonly unknown[])[]): string | undefined => {
  const all = arrays.flat();
  return KEYS.find((name) =>
    all.every((element) => typeof (element as Record<string, unknown> | null)?.[name] === 'string'),
  );
};

const keysOf = (arrays: readonly (readonly unknown[])[]): ((element: unknown) => string) => {
  const name = nameOf(arrays);
  if (name !== undefined) return (element) => String((element as Record<string, unknown>)[name]);
  const isUnique = arrays.every((array) => new Set(array.map(tailOf)).size === array.length);
  return isUnique && arrays.flat().every((element) => tailOf(element) !== null)
    ? (element) => String(tailOf(element))
    : (element) => JSON.stringify(element);
};

/** Of an object's ARN what follows the bucket, such as `/runs/*`: a choice may name another bucket before it. */
const tailOf = (element: unknown): string | null => {
  const [, parts = []] = (element as { 'Fn::Join'?: [string, unknown[]] } | null)?.['Fn::Join'] ?? [];
  const at = parts.findIndex((part) => typeof part === 'string' && part.startsWith('/'));
  return at > 0 ? JSON.stringify(parts.slice(at)) : null;
};

/** Every name once; what only a later list has stands behind what it follows there. */
const unionOf = (lists: readonly (readonly string[])[]): string[] => {
  const union: string[] = [];
  for (const list of lists) {
    let at = 0;
    for (const name of list) {
      const found = union.indexOf(name);
      if (found >= 0) at = found + 1;
      else union.splice(at++, 0, name);
    }
  }
  return union;
};

const not = (expression: object): object => ({ 'Fn::Not': [expression] });
const and = (condition: object, value: unknown): object | false =>
  value === false ? false : value === true ? condition : { 'Fn::And': [condition, value] };

/** A name for a condition that is made of others, such as `OnlyOusIsSetOrExcludeAccountsIsSet`. */
const wordsOf = (expression: unknown): string => {
  const { Condition, ...functions } = expression as Record<string, unknown>;
  if (typeof Condition === 'string') return Condition;
  const [[name, parts] = ['', []]] = Object.entries(functions) as [string, unknown[]][];
  const words = (parts as unknown[]).map(wordsOf);
  return name === 'Fn::Not' ? `Not${words[0]}` : words.join(name === 'Fn::Or' ? 'Or' : 'And');
};
