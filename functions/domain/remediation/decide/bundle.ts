import { oneLine, slug } from '../formats/text.ts';
import { inOrder } from './order.ts';
import type { BucketNeeds, Change, KeyUse, NewKey, Plan, Planned } from './plan.ts';

/** What is planned, or refused, for one problem or for several alike. */
export interface Fix {
  rootCauseId: string | null;
  /** ARNs of the trails that it is about; none where it is about something that no trail uses. */
  trailArns: readonly string[];
  /** The account and what it is called, for the name of the folder; null where that is the trail. */
  about: { accountId: string | null; name: string } | null;
  /** Without it the trails deliver nothing. */
  neededForDelivery: boolean;
  planned: Planned;
}

/** Everything that repairs a trail, or trails that have a fix in common: one plan, in the order in which it is done. */
export type Bundle =
  | { ok: true; name: string; rootCauseIds: string[]; plan: Plan; left: Left[] }
  | { ok: false; name: string; rootCauseIds: string[]; refusal: string };

/** What a bundle does not repair. */
export interface Left {
  rootCauseId: string | null;
  why: string;
}

/**
 * The fixes of each trail together, with those of the key, the bucket and the log group that it uses; of what several
 * trails share, in the bundle of the first. What no trail uses is a bundle of its own.
 */
export function bundles(fixes: Iterable<Fix>): Bundle[] {
  const gathered: Fix[][] = [];
  const of = new Map<string, Fix[]>();
  for (const fix of [...fixes].sort((a, b) => rank(a) - rank(b))) {
    const known = fix.trailArns.map((arn) => of.get(arn)).find((found) => found !== undefined && fits(fix, found));
    const bundle = known ?? [];
    bundle.push(fix);
    if (known === undefined) gathered.push(bundle);
    for (const arn of fix.trailArns) if (!of.has(arn)) of.set(arn, bundle);
  }
  const taken = new Set<string>();
  return gathered.flatMap((each) => bundleOf(each, taken));
}

/** A trail's own fixes before those of what it shares, and those of most trails first, so that a family stays together. */
const rank = (fix: Fix): number =>
  (trailKeysOf(fix).length > 0 ? 0 : fix.about === null ? 1_000_000 : 2_000_000) - fix.trailArns.length;

/** A bundle makes one key for trails: a script of another account is given that one. */
const fits = (fix: Fix, bundle: readonly Fix[]): boolean =>
  new Set([...bundle, fix].flatMap((each) => trailKeysOf(each))).size <= 1;

const trailKeysOf = ({ planned }: Fix): string[] =>
  planned.ok ? planned.plan.changes.flatMap((c) => (c.do === 'set-trail-key' ? [useName(c.key)] : [])) : [];

const useName = (key: KeyUse): string => ('arn' in key ? key.arn : keyName(key.made));
const keyName = ({ accountId, region, alias }: NewKey): string => `${accountId} ${region} ${alias}`;

function bundleOf(fixes: readonly Fix[], taken: Set<string>): Bundle[] {
  const plans = fixes.flatMap(({ planned }) => (planned.ok ? [planned.plan] : []));
  const left = fixes.flatMap(({ planned, rootCauseId }) => (planned.ok ? [] : [{ rootCauseId, why: planned.refusal }]));
  const causes = (of: readonly { rootCauseId: string | null }[]) => [
    ...new Set(of.flatMap(({ rootCauseId }) => rootCauseId ?? [])),
  ];
  const [first] = plans;
  const name = freeName(fixes, taken);
  if (first === undefined)
    return left.map(({ rootCauseId, why }) => ({
      ok: false,
      name,
      rootCauseIds: causes([{ rootCauseId }]),
      refusal: why,
    }));
  const blocked = fixes.flatMap((f) => (f.neededForDelivery && !f.planned.ok ? f.trailArns : []));
  const { changes, unchecked } = checked(folded(plans.flatMap((p) => p.changes)), new Set(blocked));
  const plan: Plan = {
    title: oneLine([...new Set(plans.map((p) => p.title))].join('; '), 500),
    rootCauseIds: [...new Set(plans.flatMap((p) => p.rootCauseIds))],
    accountsCovered: [...new Set(plans.flatMap((p) => p.accountsCovered))].sort(),
    changes: inOrder(changes),
    notes: [
      ...new Set(plans.flatMap((p) => p.notes)),
      ...(unchecked
        ? ['Delivery is not waited for at the end, since what keeps it from working is not repaired here.']
        : []),
      ...left.map(({ why }) => `Left as it is: ${oneLine(why, 1000)}`),
    ],
  };
  return [{ ok: true, name, rootCauseIds: causes(fixes.filter((f) => f.planned.ok)), plan, left }];
}

