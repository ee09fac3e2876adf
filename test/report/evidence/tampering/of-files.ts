import { createHash } from 'node:crypto';
import type { TimestampAuthority } from '../../../../functions/report/evidence/integrity/timestamp.ts';
import { type ManifestSigner, signatureText } from '../../../../functions/report/evidence/manifest.ts';
import type { SigningPair } from '../scanned-root.ts';
import type { Files } from '../zip-surgery.ts';

/** What a tamperer has: the pack, another of the same run, signed with the same key and stamped, and a key of their own. */
export interface Given {
  /** The pack as it was made. */
  zip: Buffer;
  files: Files;
  others: Files;
  /** The one folder at the root of the pack. */
  root: string;
  forger: SigningPair;
  authority: TimestampAuthority;
}

/** What was done; how `verify` names it first or among others, `RUN` for the id of the run; and how it was done. */
export type Tampering<T> = readonly [string, string | RegExp, (given: Given) => T | Promise<T>];

export const WORDS = 'All controls pass.';

type Change = (bytes: Buffer, given: Given) => Buffer | string | null | undefined | Promise<Buffer>;

/** Every file as it is but those of this path within the pack; nothing removes it. */
const edit =
  (name: string | RegExp, change: Change) =>
  async (given: Given): Promise<Files> => {
    const found = await Promise.all(
      given.files.map(async (file): Promise<Files> => {
        const path = file.path.slice(given.root.length + 1);
        if (typeof name === 'string' ? path !== name : !name.test(path)) return [file];
        const bytes = await change(Buffer.from(file.bytes), given);
        return bytes === null || bytes === undefined ? [] : [{ ...file, bytes: Buffer.from(bytes) }];
      }),
    );
    return found.flat();
  };

const removed = (name: string | RegExp) => edit(name, () => null);
const added =
  (name: string, more: Partial<Files[number]> = {}) =>
  ({ files, root }: Given): Files => [...files, { path: `${root}/${name}`, bytes: Buffer.from(WORDS), ...more }];
const renamed =
  (change: (path: string) => string) =>
  ({ files, root }: Given): Files =>
    files.map((file) => ({ ...file, path: `${root}/${change(file.path.slice(root.length + 1))}` }));
const flipped = (bytes: Buffer, at: number): Buffer => {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};
const ofOther = (name: string, { others }: Given): Buffer | undefined =>
  others.find(({ path }) => path.slice(path.indexOf('/') + 1) === name)?.bytes;

/** The files with these signatures made again. */
async function signed(files: Files, { root }: Given, signer: ManifestSigner, names: readonly string[]): Promise<Files> {
  const bytesOf = (name: string): Buffer =>
    files.find(({ path }) => path === `${root}/${name}`)?.bytes ?? Buffer.alloc(0);
  const made: Record<string, Buffer> = {
    'MANIFEST.sig.json': Buffer.from(await signatureText(signer, bytesOf('MANIFEST.json'))),
    'SHA256SUMS.sig': Buffer.from(await signer.sign(bytesOf('SHA256SUMS'))),
  };
  return files.map((file) => {
    const name = file.path.slice(root.length + 1);
    return { ...file, bytes: (names.includes(name) ? made[name] : undefined) ?? file.bytes };
  });
}
const BOTH = ['MANIFEST.sig.json', 'SHA256SUMS.sig'];

interface Listed {
  files: { path: string; sha256: string; bytes: number }[];
}
const relisted = (change: (pack: Listed) => void) =>
  edit('MANIFEST.json', (bytes) => {
    const pack = JSON.parse(String(bytes)) as Listed;
    change(pack);
    return JSON.stringify(pack);
  });
const WORDS_LISTED = {
  path: 'NOTE.txt',
  sha256: createHash('sha256').update(WORDS).digest('hex'),
  bytes: WORDS.length,
};

