import { describe, expect, test } from '@jest/globals';
import {
  createSimulation,
  parseSimulationSpec,
  SIMULATE_KEYS,
  type WorldSpec,
} from '../../functions/simulator/simulation.ts';

describe('--simulate', () => {
  test('reads every kind of value', () => {
    expect(
      parseSimulationSpec(
        'accounts=200, regions=17,seed=7,preset=tidy,latency=50,throttle=0.1,quotas,legacy=0,skew=-5',
      ),
    ).toEqual({
      accounts: 200,
      regions: 17,
      seed: 7,
      preset: 'tidy',
      latency: 50,
      throttle: 0.1,
      quotas: true,
      legacyStatus: false,
      clockSkewMs: -5,
    });
    expect(parseSimulationSpec('')).toEqual({});
  });

  test('every key it lists is one it takes', () => {
    const values: Record<string, string> = { text: 'x', count: '1', rate: '0.1', signed: '1', flag: '1' };
    for (const [name, { kind, choices }] of Object.entries(SIMULATE_KEYS)) {
      const value = name === 'now' ? '2026-11-02T10:00:00Z' : (choices?.[0] ?? values[kind]);
      expect(Object.keys(parseSimulationSpec(`${name}=${value}`))).toHaveLength(1);
    }
  });

  test.each([
    ['acounts=5', "--simulate: unknown key 'acounts'; did you mean 'accounts'? The keys are preset, accounts, regions"],
    ['wombat=5', "--simulate: unknown key 'wombat'. The keys are"],
    ['__proto__=5', "unknown key '__proto__'"],
    ['accounts=many', "--simulate: accounts=many: 'many' is not a number."],
    ['accounts=0', '--simulate: accounts=0: give a whole number from 1 to 50000.'],
    ['accounts=2.5', 'accounts=2.5: give a whole number from 1 to 50000.'],
    ['accounts=50001', 'accounts=50001: give a whole number from 1 to 50000.'],
    ['regions=35', 'regions=35: give a whole number from 1 to 34.'],
    ['partition=aws-cn,regions=3', 'regions=3: partition aws-cn has 2.'],
    ['throttle=10', '--simulate: throttle=10: give a share from 0 to 1, e.g. throttle=0.1.'],
    ['throttle=0.7,reset=0.7', 'add up to 1.4: more than every call.'],
    [
      'preset=tidey',
      "--simulate: preset=tidey: there is no such preset; did you mean 'tidy'? There are showcase, control-tower",
    ],
    ['accounts', "--simulate: 'accounts' needs a value: accounts=… (how many accounts)."],
    ['quotas=yes', '--simulate: quotas=yes: give 1 or 0.'],
    ['seed=1,seed=2', "--simulate: 'seed' is given twice."],
    ['now=yesterday', '--simulate: now=yesterday: give an instant like 2026-11-02T10:00:00Z.'],
  ])('%s: one sentence', (text, sentence) => {
    expect(() => parseSimulationSpec(text)).toThrow(
      expect.objectContaining({ code: 'SIMULATION', message: expect.stringContaining(sentence) }),
    );
  });
});

describe('a hand-written world', () => {
  const mistakes: [string, WorldSpec, string][] = [
    ['no account', { accounts: [] }, 'a world needs at least one account'],
    ['a short id', { accounts: [{ id: '123' }] }, "account id '123' is not 12 digits"],
    [
      'an id twice',
      { accounts: [{ id: '111111111111' }, { id: '111111111111' }] },
      'account id 111111111111 is given twice',
    ],
    [
      'an unknown owner',
      { accounts: [{}], trails: [{ name: 't', owner: 'who' }] },
      "no account has the id or name 'who'",
    ],
    [
      'an owner by a name that repeats',
      { accounts: [{}, { name: 'dev' }, { name: 'dev' }], trails: [{ name: 't', owner: 'dev' }] },
      "2 accounts are named 'dev': name it by id",
    ],
    [
      'an organization trail of a member',
      { accounts: [{}, { name: 'dev' }], trails: [{ name: 't', owner: 'dev', organization: true }] },
      "trail 't': an organization trail belongs to the management account",
    ],
    ['a key twice', { accounts: [{}], keys: [{ name: 'k' }, { name: 'k' }] }, "key 'k' is declared twice"],
    [
      'a default-on region opted into',
      { accounts: [{ optedIn: ['us-east-1'] }] },
      "'us-east-1' is not an opt-in Region",
    ],
    [
      'a home elsewhere',
      { accounts: [{}], trails: [{ name: 't', home: 'sa-east-1' }] },
      "trail 't': the world has no Region 'sa-east-1'",
    ],
    [
      'a denial elsewhere',
      { accounts: [{}], denials: [{ regions: ['mars'] }] },
      "a denial: the world has no Region 'mars'",
    ],
    ['six OUs deep', { accounts: [{ ou: 'a/b/c/d/e/f' }] }, "OU 'a/b/c/d/e/f' is nested deeper than 5"],
  ];
  test.each(mistakes)('with %s is refused in one sentence', (_, world, sentence) => {
    expect(() => createSimulation({ world })).toThrow(
      expect.objectContaining({ code: 'SIMULATION', message: expect.stringContaining(sentence) }),
    );
  });

  test('has a good key and bucket for every trail that names them without declaring them', () => {
    const { world } = createSimulation({
      world: { accounts: [{}, { name: 'dev' }], trails: [{ name: 't', owner: 'dev', key: 'k' }] },
    });
    const [trail] = world.holdingsOf(world.accountAt(1).id).trails;
    expect(world.key(trail?.key ?? '')).toMatchObject({ state: 'Enabled', owner: world.accountAt(1).id });
    expect(world.bucket(trail?.bucket ?? '')).toMatchObject({ owner: world.accountAt(1).id, publicBlocked: true });
  });

  test('takes malformed key ids as they stand', () => {
    const { world } = createSimulation({ world: { accounts: [{}], trails: [{ name: 't', key: 'alias/logs' }] } });
    expect(world.holdingsOf(world.accountAt(0).id).trails[0]?.key).toBe('alias/logs');
  });

  test('and code that misspells a setting is told so', () => {
    expect(() => createSimulation({ acounts: 5 } as never)).toThrow(/a simulation has no setting 'acounts'/);
    expect(() => createSimulation({ quotas: 'yes' } as never)).toThrow(/quotas=yes: give true or false/);
  });

  test('stands beside no preset', () => {
    expect(() => createSimulation({ world: { accounts: [{}] }, accounts: 5 })).toThrow(
      /give no preset, accounts, regions/,
    );
  });
});
