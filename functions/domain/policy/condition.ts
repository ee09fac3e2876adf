import { BlockList, isIP } from 'node:net';
import type { Condition } from './document.ts';
import { type Compiled, type CompileOptions, compile, matches, matchesArn, type Pattern } from './pattern.ts';
import type { ContextReader, KeyState } from './request.ts';
import { agreed, anyOf, not, type Truth, truthOf } from './truth.ts';

/** Compares one value of the request with one value of the policy; null where the policy's value makes no sense. */
interface Comparison {
  wildcards: boolean;
  compare: (given: string, pattern: Pattern) => boolean | null;
}

export interface Operator {
  /** Lower case, without set prefix and IfExists, e.g. `stringequals`. */
  base: string;
  family: 'STRING' | 'ARN' | 'BOOL' | 'NUMERIC' | 'DATE' | 'IP' | 'NULL';
  /** Not…: true when none of the policy's values matches. */
  negated: boolean;
  set: 'FOR_ALL' | 'FOR_ANY' | null;
  ifExists: boolean;
}

const literal = (pattern: Pattern): string => String.fromCharCode(...pattern);

const number = (text: string): number | null => (/^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : null);

/** ISO 8601 with a date at least, or seconds since 1970; milliseconds since 1970. */
const instant = (text: string): number | null => {
  const epoch = number(text);
  if (epoch !== null) return epoch * 1000;
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? null : time;
};

const ordered =
  (read: (text: string) => number | null, test: (given: number, wanted: number) => boolean): Comparison['compare'] =>
  (given, pattern) => {
    const wanted = read(literal(pattern));
    if (wanted === null) return null;
    const found = read(given);
    return found !== null && test(found, wanted);
  };

const inRange = (given: string, pattern: Pattern): boolean | null => {
  const [address = '', prefix] = literal(pattern).split('/');
  const version = isIP(address);
  const bits = prefix === undefined ? (version === 6 ? 128 : 32) : number(prefix);
  if (version === 0 || bits === null || !Number.isInteger(bits) || bits < 0 || bits > (version === 6 ? 128 : 32))
    return null;
  if (isIP(given) !== version) return false;
  const list = new BlockList();
  list.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4');
  return list.check(given, version === 6 ? 'ipv6' : 'ipv4');
};

const boolean = (given: string, pattern: Pattern): boolean | null => {
  const wanted = literal(pattern).toLowerCase();
  return wanted === 'true' || wanted === 'false' ? given.toLowerCase() === wanted : null;
};

const plain = (compare: Comparison['compare']): Comparison => ({ wildcards: false, compare });
const wild = (compare: Comparison['compare']): Comparison => ({ wildcards: true, compare });

/** Keyed by the operator in lower case; each Not… is its positive, negated. ArnEquals is ArnLike, as AWS documents. */
const COMPARISONS = new Map<string, Comparison & { family: Operator['family'] }>([
  ['stringequals', { family: 'STRING', ...plain((given, pattern) => matches(pattern, given)) }],
  [
    'stringequalsignorecase',
    { family: 'STRING', ...plain((given, pattern) => literal(pattern).toLowerCase() === given.toLowerCase()) },
  ],
  ['stringlike', { family: 'STRING', ...wild((given, pattern) => matches(pattern, given)) }],
  ['arnequals', { family: 'ARN', ...wild((given, pattern) => matchesArn(pattern, given)) }],
  ['arnlike', { family: 'ARN', ...wild((given, pattern) => matchesArn(pattern, given)) }],
  ['bool', { family: 'BOOL', ...plain(boolean) }],
  ['numericequals', { family: 'NUMERIC', ...plain(ordered(number, (a, b) => a === b)) }],
  ['numericlessthan', { family: 'NUMERIC', ...plain(ordered(number, (a, b) => a < b)) }],
  ['numericlessthanequals', { family: 'NUMERIC', ...plain(ordered(number, (a, b) => a <= b)) }],
  ['numericgreaterthan', { family: 'NUMERIC', ...plain(ordered(number, (a, b) => a > b)) }],
  ['numericgreaterthanequals', { family: 'NUMERIC', ...plain(ordered(number, (a, b) => a >= b)) }],
  ['dateequals', { family: 'DATE', ...plain(ordered(instant, (a, b) => a === b)) }],
  ['datelessthan', { family: 'DATE', ...plain(ordered(instant, (a, b) => a < b)) }],
  ['datelessthanequals', { family: 'DATE', ...plain(ordered(instant, (a, b) => a <= b)) }],
  ['dategreaterthan', { family: 'DATE', ...plain(ordered(instant, (a, b) => a > b)) }],
  ['dategreaterthanequals', { family: 'DATE', ...plain(ordered(instant, (a, b) => a >= b)) }],
  ['ipaddress', { family: 'IP', ...plain(inRange) }],
]);

const NEGATIONS = new Map([
  ['stringnotequals', 'stringequals'],
  ['stringnotequalsignorecase', 'stringequalsignorecase'],
  ['stringnotlike', 'stringlike'],
  ['arnnotequals', 'arnequals'],
  ['arnnotlike', 'arnlike'],
  ['numericnotequals', 'numericequals'],
  ['datenotequals', 'dateequals'],
  ['notipaddress', 'ipaddress'],
]);

