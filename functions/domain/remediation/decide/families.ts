import { oneLine } from '../formats/text.ts';
import type { Bundle } from './bundle.ts';
import type { Plan } from './plan.ts';

export interface Family {
  bundle: Bundle;
  /** The accounts for which it is the same but for the account's own id, the one it is written for first; or none. */
  accounts: readonly string[];
  /** What it means. */
  members: readonly Bundle[];
}

/**
 * Bundles that are the same in many accounts, but for the account's own id, are one: whatever they are called alike,
 * a baseline made them.
 */
export function families(bundles: readonly Bundle[]): Family[] {
  const found = new Map<string, { bundle: Bundle; account: string | null }[]>();
  for (const bundle of bundles) {
    const account = bundle.ok ? onlyAccount(bundle.plan) : null;
    const name = account === null || !bundle.ok ? `alone ${found.size}` : likeness(bundle, account);
    found.set(name, [...(found.get(name) ?? []), { bundle, account }]);
  }
  return [...found.values()].flatMap((members): Family[] => {
    const [first, ...others] = members;
    if (first === undefined) return [];
    const { bundle, account } = first;
    if (others.length === 0 || !bundle.ok || account === null) return [{ bundle, accounts: [], members: [bundle] }];
    const alike = members.flatMap((m) => m.account ?? []).sort();
    const all = members.flatMap((m) => (m.bundle.ok ? [m.bundle] : []));
    const causes = [...new Set(all.flatMap((b) => b.rootCauseIds))];
    const plan: Plan = {
      ...bundle.plan,
      title: oneLine(bundle.plan.title.replaceAll(` of ${account}`, ` of ${alike.length} accounts`), 500),
      rootCauseIds: causes,
      accountsCovered: [...new Set(all.flatMap((b) => b.plan.accountsCovered))].sort(),
    };
    const name = bundle.name.replace(account, `${alike.length}-accounts`);
    const left = all.flatMap((b) => b.left);
    return [
      {
        bundle: { ok: true, name, rootCauseIds: causes, plan, left },
        accounts: [account, ...alike.filter((each) => each !== account)],
        members: all,
      },
    ];
  });
}

/** The account of all changes, or null where there are several. */
function onlyAccount({ changes }: Plan): string | null {
  const [account, ...others] = [...new Set(changes.map((c) => c.accountId))];
  return others.length === 0 && account !== undefined ? account : null;
}

/** Everything that is written, without the account's own id. Root causes are no part of what is written. */
const likeness = ({ plan, left }: Extract<Bundle, { ok: true }>, account: string): string =>
  JSON.stringify([plan.title, plan.notes, plan.changes, left.map((l) => l.why)], (key, value: unknown) =>
    key === 'rootCauseId' ? undefined : value,
  ).replaceAll(account, '{account}');
