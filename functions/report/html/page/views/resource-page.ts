import { bucketLink, keyLink, trailBadge, trailName } from '../badges.ts';
import { type Child, el, number } from '../dom.ts';
import { notFound } from '../not-found.ts';
import { inConsole } from '../outside.ts';
import { link, type Route } from '../route.ts';
import { facts } from '../unpack.ts';
import { allFindings, findingList } from './findings-view.ts';
import { recorded, resources, rowWith } from './resource-views.ts';

/** One key: whether it works, which trails rest on it, what is found about it. */
export async function keyView({ subject }: Route): Promise<HTMLElement> {
  const found = await resources('keys');
  const row = rowWith(found, 'key_arn', subject);
  if (row === undefined) return notFound('key', `This run has no key ${subject}.`);
  const { text } = found;
  const state = text('state', row) || 'unknown';
  return page({
    table: 'keys',
    title: `Key ${subject.slice(subject.lastIndexOf('/') + 1)}`,
    lead: [
      `State: ${state}${text('deletion_date', row) === '' ? '' : `, deletion on ${text('deletion_date', row)}`}`,
      ' ',
      inConsole(subject),
    ],
    trails: { field: 'kms_key_arn', value: subject },
    arn: subject,
    configuration: recorded('Settings at scan time', found, row),
  });
}

/** One bucket: which trails deliver to it, what is found about it. */
export async function bucketView({ subject }: Route): Promise<HTMLElement> {
  const found = await resources('buckets');
  const row = rowWith(found, 'bucket', subject);
  if (row === undefined) return notFound('bucket', `This run has no bucket ${subject}.`);
  const { text } = found;
  const arn = `arn:${facts.partition}:s3:::${subject}`;
  return page({
    table: 'buckets',
    title: `Bucket ${subject}`,
    lead: [`Region: ${text('region', row) || 'unknown'}`, ' ', inConsole(arn, text('region', row) || null)],
    trails: { field: 'bucket', value: subject },
    arn,
    configuration: recorded('Settings at scan time', found, row),
  });
}

async function page(request: {
  table: 'keys' | 'buckets';
  title: string;
  lead: Child;
  trails: { field: string; value: string };
  arn: string;
  configuration: HTMLElement;
}): Promise<HTMLElement> {
  const { table, title, lead, arn, configuration } = request;
  const [findings, trails] = await Promise.all([allFindings(), resources('trails')]);
  const using = Array.from({ length: trails.rows }, (_, row) => row).filter(
    (row) => trails.text(request.trails.field, row) === request.trails.value,
  );
  return el(
    'div',
    {},
    el('p', { class: 'crumbs' }, el('a', { href: link(table) }, table === 'keys' ? 'Keys' : 'Buckets')),
    el('h1', { id: 'view-title' }, title),
    el('p', {}, lead),
    el('h2', {}, `Trails that use it (${number(using.length)})`),
    using.length === 0
      ? el('p', { class: 'empty' }, 'No trail of this run.')
      : el(
          'ul',
          { class: 'finding-list' },
          using
            .slice(0, USING_SHOWN)
            .map((row) =>
              el(
                'li',
                {},
                trailBadge(trails.text('verdict', row)),
                ' ',
                trailName(trails.text('trail_arn', row)),
                table === 'keys' ? ' to bucket ' : ' with ',
                table === 'keys' ? bucketLink(trails.text('bucket', row)) : keyOf(trails.text('kms_key_arn', row)),
              ),
            ),
        ),
    using.length > USING_SHOWN &&
      el(
        'p',
        {},
        el('a', { href: link('trails', '', { q: request.trails.value }) }, `All ${number(using.length)} trails`),
      ),
    el('h2', {}, 'Findings'),
    findingList(findings, { arn }, { named: false }),
    el('h2', {}, 'Settings at scan time'),
    configuration,
  );
}

const USING_SHOWN = 50;
const keyOf = (arn: string): Child => (arn === '' ? 'no key' : keyLink(arn));
