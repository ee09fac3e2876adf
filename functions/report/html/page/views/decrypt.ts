import {
  READER_PLACE_WORDS,
  READER_PLACES,
  type ReaderPlace,
  readerPlace,
  readerWords,
} from '../../../../domain/policy/reader-words.ts';
import { accountLink, keyLink } from '../badges.ts';
import { type Child, el, number, scrolling } from '../dom.ts';
import { tableFields } from '../fields.ts';
import { facts, openTable } from '../unpack.ts';

/** More than so many are in the named query. */
const SHOWN = 200;

interface Reader {
  key: string;
  reader: string;
  place: ReaderPlace;
}

/**
 * Who outside each key's own account its policy lets decrypt, the furthest first; and the keys whose policy nobody could
 * read, since of these nothing is known.
 */
export async function whoCanDecrypt(): Promise<HTMLElement | null> {
  const [keys, accounts] = await Promise.all([openTable('keys'), openTable('accounts').catch(() => null)]);
  if (keys.rows === 0) return null;
  const known = new Set<unknown>();
  const ids = accounts?.column('account_id');
  for (let row = 0; row < (accounts?.rows ?? 0); row++) known.add(ids?.get(row));
  const isAccount = (id: string): boolean => known.has(id);
  const arn = tableFields('keys', keys, ['key_arn']).get('key_arn');
  const readersOf = keys.column('external_readers');
  const isRead = keys.column('policy_read');
  const readers: Reader[] = [];
  const unread: string[] = [];
  for (let row = 0; row < keys.rows; row++) {
    const key = String(arn?.get(row));
    if (isRead.get(row) !== true) unread.push(key);
    for (const reader of (readersOf.get(row) ?? []) as string[])
      readers.push({ key, reader, place: readerPlace(reader, { organizationId: facts.organizationId, isAccount }) });
  }
  readers.sort((a, b) => READER_PLACES.indexOf(a.place) - READER_PLACES.indexOf(b.place));
  const closed = keys.rows - unread.length - new Set(readers.map(({ key }) => key)).size;
  return el(
    'section',
    { id: 'decrypt', 'aria-labelledby': 'decrypt-title' },
    el('h2', { id: 'decrypt-title' }, 'Who can decrypt'),
    el(
      'p',
      { class: 'facts' },
      `By the key policies: who outside the key’s own account may decrypt its logs. ${number(closed)} of ${number(keys.rows)} ${keys.rows === 1 ? 'key lets' : 'keys let'} nobody outside. What a policy denies is not taken off. As a table: `,
      el('code', {}, 'trailseal query --named who-can-decrypt'),
      '.',
    ),
    unread.length > 0 &&
      el(
        'details',
        { class: 'more', open: unread.length <= 5 },
        el(
          'summary',
          {},
          `Not known: ${number(unread.length)} key ${unread.length === 1 ? 'policy was' : 'policies were'} not read`,
        ),
        el(
          'ul',
          {},
          unread.slice(0, SHOWN).map((key) => el('li', {}, keyLink(key))),
        ),
      ),
    readers.length > 0 && table(readers),
  );
}

function table(readers: readonly Reader[]): Child {
  const row = ({ key, reader, place }: Reader): HTMLElement =>
    el(
      'tr',
      { 'data-place': place },
      el('td', {}, keyLink(key)),
      el(
        'td',
        { class: 'arn' },
        /^\d{12}$/.test(reader) && place === 'INSIDE' ? accountLink(reader) : readerWords(reader),
      ),
      el('td', {}, READER_PLACE_WORDS[place]),
    );
  return [
    scrolling(
      'Who can decrypt',
      el(
        'table',
        { class: 'plain', id: 'decrypt-table' },
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            ['Key', 'Who may decrypt', 'Where'].map((name) => el('th', { scope: 'col' }, name)),
          ),
        ),
        el('tbody', {}, readers.slice(0, SHOWN).map(row)),
      ),
    ),
    readers.length > SHOWN && el('p', { class: 'facts' }, `${number(readers.length - SHOWN)} more in the query.`),
  ];
}
