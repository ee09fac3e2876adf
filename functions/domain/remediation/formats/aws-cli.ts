import type { Change, Plan } from '../decide/plan.ts';
import { changeLines } from './aws-cli-changes.ts';
import { undoLines } from './aws-cli-undo.ts';
import type { RemediationFile } from './file.ts';
import type { Lines } from './lines.ts';
import { scriptText } from './script.ts';
import { quoted } from './shell.ts';
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
    const lines = group.changes.map((change) => changeLines(change, group.hasKey(change)));
    const number = groups.length > 1 ? `${i + 1}-` : '';
    const takesKeyArn = group.changes.some((change) => usesMadeKey(change) && !group.hasKey(change));
    files.push({
      name: `${number}fix${suffix(group.accounts, groups.length)}.sh`,
      executable: true,
      purpose: `${group.changes.map((c) => c.do).join(', ')} in ${group.accounts === null ? "the bucket's account" : accountList(group.accounts)}`,
      content: scriptText({
        title: plan.title,
        about: i === 0 ? about : [],
        accounts: group.accounts,
        region: group.changes[0] ? regionOf(group.changes[0]) : firstRegion,
        takesKeyArn,
        functions: functionsOf(lines),
        body: [...bodyOf(group, lines), "say 'Done. Scan again to see that it holds: trailseal scan'"],
      }),
    });
  }
  return [...files, ...undoFiles(plan, groups, firstRegion)];
}

/**
 * What another format cannot say, as scripts beside it. They come first, unless they use a key that is made there.
 */
export function besides(
  plan: Plan,
  rest: readonly Change[],
  files: readonly RemediationFile[],
  why: string,
): RemediationFile[] {
  if (rest.length === 0) return [...files];
  const afterwards = rest.some(usesMadeKey);
  const folder = files.length === 0 ? '' : 'scripts/';
  const when = files.length === 0 ? '' : afterwards ? 'run afterwards; ' : 'run first; ';
  const scripts = awsCliFiles({ ...plan, changes: [...rest] }).map((file) => ({
    ...file,
    name: `${folder}${file.name}`,
    purpose: `${when}${why}: ${file.purpose}`,
  }));
  return afterwards ? [...files, ...scripts] : [...scripts, ...files];
}

interface Group {
  /** null where the account is unknown. */
  accounts: string[] | null;
  changes: Change[];
  /** Whether the key a change uses is made by this very script. */
  hasKey(change: Change): boolean;
}

/** Runs of changes in the same account, in their order: a key before its trail, a bucket's policy before its trail. */
function byAccount(changes: readonly Change[]): Group[] {
  const runs: Change[][] = [];
  for (const change of changes) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    const together = last?.accountId === change.accountId || (last?.do === 'set-trail-key' && change.do === last.do);
    if (run && together) run.push(change);
    else runs.push([change]);
  }
  return runs.flatMap(splitMixed).map((run) => {
    const accounts = [...new Set(run.map((c) => c.accountId))];
    return group(accounts.includes(null) ? null : (accounts as string[]).sort(), run);
  });
}

/** A key made in the account of one of many trails is a script of its own: the table of accounts comes after it. */
function splitMixed(run: Change[]): Change[][] {
  const accounts = new Set(run.map((c) => c.accountId));
  const trails = run.filter((c) => c.do === 'set-trail-key');
  return accounts.size === 1 || trails.length === run.length
    ? [run]
    : [run.filter((c) => c.do !== 'set-trail-key'), trails];
}

const group = (accounts: string[] | null, changes: Change[]): Group => ({
  accounts,
  changes,
  hasKey: () => changes.some((c) => c.do === 'create-key'),
});

const usesMadeKey = (change: Change): boolean => 'key' in change && change.do !== 'create-key' && 'made' in change.key;

const suffix = (accounts: string[] | null, groups: number): string =>
  groups === 1 ? '' : accounts === null ? '-bucket-owner' : accounts.length === 1 ? `-${accounts[0]}` : '-each-account';

const functionsOf = (lines: readonly Lines[]): string[] => [...new Set(lines.flatMap((l) => l.functions))];

/** A script for several accounts runs, of all it holds, what is for the caller's. */
function bodyOf({ accounts }: Group, lines: readonly Lines[]): string[] {
  if (accounts === null || accounts.length === 1)
    return [...lines.flatMap((l) => l.checks), ...lines.flatMap((l) => [...l.lines, ''])];
  return [
    'case "$caller" in',
    ...accounts.flatMap((account) => [
      `  ${quoted(account)})`,
      ...lines
        .filter((l) => l.accountId === account)
        .flatMap((l) => [...l.checks, ...l.lines].map((line) => `    ${line}`)),
      '    ;;',
    ]),
    '  *) die "These credentials are for account $caller, which has none of these trails." ;;',
    'esac',
  ];
}

function undoFiles(plan: Plan, groups: readonly Group[], region: string): RemediationFile[] {
  return [...groups].reverse().flatMap((each, i) => {
    const lines = [...each.changes].reverse().map(undoLines);
    if (lines.every((l) => l.lines.length === 0)) return [];
    return [
      {
        name: `${groups.length > 1 ? `${i + 1}-` : ''}undo${suffix(each.accounts, groups.length)}.sh`,
        executable: true,
        purpose: `takes the change back; keys are kept, since logs written under them need them`,
        content: scriptText({
          title: `Undo: ${plan.title}`,
          about: ['No key is deleted: what was written under it meanwhile could never be read again.'],
          accounts: each.accounts,
          region: each.changes[0] ? regionOf(each.changes[0]) : region,
          takesKeyArn: false,
          functions: functionsOf(lines),
          body: bodyOf(each, lines),
        }),
      },
    ];
  });
}

/** A region whose endpoints the script may call first. */
export function regionOf(change: Change): string {
  switch (change.do) {
    case 'create-key':
      return change.key.region;
    case 'set-trail-key':
    case 'start-logging':
    case 'enable-validation':
      return change.trail.homeRegion;
    case 'create-trail':
      return change.trail.homeRegion;
    case 'enable-trusted-access':
      return change.region;
    case 'set-landing-zone-key':
      return change.homeRegion;
    case 'grant-read':
      return PARTITION_REGION[change.partition] ?? 'us-east-1';
    case 'merge-bucket-policy':
    case 'protect-bucket':
      return change.region ?? 'us-east-1';
    default:
      return change.region;
  }
}

const PARTITION_REGION: Record<string, string> = {
  aws: 'us-east-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-cn': 'cn-north-1',
  'aws-eusc': 'eusc-de-east-1',
};
