import { reasonWords } from '../../../../domain/judge/finding-words.ts';
import { TRAIL_VERDICTS } from '../../../../domain/model/vocabulary.ts';
import { accountLink, bucketLink, keyLink, trailBadge, trailLink } from '../badges.ts';
import { type Child, el, scrolling } from '../dom.ts';
import { type Field, type ResourceTable, tableFields } from '../fields.ts';
import { notFound } from '../not-found.ts';
import { inConsole } from '../outside.ts';
import { link, type Route } from '../route.ts';
import { openTable } from '../unpack.ts';
import { TRAIL_WORDS } from '../verdict-words.ts';
import { whoCanDecrypt } from './decrypt.ts';
import { allFindings, type Findings, findingList } from './findings-view.ts';
import { shownValue, type TableSpec, tableView } from './table-view.ts';
import { trailFix } from './trail-fix.ts';

/** Unusable keys first, then unknown ones. */
const KEY_STATES = [
  'PendingDeletion',
  'PendingReplicaDeletion',
  'NOT_FOUND',
  'Disabled',
  'Unavailable',
  'PendingImport',
  'Creating',
  'Updating',
  '',
  'Enabled',
];

export interface Resources {
  rows: number;
  fields: Map<string, Field>;
  text(name: string, row: number): string;
}

export async function resources(source: ResourceTable): Promise<Resources> {
  const table = await openTable(source);
  const fields = tableFields(source, table);
  return { rows: table.rows, fields, text: (name, row) => shownValue(fields.get(name)?.get(row) ?? null) };
}

/** Columns that are not shown unless they are chosen. */
const moreOf = ({ fields }: Resources): { field: string; label: string }[] =>
  [...fields.keys()].map((field) => ({ field, label: labelOf(field) }));

