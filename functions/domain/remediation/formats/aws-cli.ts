import { sameKey, usedKey } from '../decide/order.ts';
import type { Change, NewKey, Plan } from '../decide/plan.ts';
import { changeLines, checkLines } from './aws-cli-changes.ts';
import { undoLines } from './aws-cli-undo.ts';
import type { RemediationFile } from './file.ts';
import { scriptText } from './script.ts';
import { calledIn } from './script-functions.ts';
import { indented, quoted } from './shell.ts';
import { accountList } from './text.ts';

/**
 * Scripts in the order in which they are run, one for each account that is changed, and their undo. Trails of several
 * accounts share one script, which looks up the caller's account in a table.
 */
export function awsCliFiles(plan: Plan): RemediationFile[] {
  const groups = byAccount(plan.changes);
  const [firstRegion = 'us-east-1'] = plan.changes.map(regionOf);
  const about = [`Repairs ${accountList(plan.accountsCovered)}.`, ...plan.notes];
  const files: RemediationFile[] = [];
  for (const [i, group] of groups.entries()) {
    const given = group.changes.flatMap((change) => keyFromElsewhere(change, group.changes) ?? [])[0];
    const parts = group.changes.map((change) => ({
      accountId: change.accountId,
      checks: checkLines(change),
      lines: changeLines(change),
    }));
    const number = groups.length > 1 ? `${i + 1}-` : '';
    const what = group.changes.every((c) => c.do === 'check-delivery') ? 'check' : 'fix';
    files.push({
      name: `${number}${what}${suffix(group.accounts, placesOf(groups))}.sh`,
      purpose: `${[...new Set(group.changes.map((c) => c.do))].join(', ')} in ${group.accounts === null ? "the bucket's account" : accountList(group.accounts)}`,
      content: scriptText({
        title: plan.title,
        about: i === 0 ? about : [],
        accounts: group.accounts,
        region: group.changes[0] ? regionOf(group.changes[0]) : firstRegion,
        takesKey: given?.alias ?? null,
        functions: functionsOf(parts),
        body: [...bodyOf(group, parts), "say 'Done. Scan again to see that it holds: trailseal scan'"],
      }),
    });
  }
  return [...files, ...undoFiles(plan, groups, firstRegion)];
}

/**
 * What another format cannot say, as scripts beside it. They come first, unless they use a key that is made there.
 */
export function withScripts(
  plan: Plan,
  rest: readonly Change[],
  files: readonly RemediationFile[],
  why: string,
): RemediationFile[] {
  if (rest.length === 0) return [...files];
  const scripts = (changes: readonly Change[], folder: string, when: string, whenUndone: string) =>
    awsCliFiles({ ...plan, changes: [...changes] }).map((file) => ({
      ...file,
      name: `${folder}${file.name}`,
      purpose: `${UNDO.test(file.name) ? whenUndone : when}${why}: ${file.purpose}`,
    }));
  if (files.length === 0) return scripts(rest, '', '', '');
  const { first, after } = beside(rest);
  return [
    ...scripts(first, 'first/', 'run first; ', 'to undo, run last; '),
    ...files,
    ...scripts(after, 'afterwards/', 'run afterwards; ', 'to undo, run first; '),
  ];
}

const UNDO = /(^|-)undo/;

/** Scripts that are run before what another format says, and after it. */
function beside(rest: readonly Change[]): { first: Change[]; after: Change[] } {
  const isAfter = (change: Change) => change.do === 'check-delivery' || keyFromElsewhere(change, rest) !== null;
  return { first: rest.filter((change) => !isAfter(change)), after: rest.filter(isAfter) };
}

/** Said in the files of another format where scripts stand beside them: without those only a part is done. */
export function scriptNotes(rest: readonly Change[]): string[] {
  const { first, after } = beside(rest);
  return [
    ...(first.length > 0 ? ['Before this, run what is in first/: a part of the fix is there.'] : []),
    ...(after.length > 0 ? ['After this, run what is in afterwards/, in its order: a part of the fix is there.'] : []),
  ];
}

interface Group {
  /** null where the account is unknown. */
  accounts: string[] | null;
  changes: Change[];
}

/** Runs of changes in the same account, in their order; accounts in which the same is done share a script. */
function byAccount(changes: readonly Change[]): Group[] {
  const groups: { accounts: (string | null)[]; kind: string; changes: Change[] }[] = [];
  for (const run of runsOf(changes)) {
    const [{ accountId }] = run;
    const what = run.every((c) => OF_TRAIL.includes(c.do)) ? 'trail' : run.map((c) => c.do).join();
    const kind = `${what} ${givenKey(run, changes)}`;
    const last = groups.at(-1);
    if (last?.kind === kind && accountId !== null && !last.accounts.includes(null)) {
      last.accounts.push(accountId);
      last.changes.push(...run);
    } else groups.push({ accounts: [accountId], kind, changes: [...run] });
  }
  return groups.map(({ accounts, changes: own }) => ({
    accounts: accounts.includes(null) ? null : [...new Set(accounts as string[])].sort(),
    changes: own,
  }));
}

