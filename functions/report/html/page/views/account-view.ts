import { reasonWords } from '../../../../domain/judge/finding-words.ts';
import { causeLink, keyLink, trailLink, trailName, verdictBadge } from '../badges.ts';
import { allCoverage, type Target } from '../coverage.ts';
import { type Child, dataTable, el, number, sentence } from '../dom.ts';
import { link, type Route } from '../route.ts';
import { facts, timesOf } from '../unpack.ts';
import { allCauses, fixCommand } from './causes.ts';
import { allFindings, findingList } from './findings-view.ts';
import { resources } from './resource-views.ts';
import { shownValue } from './table-view.ts';

/** One account: every region, its findings with evidence and remediation, its trails and keys. */
export async function accountView({ subject, parameters }: Route): Promise<HTMLElement> {
  const [coverage, findings, causes, trails, keys] = await Promise.all([
    allCoverage(),
    allFindings(),
    allCauses(),
    resources('trails'),
    resources('keys'),
  ]);
  const row = coverage.find(subject);
  const owned = (table: typeof trails): number[] =>
    Array.from({ length: table.rows }, (_, i) => i).filter((i) => table.fields.get('account_id')?.get(i) === subject);
  const ownTrails = owned(trails);
  const trailsOwned = ownTrails.map((i) => trails.text('trail_arn', i));
  const failing = ownTrails
    .filter((i) => trails.text('verdict', i) !== 'SEALED')
    .map((i) => trails.text('trail_arn', i));
  const keysOwned = owned(keys).map((i) => keys.text('key_arn', i));
  const common: Child = [
    el('h2', {}, 'Findings'),
    findingList(findings, { account: subject }),
    listOf('Trails', trailsOwned.map(trailLink)),
    listOf('Keys', keysOwned.map(keyLink)),
  ];
  if (row < 0)
    return el(
      'div',
      {},
      el('h1', { id: 'view-title' }, `Account ${subject}`),
      el(
        'p',
        { class: 'notice' },
        'This account is not part of the run. Only what other accounts show about it is known.',
      ),
      common,
    );
  const account = coverage.account(row);
  const targets = coverage.targets(row);
  const chosen = parameters.get('region');
  const times = timesOf(subject);
  const errors = targets.some(({ errorCode, errorMessage }) => errorCode !== null || errorMessage !== null);
  const found = new Map([...causes].filter(([id]) => targets.some((target) => target.cause === id)));
  return el(
    'div',
    {},
    el(
      'p',
      { class: 'crumbs' },
      el('a', { href: link('coverage') }, 'Coverage'),
      account.ou === '' ? null : [' / ', el('a', { href: link('coverage', '', { ou: account.ou }) }, account.ou)],
    ),
    el(
      'h1',
      { id: 'view-title' },
      account.name && account.name !== account.id ? account.name : `Account ${account.id}`,
    ),
    el('p', {}, verdictBadge(account.worst)),
    account.worst === 'ENCRYPTED' && failing.length > 0 && coveredByOthers(subject, { targets, failing }),
    el(
      'dl',
      { class: 'facts-list wide' },
      pair('Account', el('code', {}, account.id)),
      pair('State', account.state),
      pair('OU', account.ou || 'unknown'),
      pair('Joined', shownValue(coverage.detail(row, 'joined_at')) || 'unknown'),
      times && pair('As of', shownValue(times.asOf)),
      times?.staleSince && pair('Organization trail changed', shownValue(times.staleSince)),
      pair('Last scanned', shownValue(coverage.detail(row, 'observed_at')) || 'none'),
      pair('AWS calls', number(Number(coverage.detail(row, 'api_calls') ?? 0))),
      pair(
        'Evidence file',
        el('code', {}, `${(facts.present?.newer[account.id] ?? facts).evidencePrefix}${account.id}.ndjson.gz`),
      ),
    ),
    found.size > 0 && [
      el('h2', {}, 'What to fix'),
      [...found.values()].map((cause) =>
        el(
          'div',
          { class: 'repair' },
          el('p', {}, causeLink(cause.id, sentence(cause.title))),
          el('p', {}, cause.fix),
          fixCommand(cause.id),
        ),
      ),
    ],
    el('h2', {}, 'Regions'),
    dataTable('Regions', {
      id: 'targets',
      headings: TARGET_COLUMNS.filter((name) => errors || name !== 'Error'),
      rows: targets.map((target) => targetRow(target, { chosen: target.region === chosen, errors })),
    }),
    common,
  );
}

const TARGET_COLUMNS = ['Region', 'Status', 'Scan result', 'Basis', 'Reason', 'Logged by', 'Error'];

function targetRow(target: Target, { chosen, errors }: { chosen: boolean; errors: boolean }): HTMLElement {
  const { recording, seen } = target;
  const logged: Child =
    recording.length > 0
      ? recording.map((arn) => el('div', {}, trailName(arn)))
      : seen.length > 0 && el('span', { class: 'facts' }, `none of the ${number(seen.length)} visible`);
  const error = [target.errorCode, target.errorMessage].filter(Boolean).join(': ');
  return el(
    'tr',
    { 'data-region': target.region, 'aria-current': chosen ? 'true' : null, class: chosen ? 'chosen' : null },
    el('th', { scope: 'row', class: 'nowrap' }, target.region),
    el('td', { 'data-label': 'Status' }, verdictBadge(target.verdict)),
    el('td', { 'data-label': 'Scan result' }, target.state),
    el('td', { 'data-label': 'Basis' }, target.basis.toLowerCase()),
    el('td', { 'data-label': 'Reason' }, why(target)),
    el('td', { 'data-label': 'Logged by' }, logged),
    errors && el('td', { class: 'arn', 'data-label': 'Error' }, error),
  );
}

const listOf = (title: string, links: readonly HTMLElement[]): Child => {
  const items = links.map((one) => el('li', {}, one));
  return items.length > 0 && [el('h2', {}, title), el('ul', {}, items)];
};

/** The reason of a target in words, as the way to its root cause. */
function why({ cause, reason, state }: Target): Child {
  const words = reason === null ? '' : reasonWords(reason);
  return cause === null ? words : causeLink(cause, words || reasonWords(state));
}

/** Why an account is encrypted although one of its own trails fails. */
function coveredByOthers(
  account: string,
  { targets, failing }: { targets: readonly { recording: readonly string[] }[]; failing: readonly string[] },
): HTMLElement {
  const recording = new Set(targets.flatMap((target) => target.recording));
  const others = [...recording].filter((trail) => !failing.includes(trail));
  const list = (trails: readonly string[]): Child => trails.map((trail, at) => [at > 0 && ', ', trailName(trail)]);
  const foreign = others.filter((trail) => trail.split(':')[4] !== account);
  return el(
    'p',
    { class: 'notice', id: 'covered-by' },
    `Covered by ${foreign.length > 0 ? 'organization trail' : 'trail'} `,
    list(foreign.length > 0 ? foreign : others),
    `; this account's own ${failing.length === 1 ? 'trail fails' : 'trails fail'}: `,
    list(failing),
    '.',
  );
}

const pair = (name: string, value: Child): Child => el('div', {}, el('dt', {}, name), el('dd', {}, value));