/** The name of a column of the tables in words: `kms_key_arn` is KMS key ARN. */
function labelOf(name: string): string {
  const words = name.split('_').map((word) => WRITTEN[word] ?? word);
  const [first = '', ...rest] = words;
  return [first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(' ');
}
const WRITTEN: Readonly<Record<string, string>> = {
  arn: 'ARN',
  arns: 'ARNs',
  cloudtrail: 'CloudTrail',
  id: 'ID',
  kms: 'KMS',
  region: 'Region',
  s3: 'S3',
  tls: 'TLS',
};

const yesOrNo = (value: string): string => (value === 'true' ? 'yes' : value === 'false' ? 'no' : value);

const account =
  ({ text }: Resources, name: string) =>
  (row: number): Child => {
    const id = text(name, row);
    return id === '' ? 'unknown' : accountLink(id);
  };

export async function trailsView(route: Route): Promise<HTMLElement> {
  const found = await resources('trails');
  const { text } = found;
  return tableView(
    {
      name: 'trails',
      title: 'Trails',
      intro: el('p', { class: 'facts' }, 'Each trail is listed once, under its owner.'),
      ...found,
      columns: [
        { field: 'verdict', label: 'Status', cell: (row) => trailBadge(text('verdict', row)) },
        { field: 'reason', label: 'Reason', cell: (row) => reasonWords(text('reason', row)) },
        { field: 'trail_arn', label: 'Trail', cell: (row) => trailLink(text('trail_arn', row)) },
        { field: 'account_id', label: 'Owner', cell: account(found, 'account_id') },
        { field: 'is_organization', label: 'Organization' },
        { field: 'is_multi_region', label: 'Multi-Region' },
        { field: 'is_logging', label: 'Logging' },
        { field: 'management_events', label: 'Events' },
        {
          field: 'kms_key_arn',
          label: 'Key',
          cell: (row) => (text('kms_key_arn', row) === '' ? 'none' : keyLink(text('kms_key_arn', row))),
        },
        { field: 'key_state', label: 'Key state', cell: (row) => reasonWords(text('key_state', row)) },
        { field: 'bucket', label: 'Bucket', cell: (row) => bucketLink(text('bucket', row)) },
        { field: 'latest_delivery_at', label: 'Last delivery' },
        { field: 'accounts_covered', label: 'Accounts', numeric: true },
        { field: 'member_errors', label: 'Member errors', numeric: true },
      ],
      more: moreOf(found),
      filters: [
        { field: 'verdict', parameter: 'verdict', label: 'Status', words: (one) => TRAIL_WORDS[one]?.label ?? one },
        { field: 'reason', parameter: 'reason', label: 'Reason', words: reasonWords },
        { field: 'is_organization', parameter: 'organization', label: 'Organization trail', words: yesOrNo },
        { field: 'management_events', parameter: 'events', label: 'Events' },
        { field: 'home_region', parameter: 'region', label: 'Home Region' },
      ],
      searched: ['trail_arn', 'name', 'account_id', 'kms_key_arn', 'bucket', 'reason'],
      orders: { verdict: TRAIL_VERDICTS },
      sort: { field: 'verdict' },
    } satisfies TableSpec,
    route,
  );
}

export async function keysView(route: Route): Promise<HTMLElement> {
  const found = await resources('keys');
  const { text } = found;
  const made = await tableView(
    {
      name: 'keys',
      title: 'Keys',
      intro: el(
        'p',
        { class: 'facts' },
        'A key that is disabled or pending deletion stops log delivery now. After its deletion date, logs encrypted under it cannot be read.',
      ),
      ...found,
      columns: [
        { field: 'key_arn', label: 'Key', cell: (row) => keyLink(text('key_arn', row)) },
        { field: 'state', label: 'State', cell: (row) => reasonWords(text('state', row)) || 'unknown' },
        { field: 'reason', label: 'Reason', cell: (row) => reasonWords(text('reason', row)) },
        { field: 'account_id', label: 'Owner', cell: account(found, 'account_id') },
        { field: 'in_organization', label: 'In organization' },
        { field: 'manager', label: 'Manager' },
        { field: 'origin', label: 'Origin' },
        { field: 'rotation_enabled', label: 'Rotation' },
        { field: 'policy_allows_cloudtrail', label: 'Key policy allows CloudTrail' },
        { field: 'deletion_date', label: 'Scheduled deletion' },
        { field: 'trails_using', label: 'Trails', numeric: true },
        { field: 'accounts_depending', label: 'Accounts', numeric: true },
      ],
      more: moreOf(found),
      filters: [
        { field: 'state', parameter: 'state', label: 'State', words: reasonWords },
        { field: 'manager', parameter: 'manager', label: 'Manager' },
        { field: 'rotation_enabled', parameter: 'rotation', label: 'Rotation', words: yesOrNo },
        {
          field: 'policy_allows_cloudtrail',
          parameter: 'policy',
          label: 'Key policy allows CloudTrail',
          words: yesOrNo,
        },
      ],
      searched: ['key_arn', 'account_id', 'state', 'reason'],
      orders: { state: KEY_STATES },
      sort: { field: 'state' },
      ties: 'policy_allows_cloudtrail',
    } satisfies TableSpec,
    route,
  );
  return el('div', {}, made, await whoCanDecrypt());
}

export async function bucketsView(route: Route): Promise<HTMLElement> {
  const found = await resources('buckets');
  const { text } = found;
  return tableView(
    {
      name: 'buckets',
      title: 'Buckets',
      intro: el(
        'p',
        { class: 'facts' },
        "A bucket's default encryption does not apply to a trail's logs: CloudTrail requests SSE-S3 where the trail has no key.",
      ),
      ...found,
      columns: [
        { field: 'bucket', label: 'Bucket', cell: (row) => bucketLink(text('bucket', row)) },
        { field: 'account_id', label: 'Owner', cell: account(found, 'account_id') },
        { field: 'region', label: 'Region', cell: (row) => el('span', { class: 'nowrap' }, text('region', row)) },
        { field: 'in_organization', label: 'In organization' },
        { field: 'public_blocked', label: 'Public access blocked' },
        { field: 'tls_only', label: 'TLS only' },
        { field: 'versioning', label: 'Versioning' },
        { field: 'object_lock_mode', label: 'Object lock' },
        { field: 'expires_after_days', label: 'Expires after days', numeric: true },
        { field: 'default_encryption', label: 'Default encryption' },
        { field: 'trails_using', label: 'Trails', numeric: true },
      ],
      more: moreOf(found),
      filters: [
        { field: 'public_blocked', parameter: 'public', label: 'Public access blocked', words: yesOrNo },
        { field: 'tls_only', parameter: 'tls', label: 'TLS only', words: yesOrNo },
        { field: 'versioning', parameter: 'versioning', label: 'Versioning' },
        { field: 'region', parameter: 'region', label: 'Region' },
      ],
      searched: ['bucket', 'account_id', 'region'],
      orders: {},
      sort: { field: 'trails_using', descending: true },
    } satisfies TableSpec,
    route,
  );
}

/** One trail: what it is, what is wrong with it and how to repair it. */
export async function trailView({ subject }: Route): Promise<HTMLElement> {
  const found = await resources('trails');
  const row = rowWith(found, 'trail_arn', subject);
  if (row === undefined) return notFound('trail', `This run has no trail ${subject}.`);
  const { text } = found;
  const [findings, keys] = await Promise.all([allFindings(), resources('keys').catch(() => null)]);
  const keyRow = keys && rowWith(keys, 'key_arn', text('kms_key_arn', row));
  const fix = await trailFix({
    fields: found.fields,
    row,
    rootCauseId: causeOf(findings, subject),
    keyDeletionDate:
      keys && keyRow !== undefined ? (keys.fields.get('deletion_date')?.get(keyRow ?? 0) as string | null) : null,
  });
  return el(
    'div',
    {},
    el('p', { class: 'crumbs' }, el('a', { href: link('trails') }, 'Trails')),
    el('h1', { id: 'view-title' }, text('name', row)),
    el('p', {}, trailBadge(text('verdict', row)), ' ', reasonWords(text('reason', row)), ' ', inConsole(subject)),
    el('h2', {}, 'Remediation'),
    fix,
    el('h2', {}, 'Findings'),
    findingList(findings, { arn: subject }, { named: false }),
    el('h2', {}, 'Trail configuration at scan time'),
    recorded('Trail configuration at scan time', found, row),
  );
}

/** Every column of a resource as the tables have it. */
export const recorded = (label: string, { fields, text }: Resources, row: number): HTMLElement =>
  scrolling(
    label,
    el(
      'table',
      { class: 'plain recorded' },
      el(
        'tbody',
        {},
        [...fields.keys()].map((name) =>
          el(
            'tr',
            {},
            el('th', { scope: 'row' }, labelOf(name)),
            el('td', { class: 'arn' }, linked(name, text(name, row))),
          ),
        ),
      ),
    ),
  );

function linked(name: string, value: string): Child {
  if (value === '') return '—';
  if (/account_id$/.test(name)) return accountLink(value);
  if (name === 'kms_key_arn') return keyLink(value);
  return name === 'bucket' ? bucketLink(value) : value;
}

export function rowWith({ rows, fields }: Resources, name: string, value: string): number | undefined {
  const field = fields.get(name);
  return Array.from({ length: rows }, (_, row) => row).find((row) => field?.get(row) === value);
}

/** The cause that the trail's verdict is filed under: of its first unmet finding that is about more than validation. */
function causeOf({ rows, fields }: Findings, arn: string): string | null {
  const get = (name: string, row: number) => fields.get(name)?.get(row) ?? null;
  for (let row = 0; row < rows; row++)
    if (
      get('resource_type', row) === 'trail' &&
      get('root_cause_id', row) !== null &&
      get('control_id', row) !== 'trail-log-validation' &&
      get('resource_arn', row) === arn
    )
      return String(get('root_cause_id', row));
  return null;
}