export const OF_FILES: readonly Tampering<Files>[] = [
  ['a byte of the cover', 'ALTERED cover.html', edit('cover.html', (bytes) => flipped(bytes, 900))],
  [
    'a fail made a pass in a table',
    'ALTERED runs/RUN/tables/findings.csv',
    edit(/tables\/findings\.csv$/, (bytes) => String(bytes).replaceAll('FAIL', 'PASS')),
  ],
  [
    'answers of AWS replaced',
    /^ALTERED runs\/RUN\/evidence\/222222222222\.[0-9a-f]{16}\.ndjson\.gz$/,
    edit(/evidence\/222222222222\..*ndjson\.gz$/, () => 'forged'),
  ],
  ['a file emptied', 'ALTERED results.json', edit('results.json', () => '')],
  ['a file cut short', 'ALTERED results.json', edit('results.json', (bytes) => bytes.subarray(0, -1))],
  ['bytes appended to a file', 'ALTERED cover.html', edit('cover.html', (bytes) => `${bytes}<p>${WORDS}</p>`)],
  ['a file removed', 'MISSING requirements.csv', removed('requirements.csv')],
  ['the tables of a run removed', 'MISSING runs/RUN/tables/findings.csv', removed(/\/tables\//)],
  ['a file added', 'ADDED runs/NOTE.txt', added('runs/NOTE.txt')],
  [
    'a file added beside the folder',
    'ADDED README.txt',
    ({ files }) => [...files, { path: 'README.txt', bytes: Buffer.from(WORDS) }],
  ],
  [
    'a second folder with a manifest',
    'ADDED other/MANIFEST.json',
    (given) => [
      ...given.files,
      { path: 'other/MANIFEST.json', bytes: ofOther('MANIFEST.json', given) ?? Buffer.alloc(0) },
    ],
  ],
  ['an empty folder with a telling name', 'ADDED ALL CONTROLS PASS/', added('ALL CONTROLS PASS/')],
  ['a file twice', 'DUPLICATED cover.html', added('cover.html')],
  ['a file twice but for capitals', 'DUPLICATED Cover.html', added('Cover.html')],
  ['a file renamed in capitals only', 'MISSING cover.html', renamed((path) => path.replace('cover', 'Cover'))],
  [
    'two files with their names exchanged',
    'ALTERED cover.html',
    renamed((path) => ({ 'cover.html': 'results.json', 'results.json': 'cover.html' })[path] ?? path),
  ],
  [
    'the folder renamed',
    'ALTERED renamed/',
    ({ files, root }) => files.map((file) => ({ ...file, path: file.path.replace(root, 'renamed') })),
  ],
  ['a link', 'UNSAFE link', added('link', { bytes: Buffer.from('/etc/passwd'), mode: 0o120777 })],
  [
    'a file that runs as its owner',
    'UNSAFE cover.html',
    ({ files }) => files.map((file) => (file.path.endsWith('/cover.html') ? { ...file, mode: 0o104755 } : file)),
  ],
  [
    'a word of the manifest',
    'SIGNATURE MANIFEST.json',
    edit('MANIFEST.json', (bytes) => String(bytes).replace('maria@', 'mario@')),
  ],
  [
    'a file more, in manifest and zip',
    'SIGNATURE MANIFEST.json',
    async (given) => {
      const files = await relisted((pack) => pack.files.push(WORDS_LISTED))(given);
      return added('NOTE.txt')({ ...given, files });
    },
  ],
  [
    'a file less, in manifest and zip',
    'SIGNATURE MANIFEST.json',
    async (given) => {
      const files = await relisted((pack) => {
        pack.files = pack.files.filter(({ path }) => path !== 'results.json');
      })(given);
      return removed('results.json')({ ...given, files });
    },
  ],
  ['no manifest', 'MISSING MANIFEST.json', removed('MANIFEST.json')],
  ['no signature', 'MISSING MANIFEST.sig.json', removed('MANIFEST.sig.json')],
  ['a signature of nothing', 'ALTERED MANIFEST.sig.json', edit('MANIFEST.sig.json', () => '{}')],
  [
    'the signature of another pack',
    'SIGNATURE MANIFEST.json',
    edit('MANIFEST.sig.json', (_, given) => ofOther('MANIFEST.sig.json', given)),
  ],
  [
    "the run's own signature for the pack's",
    'SIGNATURE MANIFEST.json',
    edit('MANIFEST.sig.json', (_, { files }) => files.find(({ path }) => path.endsWith('/manifest.sig.json'))?.bytes),
  ],
  [
    'signed with another key',
    'SIGNATURE MANIFEST.json',
    (given) => signed(given.files, given, given.forger.signer, BOTH),
  ],
  [
    'signed with another key, which is put beside',
    'ADDED PUBLIC.pem',
    async (given) => {
      const files = await signed(given.files, given, given.forger.signer, BOTH);
      const pem = given.forger.publicKey.export({ type: 'spki', format: 'pem' });
      return added('PUBLIC.pem', { bytes: Buffer.from(pem) })({ ...given, files });
    },
  ],
  [
    'manifest, signature and time stamp of another pack',
    'ALTERED ',
    edit(/^MANIFEST/, (bytes, given) => {
      const name = given.files.find((file) => file.bytes.equals(bytes))?.path.slice(given.root.length + 1);
      return ofOther(name ?? '', given);
    }),
  ],
  [
    'a line less in the checksums',
    'ALTERED SHA256SUMS',
    edit('SHA256SUMS', (bytes) => bytes.subarray(bytes.indexOf('\n') + 1)),
  ],
  ['no checksums', 'MISSING SHA256SUMS', removed('SHA256SUMS')],
  [
    'the checksums signed with another key',
    'SIGNATURE SHA256SUMS.sig',
    (given) => signed(given.files, given, given.forger.signer, ['SHA256SUMS.sig']),
  ],
  ['other words in the guide', 'ALTERED VERIFY.txt', edit('VERIFY.txt', (bytes) => `${bytes}${WORDS}`)],
  ['guide and checksums removed', 'MISSING VERIFY.txt', removed(/^(VERIFY\.txt|SHA256SUMS.*)$/)],
  ['no time stamp', 'MISSING MANIFEST.tsr', removed('MANIFEST.tsr')],
  [
    'the time stamp of another pack',
    'TIMESTAMP MANIFEST.tsr',
    edit('MANIFEST.tsr', (_, given) => ofOther('MANIFEST.tsr', given)),
  ],
  [
    'a time stamp of another file',
    'TIMESTAMP MANIFEST.tsr',
    edit('MANIFEST.tsr', async (_, { authority }) => Buffer.from(await authority.stamp(Buffer.from(WORDS)))),
  ],
  [
    'a byte of the time stamp',
    'TIMESTAMP MANIFEST.tsr',
    edit('MANIFEST.tsr', (bytes) => flipped(bytes, bytes.length - 12)),
  ],
  [
    "another manifest in the run's place",
    'ALTERED runs/RUN/evidence/manifest.json',
    edit(/evidence\/manifest\.json$/, () => '{}'),
  ],
];
