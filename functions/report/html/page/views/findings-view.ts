import { decidedBy, readableTimes, reasonWords } from '../../../../domain/judge/finding-words.ts';
import { FINDING_STATUSES, isUnmet, SEVERITIES } from '../../../../domain/model/vocabulary.ts';
import { accountLink, bucketLink, causeLink, keyLink, severityBadge, statusBadge, trailLink } from '../badges.ts';
import { arn, type Child, el, number, sentence } from '../dom.ts';
import { type Field, findingFields } from '../fields.ts';
import { documentation } from '../outside.ts';
import { link, type Route } from '../route.ts';
import { facts, openTable } from '../unpack.ts';
import { STATUSES } from '../verdict-words.ts';
import { allCauses, type Cause, fixCommand } from './causes.ts';
import { matches, shownValue, type TableSpec, tableView } from './table-view.ts';

const severityOrder: readonly string[] = SEVERITIES;
const statusOrder: readonly string[] = FINDING_STATUSES;

export interface Findings {
  rows: number;
  fields: Map<string, Field>;
  causes: Map<string, Cause>;
  text(name: string, row: number): string;
}

export async function allFindings(): Promise<Findings> {
  const [table, causes] = await Promise.all([openTable('findings'), allCauses()]);
  const fields = findingFields(table, (id) => facts.controls[id]?.expected ?? '');
  return {
    rows: table.rows,
    fields,
    causes,
    text: (name, row) => shownValue(fields.get(name)?.get(row) ?? null),
  };
}

export async function findingsView(route: Route): Promise<HTMLElement> {
  const findings = await allFindings();
  const cause = findings.causes.get(route.parameters.get('cause') ?? '');
  return tableView(specOf(findings, intro(findings, cause)), route);
}

function intro(findings: Findings, cause: Cause | undefined): Child {
  const hidden = facts.findingsTotal - findings.rows;
  return [
    cause &&
      el(
        'div',
        { class: 'notice' },
        el('h2', {}, cause.severity && severityBadge(cause.severity), ' ', cause.title),
        el('p', {}, el('strong', {}, 'Fix: '), cause.fix),
        fixCommand(cause.id),
        el('p', {}, el('a', { href: link('coverage', '', { by: 'accounts', cause: cause.id }) }, 'Affected accounts')),
      ),
    hidden > 0 &&
      el(
        'p',
        { class: 'facts' },
        `${number(hidden)} passing or not-applicable account/Region findings are hidden. See `,
        el('a', { href: link('coverage') }, 'Coverage'),
        '.',
      ),
  ];
}

function specOf(findings: Findings, introduction: Child): TableSpec {
  const { text } = findings;
  return {
    name: 'findings',
    title: 'Findings',
    intro: introduction,
    rows: findings.rows,
    fields: findings.fields,
    columns: [
      { field: 'status', label: 'Status', cell: (row) => statusBadge(text('status', row)) },
      { field: 'severity', label: 'Severity', cell: (row) => severityOf(findings, row) },
      {
        field: 'control_id',
        label: 'Control',
        cell: (row) => el('span', { class: 'nowrap' }, text('control_id', row)),
      },
      {
        field: 'account_id',
        label: 'Account',
        cell: (row) => place(text('account_id', row), text('account_name', row)),
      },
      { field: 'region', label: 'Region', cell: (row) => el('span', { class: 'nowrap' }, text('region', row)) },
      {
        field: 'resource_arn',
        label: 'Resource',
        cell: (row) => resourceLink(text('resource_type', row), text('resource_arn', row)),
      },
      { field: 'observed', label: 'Observed', cell: (row) => observed(findings, row) },
      { field: 'first_seen_at', label: 'Since' },
    ],
    more: [
      { field: 'root_cause_id', label: 'Fix', cell: (row) => fixOf(findings, row) },
      { field: 'reason', label: 'Reason', cell: (row) => reasonWords(text('reason', row)) },
      { field: 'ou_path', label: 'OU' },
      { field: 'detail', label: 'Detail' },
      { field: 'expected', label: 'Expected' },
      { field: 'waiver_id', label: 'Waiver' },
      { field: 'finding_id', label: 'Finding id' },
    ],
    filters: [
      { field: 'status', parameter: 'status', label: 'Status', several: true, words: statusWords },
      { field: 'severity', parameter: 'severity', label: 'Severity' },
      { field: 'control_id', parameter: 'control', label: 'Control', several: true },
      { field: 'resource_type', parameter: 'type', label: 'Resource' },
      { field: 'region', parameter: 'region', label: 'Region' },
      { field: 'ou_path', parameter: 'ou', label: 'OU' },
      { field: 'reason', parameter: 'reason', label: 'Reason', words: reasonWords },
      { field: 'root_cause_id', parameter: 'cause', label: 'Root cause', hidden: true },
      { field: 'account_id', parameter: 'account', label: 'Account', hidden: true },
      { field: 'resource_arn', parameter: 'arn', label: 'Resource', hidden: true },
    ],
    searched: ['account_id', 'account_name', 'ou_path', 'region', 'control_id', 'reason', 'resource_arn', 'observed'],
    orders: { severity: severityOrder, status: statusOrder },
    sort: { field: 'status' },
    ties: 'severity',
  };
}