/** `111122223333-org-trail`; for trails of several accounts `12-accounts-org-trail`. */
function freeName(fixes: readonly Fix[], taken: Set<string>): string {
  const named = fixes.find((f) => f.about === null) ?? fixes.find((f) => f.trailArns.length === 1) ?? fixes[0];
  const arns = named?.trailArns ?? [];
  const accounts = new Set(arns.map((arn) => arn.split(':')[4]));
  const [first = ''] = arns;
  const ofTrail = named?.about === null || arns.length === 1;
  const [account, called] = ofTrail
    ? [accounts.size > 1 ? `${accounts.size}-accounts` : first.split(':')[4], first.slice(first.lastIndexOf('/') + 1)]
    : [named?.about?.accountId ?? 'account', named?.about?.name ?? 'fix'];
  const wanted = `${account}-${slug(called).slice(0, 60)}`;
  let name = wanted;
  for (let n = 2; taken.has(name); n += 1) name = `${wanted}-${n}`;
  taken.add(name);
  return name;
}

/** What is done twice is done once; what two fixes change of one policy is one change. */
export function folded(changes: readonly Change[]): Change[] {
  const found = new Map<string, Change>();
  for (const change of changes) {
    const name = identityOf(change);
    const before = found.get(name);
    found.set(name, before === undefined ? change : both(before, change));
  }
  return [...found.values()];
}

function identityOf(change: Change): string {
  const of = (what: string | null): string => `${change.do} ${what}`;
  if (change.do === 'create-key') return of(keyName(change.key));
  if (change.do === 'set-landing-zone-key') return of(change.accountId);
  if ('trail' in change && 'trailArn' in change.trail) return of(change.trail.trailArn);
  if ('bucket' in change) return of(change.bucket);
  return 'keyArn' in change ? of(change.keyArn) : JSON.stringify(change);
}

function both(a: Change, b: Change): Change {
  const statements = <S>(x: readonly S[], y: readonly S[]): S[] => [
    ...new Map([...x, ...y].map((s) => [JSON.stringify(s), s])).values(),
  ];
  if (a.do === 'merge-key-policy' && b.do === a.do) {
    return {
      ...a,
      statements: statements(a.statements, b.statements),
      replace: statements(a.replace, b.replace),
      current: a.current ?? b.current,
    };
  }
  if (a.do === 'merge-bucket-policy' && b.do === a.do)
    return { ...a, statements: statements(a.statements, b.statements), current: a.current ?? b.current };
  if (a.do === 'protect-bucket' && b.do === a.do) {
    const need = <N extends keyof BucketNeeds>(name: N): BucketNeeds[N] =>
      a.needs[name] === 'nothing' ? b.needs[name] : a.needs[name];
    const needs = {
      publicAccessBlock: need('publicAccessBlock'),
      versioning: need('versioning'),
      defaultEncryption: need('defaultEncryption'),
    };
    return { ...a, needs };
  }
  return a;
}

/** Delivery is looked at with the key that the trail has in the end, and where it can work. */
function checked(changes: readonly Change[], blocked: ReadonlySet<string>): { changes: Change[]; unchecked: boolean } {
  const started = new Set(changes.flatMap((c) => (c.do === 'start-logging' ? [c.trail.trailArn] : [])));
  const keys = new Map(changes.flatMap((c) => (c.do === 'set-trail-key' ? [[c.trail.trailArn, c.key] as const] : [])));
  let unchecked = false;
  const kept = changes.flatMap((change): Change[] => {
    if (change.do !== 'check-delivery') return [change];
    const { trailArn, isLogging } = change.trail;
    const works = !blocked.has(trailArn) && (isLogging !== false || started.has(trailArn));
    unchecked ||= !works;
    return works ? [{ ...change, key: keys.get(trailArn) ?? change.key }] : [];
  });
  return { changes: kept, unchecked };
}
