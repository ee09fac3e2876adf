/**
 * Kleene's three values. UNKNOWN is a fact of its own here: what is not known of a request, or an operator this
 * evaluator has never heard of, must never be rounded to an answer.
 */
export type Truth = 'TRUE' | 'FALSE' | 'UNKNOWN';

export const truthOf = (value: boolean): Truth => (value ? 'TRUE' : 'FALSE');

export const not = (value: Truth): Truth => (value === 'UNKNOWN' ? value : truthOf(value === 'FALSE'));

export const anyOf = (values: Iterable<Truth>): Truth => {
  let found: Truth = 'FALSE';
  for (const value of values) {
    if (value === 'TRUE') return value;
    if (value === 'UNKNOWN') found = value;
  }
  return found;
};

/** The value all share; UNKNOWN where they differ. Used over the possible states of one request. */
export const agreed = (values: readonly Truth[]): Truth => {
  const [first = 'UNKNOWN'] = values;
  return values.every((value) => value === first) ? first : 'UNKNOWN';
};
