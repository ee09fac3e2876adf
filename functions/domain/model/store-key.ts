import { StoreError } from './errors.ts';

/**
 * The segments of a key that every form of the report store can hold.
 * @throws StoreError for one that is absolute, empty in part, or leads out of the root
 */
export const segmentsOfKey = (key: string): string[] => {
  const segments = key.split('/');
  const isSound = segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (!isSound || /[\\\0]/.test(key)) {
    throw new StoreError(`${JSON.stringify(key)} is no key of a report: it must be a relative path without "..".`);
  }
  return segments;
};
