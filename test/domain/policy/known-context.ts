import { ABSENT, type ContextReader, type KeyState } from '../../../functions/domain/policy/request.ts';

/** Every key is known: those given, and all others absent. As IAM itself sees a request. */
export const knownContext = (values: Readonly<Record<string, string | readonly string[]>>): ContextReader => {
  const known = new Map<string, readonly KeyState[]>();
  for (const [key, value] of Object.entries(values)) {
    known.set(key.toLowerCase(), [typeof value === 'string' ? [value] : value]);
  }
  return (key) => known.get(key) ?? ABSENT;
};