const statusWords = (statuses: string): string =>
  statuses
    .split(',')
    .map((one) => STATUSES[one]?.label ?? one)
    .join(' or ');
/** The fix of its root cause, as the way to all that it repairs. */
function fixOf(findings: Findings, row: number): Child {
  const cause = findings.causes.get(findings.text('root_cause_id', row));
  return cause && causeLink(cause.id, cause.fix);
}
/** The severity of what passes says little: it is shown without colour. */
const severityOf = ({ text }: Findings, row: number): HTMLElement =>
  severityBadge(text('severity', row), !isUnmet(text('status', row)));
const place = (id: string, name: string): Child => (id === '' ? 'unknown' : accountLink(id, name));
/** What decides, as the way to the finding's own page. */
const observed = (findings: Findings, row: number): Child =>
  el(
    'a',
    { href: link('finding', findings.text('finding_id', row)), class: 'plain-link' },
    sentence(decided(findings, row) || 'Details'),
  );

/** The key or bucket that a finding is about has a page of its own; a region of an account is in the account's. */
function resourceLink(type: string, name: string): Child {
  if (type === 'trail') return trailLink(name);
  if (type === 'key' && name.startsWith('arn:')) return keyLink(name);
  if (type === 'bucket') return bucketLink(name.slice(name.lastIndexOf(':') + 1));
  return arn(name);
}

/** What decides, beside the status. */
export const decided = ({ text }: Findings, row: number): string =>
  decidedBy({ status: text('status', row), reason: text('reason', row), observed: text('observed', row) });

/** Everything about one finding: what was expected and found, the cause and its fix, the evidence. */
export function findingDetails(findings: Findings, row: number): HTMLElement {
  const { text } = findings;
  const control = facts.controls[text('control_id', row)];
  const cause = findings.causes.get(text('root_cause_id', row));
  const refs = (findings.fields.get('evidence_refs')?.get(row) ?? []) as readonly string[];
  const unmet = isUnmet(text('status', row));
  const item = (name: string, ...value: Child[]): Child => [el('dt', {}, name), el('dd', {}, ...value)];
  return el(
    'dl',
    { class: 'facts-list' },
    item('Resource', resourceLink(text('resource_type', row), text('resource_arn', row))),
    item('Expected', text('expected', row)),
    item('Reason', reasonWords(text('reason', row))),
    text('observed', row) !== '' && item('Observed', readableTimes(text('observed', row))),
    text('detail', row) !== '' && item('Detail', readableTimes(text('detail', row))),
    cause && item('Root cause', causeLink(cause.id, cause.title)),
    cause && unmet && item('Fix', el('p', {}, cause.fix), fixCommand(cause.id)),
    control && unmet && item('Remediation', control.remediation),
    text('waiver_id', row) !== '' &&
      item('Waiver', `${text('waiver_id', row)}, by ${text('waived_by', row)}, until ${text('waived_until', row)}`),
    refs.length > 0 &&
      item(
        'Evidence',
        el(
          'ul',
          { class: 'refs' },
          refs.map((ref) => el('li', {}, el('code', {}, ref))),
        ),
      ),
    documentation(text('control_id', row)) && item('Read more', documentation(text('control_id', row))),
    item(
      'Finding id',
      el('a', { href: link('finding', text('finding_id', row)) }, el('code', {}, text('finding_id', row))),
    ),
  );
}

/** The findings of one account or resource, each open to its details. */
export function findingList(
  findings: Findings,
  filter: Record<string, string>,
  { named = true, most = 100 }: { named?: boolean; most?: number } = {},
): Child {
  const spec = specOf(findings, null);
  const rows = [...matches(spec, new URLSearchParams(filter))].sort(
    (a, b) =>
      statusOrder.indexOf(findings.text('status', a)) - statusOrder.indexOf(findings.text('status', b)) ||
      severityOrder.indexOf(findings.text('severity', a)) - severityOrder.indexOf(findings.text('severity', b)) ||
      a - b,
  );
  if (rows.length === 0) return el('p', { class: 'empty' }, 'No findings.');
  return [
    el(
      'ul',
      { class: 'finding-list' },
      rows.slice(0, most).map((row) => {
        const { text } = findings;
        const where = !named
          ? ''
          : text('resource_type', row) === 'target'
            ? text('region', row)
            : text('resource_arn', row);
        return el(
          'li',
          {},
          el(
            'details',
            { class: 'finding' },
            el(
              'summary',
              {},
              statusBadge(text('status', row)),
              ' ',
              severityOf(findings, row),
              ' ',
              el('strong', {}, text('control_id', row)),
              ' ',
              arn(where),
              ' ',
              sentence(decided(findings, row)),
            ),
            findingDetails(findings, row),
          ),
        );
      }),
    ),
    el(
      'p',
      {},
      el(
        'a',
        { href: link('findings', '', filter) },
        rows.length > most ? `All ${number(rows.length)} findings` : 'Show as table',
      ),
    ),
  ];
}