/** What is done to a trail in its own account, with a key that is made elsewhere or is there. */
const OF_TRAIL: readonly Change['do'][] = ['set-trail-key', 'start-logging', 'enable-validation', 'check-delivery'];

function runsOf(changes: readonly Change[]): [Change, ...Change[]][] {
  const runs: [Change, ...Change[]][] = [];
  for (const change of changes) {
    const run = runs.at(-1);
    // A script is given one key.
    const keys = run ? [givenKey(run, changes), givenKey([change], changes)] : [];
    if (run?.[0].accountId === change.accountId && (keys.includes(null) || keys[0] === keys[1])) run.push(change);
    else runs.push([change]);
  }
  return runs;
}

/** The key that a change uses and that is made by another script; null where there is none. */
function keyFromElsewhere(change: Change, own: readonly Change[]): NewKey | null {
  const key = usedKey(change);
  if (key === null || !('made' in key)) return null;
  const here = own.some((c) => c.do === 'create-key' && c.accountId === change.accountId && sameKey(c.key, key.made));
  return here ? null : key.made;
}

const givenKey = (of: readonly Change[], own: readonly Change[]): string | null => {
  const [key] = of.flatMap((change) => keyFromElsewhere(change, own) ?? []);
  return key ? `${key.accountId} ${key.region} ${key.alias}` : null;
};

const placesOf = (groups: readonly Group[]): number => new Set(groups.map(({ accounts }) => `${accounts}`)).size;
const suffix = (accounts: string[] | null, places: number): string =>
  places === 1 ? '' : accounts === null ? '-bucket-owner' : accounts.length === 1 ? `-${accounts[0]}` : '-each-account';

/** One change in bash. */
interface Part {
  accountId: string | null;
  checks: string[];
  lines: string[];
}

const functionsOf = (parts: readonly Part[]): string[] => [
  ...new Set(parts.flatMap(({ checks, lines }) => calledIn([...checks, ...lines]))),
];

/** A script for several accounts runs, of all it holds, what is for the caller's. */
function bodyOf({ accounts }: Group, parts: readonly Part[]): string[] {
  if (accounts === null || accounts.length === 1)
    return [...parts.flatMap((part) => part.checks), ...parts.flatMap((part) => [...part.lines, ''])];
  return [
    'case "$caller" in',
    ...accounts.flatMap((account) => [
      `  ${quoted(account)})`,
      ...parts
        .filter((part) => part.accountId === account)
        .flatMap((part) => indented([...part.checks, ...part.lines], '    ')),
      '    ;;',
    ]),
    '  *) die "These credentials are for account $caller, which has none of these trails." ;;',
    'esac',
  ];
}

function undoFiles(plan: Plan, groups: readonly Group[], region: string): RemediationFile[] {
  return [...groups].reverse().flatMap((each, i) => {
    const parts = [...each.changes]
      .reverse()
      .map((change) => ({ accountId: change.accountId, checks: [], lines: undoLines(change) }));
    if (parts.every(({ lines }) => lines.length === 0)) return [];
    return [
      {
        name: `${groups.length > 1 ? `${i + 1}-` : ''}undo${suffix(each.accounts, placesOf(groups))}.sh`,
        purpose: `takes the change back; keys are kept, since logs written under them need them`,
        content: scriptText({
          title: `Undo: ${plan.title}`,
          about: ['No key is deleted: what was written under it meanwhile could never be read again.'],
          accounts: each.accounts,
          region: each.changes[0] ? regionOf(each.changes[0]) : region,
          takesKey: null,
          functions: functionsOf(parts),
          body: bodyOf(each, parts),
        }),
      },
    ];
  });
}

/** A region whose endpoints the script may call first. */
export function regionOf(change: Change): string {
  if (change.do === 'create-key') return change.key.region;
  if (change.do === 'grant-read') return PARTITION_REGION[change.partition] ?? 'us-east-1';
  return 'trail' in change ? change.trail.homeRegion : (change.region ?? 'us-east-1');
}

const PARTITION_REGION: Record<string, string> = {
  aws: 'us-east-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-cn': 'cn-north-1',
  'aws-eusc': 'eusc-de-east-1',
};
