/** Where a reader of a key stands to the organization. */
export type ReaderPlace = 'ANYONE' | 'OUTSIDE' | 'UNKNOWN' | 'INSIDE';

export const READER_PLACE_WORDS: Record<ReaderPlace, string> = {
  ANYONE: 'anyone, or not known whom',
  OUTSIDE: 'outside the organization',
  UNKNOWN: 'not known: no organization to compare with',
  INSIDE: 'in the organization',
};

/** The worst first. */
export const READER_PLACES = ['ANYONE', 'OUTSIDE', 'UNKNOWN', 'INSIDE'] as const satisfies readonly ReaderPlace[];

/** Where one of `keys.external_readers` stands: as the named query `who-can-decrypt` has it. */
export function readerPlace(
  reader: string,
  { organizationId, isAccount }: { organizationId: string | null; isAccount: (accountId: string) => boolean },
): ReaderPlace {
  if (reader.startsWith('*')) return 'ANYONE';
  if (reader.startsWith('o-')) {
    if (organizationId === null) return 'UNKNOWN';
    return reader === organizationId ? 'INSIDE' : 'OUTSIDE';
  }
  const account = reader.startsWith('arn:') ? (reader.split(':')[4] ?? '') : reader;
  return isAccount(account) ? 'INSIDE' : 'OUTSIDE';
}

/** `the whole account 123456789012`, an ARN as it is. */
export function readerWords(reader: string): string {
  if (reader === '*') return 'anyone';
  if (/^\d{12}$/.test(reader)) return `account ${reader}: all whom its IAM policies let`;
  if (/^o-/.test(reader)) return `every principal of organization ${reader}`;
  return reader;
}