/** What the name of a condition operator says, or null for one that is not known here (BinaryEquals among them). */
export const readOperator = (name: string): Operator | null => {
  let rest = name.toLowerCase();
  let set: Operator['set'] = null;
  if (rest.startsWith('forallvalues:')) set = 'FOR_ALL';
  else if (rest.startsWith('foranyvalue:')) set = 'FOR_ANY';
  if (set) rest = rest.slice(rest.indexOf(':') + 1);
  const ifExists = rest.endsWith('ifexists');
  if (ifExists) rest = rest.slice(0, -'ifexists'.length);
  if (rest === 'null') return set || ifExists ? null : { base: rest, family: 'NULL', negated: false, set, ifExists };
  const positive = NEGATIONS.get(rest);
  const comparison = COMPARISONS.get(positive ?? rest);
  if (!comparison) return null;
  return { base: positive ?? rest, family: comparison.family, negated: positive !== undefined, set, ifExists };
};

/** `doubt`: why the truth is UNKNOWN, for the report; null otherwise. */
export interface ConditionResult {
  truth: Truth;
  doubt: string | null;
}

export interface ConditionScope {
  context: ContextReader;
  /** Whether the policy's version has variables (2012-10-17). */
  variables: boolean;
}

/**
 * Whether one condition holds for a request, as IAM decides it: values are alternatives, an absent key fails a
 * positive operator and satisfies a negated one, IfExists, ForAllValues and Null see to absence themselves.
 * UNKNOWN for an operator, a value or a key's state that cannot be decided here.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export const evaluateCondition = (condition: Condition, { context, variables }: ConditionScope): ConditionResult => {
  const operator = readOperator(condition.operator);
  if (!operator) return { truth: 'UNKNOWN', doubt: `the operator ${condition.operator.slice(0, 100)} is not known` };
  const states = context(condition.key.toLowerCase());
  if (!states)
    return { truth: 'UNKNOWN', doubt: `the value of ${condition.key.slice(0, 100)} in the request is not known` };
  const comparison = COMPARISONS.get(operator.base);
  const wildcards = comparison?.wildcards ?? false;
  const compiled = compiledValues(condition, { wildcards, variables: variables ? context : null });
  const truth = agreed(
    states.map((state) => {
      if (!comparison) return anyOf(compiled.map((value) => nullTest(value, state)));
      return inState({ operator, comparison, compiled, state });
    }),
  );
  return { truth, doubt: truth === 'UNKNOWN' ? `${condition.operator} on ${condition.key} cannot be decided` : null };
};

/** Without variables a condition's values are the same for every request: one policy is asked thousands of times. */
const COMPILED = new WeakMap<Condition, readonly Compiled[]>();

const compiledValues = (condition: Condition, options: CompileOptions): readonly Compiled[] => {
  const found = COMPILED.get(condition);
  if (found) return found;
  const compiled = condition.values.map((value) => compile(value, options));
  if (!condition.values.some((value) => value.includes('${'))) COMPILED.set(condition, compiled);
  return compiled;
};

const nullTest = (value: Compiled, state: KeyState): Truth => {
  const wanted = 'pattern' in value ? literal(value.pattern).toLowerCase() : null;
  if (wanted !== 'true' && wanted !== 'false') return 'UNKNOWN';
  return truthOf((wanted === 'true') === (state === null));
};

interface InState {
  operator: Operator;
  comparison: Comparison;
  compiled: readonly Compiled[];
  state: KeyState;
}

const inState = ({ operator, comparison, compiled, state }: InState): Truth => {
  const { negated, set, ifExists } = operator;
  if (state === null || state.length === 0) {
    if (set === 'FOR_ALL') return 'TRUE';
    // AWS does not say which wins where ForAnyValue and IfExists meet an absent key.
    if (set === 'FOR_ANY') return ifExists ? 'UNKNOWN' : 'FALSE';
    return truthOf(ifExists || negated);
  }
  const holds = state.map((given) => {
    const found = anyOf(compiled.map((value) => valueMatches({ value, given, comparison, negated })));
    return negated ? not(found) : found;
  });
  if (set === 'FOR_ANY') return anyOf(holds);
  if (set === 'FOR_ALL') return not(anyOf(holds.map(not)));
  // Without a set operator AWS leaves a list of several values undefined.
  return holds.length === 1 ? (holds[0] ?? 'UNKNOWN') : 'UNKNOWN';
};

const valueMatches = ({
  value,
  given,
  comparison,
  negated,
}: {
  value: Compiled;
  given: string;
  comparison: Comparison;
  negated: boolean;
}): Truth => {
  // A variable without a value equals nothing; whether that satisfies Not… or voids the statement AWS leaves open.
  if ('unresolved' in value) return value.unresolved === 'ABSENT' && !negated ? 'FALSE' : 'UNKNOWN';
  const result = comparison.compare(given, value.pattern);
  return result === null ? 'UNKNOWN' : truthOf(result);
};
