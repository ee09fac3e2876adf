import {
  READER_PLACE_WORDS,
  READER_PLACES,
  type ReaderPlace,
  readerPlace,
  readerWords,
} from '../../../../domain/policy/reader-words.ts';
import { accountLink, keyLink } from '../badges.ts';
import { type Child, dataTable, el, number } from '../dom.ts';
import { tableFields } from '../fields.ts';
import { facts, openTable } from '../unpack.ts';

/** More than so many are in the named query. */
const SHOWN = 200;

interface Reader {
  key: string;
  /** null: nobody could read the policy. */
  reader: string | null;
  place: ReaderPlace | null;
}

/**
 * Who outside each key's own account its policy lets decrypt, the furthest first; before them the keys whose
 * policy nobody could read, since of these nothing is known.
 */
export async function whoCanDecrypt(): Promise<HTMLElement | null> {
  const [keys, accounts] = await Promise.all([openTable('keys'), openTable('accounts').catch(() => null)]);
  if (keys.rows === 0) return null;
  const known = new Set<unknown>();
  const ids = accounts?.column('account_id');
  for (let row = 0; row < (accounts?.rows ?? 0); row++) known.add(ids?.get(row));
  const isAccount = (id: string): boolean => known.has(id);
  const arn = tableFields('keys', keys).get('key_arn');
  const readersOf = keys.column('external_readers');
  const isRead = keys.column('policy_read');
  const readers: Reader[] = [];
  const listed = new Set<string>();
  for (let row = 0; row < keys.rows; row++) {
    const key = String(arn?.get(row));
    const found = (readersOf.get(row) ?? []) as string[];
    if (isRead.get(row) !== true) readers.push({ key, reader: null, place: null });
    for (const reader of found)
      readers.push({ key, reader, place: readerPlace(reader, { organizationId: facts.organizationId, isAccount }) });
    if (found.length > 0 || isRead.get(row) !== true) listed.add(key);
  }
  const rank = ({ place }: Reader): number => (place === null ? -1 : READER_PLACES.indexOf(place));
  readers.sort((a, b) => rank(a) - rank(b));
  return el(
    'section',
    { id: 'decrypt', 'aria-labelledby': 'decrypt-title' },
    el('h2', { id: 'decrypt-title' }, 'Who can decrypt'),
    el(
      'p',
      { class: 'facts' },
      `By the key policies: who outside the key’s own account may decrypt its logs. ${number(keys.rows - listed.size)} of ${number(keys.rows)} ${keys.rows === 1 ? 'key lets' : 'keys let'} nobody outside. What a policy denies is not taken off. As a table: `,
      el('code', {}, 'trailseal query --named who-can-decrypt'),
      '.',
    ),
    readers.length > 0 && table(readers),
  );
}

function table(readers: readonly Reader[]): Child {
  const who = ({ reader, place }: Reader): Child => {
    if (reader === null) return 'not known: the policy was not read';
    return /^\d{12}$/.test(reader) && place === 'INSIDE' ? accountLink(reader) : readerWords(reader);
  };
  const row = (one: Reader): HTMLElement =>
    el(
      'tr',
      {},
      el('td', {}, keyLink(one.key)),
      el('td', { class: 'arn' }, who(one)),
      el('td', {}, one.place === null ? '' : READER_PLACE_WORDS[one.place]),
    );
  return [
    dataTable('Who can decrypt', {
      id: 'decrypt-table',
      headings: ['Key', 'Who may decrypt', 'Where'],
      rows: readers.slice(0, SHOWN).map(row),
    }),
    readers.length > SHOWN && el('p', { class: 'facts' }, `${number(readers.length - SHOWN)} more in the query.`),
  ];
}
