import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseWaivers, WaiverFileError } from '../../../functions/domain/waivers/waiver.ts';

const today = '2026-11-23';
const one = `waivers:
  - id: a
    control: trail-key-rotation
    accounts: 012345678901
    reason: because
    ticket: T-1
    approver: me
    approved_on: 2026-11-01
    expires_on: 2027-11-01
`;
const again = one.slice(one.indexOf('\n') + 1);

const problems = (text: string): string => {
  try {
    parseWaivers(text, { today });
  } catch (error) {
    if (error instanceof WaiverFileError) return error.message;
    throw error;
  }
  return '';
};

describe('a waivers file', () => {
  test('is read, and its account ids keep their zeros', () => {
    expect(parseWaivers(one, { today })).toEqual([
      {
        id: 'a',
        control: 'trail-key-rotation',
        accounts: ['012345678901'],
        accountTags: null,
        ous: null,
        regions: null,
        resources: null,
        reason: 'because',
        ticket: 'T-1',
        approver: 'me',
        approvedOn: '2026-11-01',
        expiresOn: '2027-11-01',
        expiresAt: '2027-11-01T23:59:59.999Z',
        line: 2,
      },
    ]);
  });

  test('may be empty if it says so', () => expect(parseWaivers('waivers: []', { today })).toEqual([]));

  test('may hold waivers that have expired: they are reported', () => {
    const old = one.replace('2026-11-01', '2025-01-01').replace('2027-11-01', '2025-02-01');
    expect(parseWaivers(old, { today })[0]?.expiresOn).toBe('2025-02-01');
  });

  test('the example of the documentation is one', () => {
    const page = readFileSync(new URL('../../../docs/waivers.md', import.meta.url), 'utf8');
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(parseWaivers(example, { today }).map(({ id, line }) => [id, line])).toEqual([
      ['sandbox-rotation', 2],
      ['legacy-payroll-trail', 12],
    ]);
  });

  test('lists may be written in either way', () => {
    const [waiver] = parseWaivers(
      one.replace('accounts: 012345678901', 'ous: [Root/A, "Root/B *"]\n    regions:\n      - eu-*'),
      { today },
    );
    expect(waiver).toMatchObject({ accounts: null, ous: ['Root/A', 'Root/B *'], regions: ['eu-*'] });
  });
});

describe('what is wrong is said with its line', () => {
  test.each<[string, string, string]>([
    ['nothing', '', '1: must be a list under waivers:'],
    ['a list at the top', '- id: a', '1: must be a list under waivers:'],
    ['no list', 'waivers:\n', '1: must be a list under waivers:, which may be empty: waivers: []'],
    ['text for a waiver', 'waivers:\n  - x', '2: a waiver must be a map of fields'],
    ['an unknown field', one.replace('ticket:', 'tickets:'), '6: there is no field "tickets"; the nearest is ticket'],
    ['an unknown field at the top', `${one}waiver: []\n`, '10: there is no field "waiver"; the nearest is waivers'],
    ['a hostile field', `${one}    __proto__: { id: b }\n`, '10: there is no field "__proto__"'],
    ['a merge key', `${one}    <<: { id: b }\n`, '10: there is no field "<<"'],
    ['a missing field', one.replace('    approver: me\n', ''), '2: approver: is missing'],
    ['an empty field', one.replace('approver: me', 'approver: " "'), '7: approver: is empty'],
    ['a list for text', one.replace('approver: me', 'approver: [me]'), '7: approver: must be text'],
    [
      'a map for a pattern',
      one.replace('012345678901', '{ id: x }'),
      '4: accounts: must be a pattern or a list of them',
    ],
    ['no pattern', one.replace('012345678901', '[]'), '4: accounts: is empty'],
    [
      'a name for an account',
      one.replace('012345678901', '[012345678901, Payroll]'),
      '4: accounts: must be an account id of 12 digits',
    ],
    [
      'no scope',
      one.replace('    accounts: 012345678901\n', ''),
      '2: id: needs accounts, ous, account_tags, regions or resources',
    ],
    [
      'an unknown control',
      one.replace('key-rotation', 'key-rotations'),
      '3: control: there is no such control; the nearest is trail-key-rotation',
    ],
    ['a bad id', one.replace('id: a', 'id: a b'), '2: id: must be letters'],
    ['a day that is none', one.replace('2027-11-01', '2027-02-29'), '9: expires_on: is no day of the calendar'],
    [
      'a date written otherwise',
      one.replace('2027-11-01', '1/11/2027'),
      '9: expires_on: must be a date like 2027-01-31',
    ],
    [
      'a day too long',
      one.replace('2027-11-01', '2027-11-02'),
      '9: expires_on: may be at most 365 days after approved_on, that is 2027-11-01',
    ],
    [
      'an expiry before the approval',
      one.replace('2027-11-01', '2026-10-31'),
      '9: expires_on: lies before approved_on, 2026-11-01',
    ],
    [
      'an approval in the future',
      one.replace('2026-11-01', '2026-11-24'),
      '8: approved_on: is in the future: today is 2026-11-23',
    ],
    ['an id used twice', one + again, '10: id: a is used twice'],
    ['a key given twice', one.replace('ticket: T-1', 'reason: other'), '6: Map keys must be unique'],
    ['a second document', `${one}---\nwaivers: []\n`, '10: a second document begins here'],
    ['an anchor', one.replace('because', '&x because'), '5: anchors and aliases are not taken here'],
    [
      'an alias',
      one.replace('because', '&x because').replace('T-1', '*x'),
      '6: anchors and aliases are not taken here',
    ],
    ['a tag', one.replace('because', '!run because'), '5: '],
    ['YAML that is none', one.replace('because', '"because'), '10: Missing closing "quote'],
    ['a tab', one.replace('    reason', '\treason'), '5: '],
  ])('%s', (_, text, expected) => {
    const lines = problems(text).split('\n');
    expect(lines).toContainEqual(expect.stringContaining(`waivers.yaml:${expected}`));
    expect(lines.every((line) => /^waivers\.yaml:\d+: ./.test(line))).toBe(true);
  });

  test('all of it at once, by line', () => {
    const text = one.replace('because', '""').replace('2027-11-01', 'never').replace('id: a', 'id: "?"');
    expect(
      problems(text)
        .split('\n')
        .map((line) => line.split(': ')[0]),
    ).toEqual(['waivers.yaml:2', 'waivers.yaml:5', 'waivers.yaml:9']);
  });

  test('under the name of the file', () => {
    expect(() => parseWaivers('', { today, file: 'w/accepted.yml' })).toThrow('w/accepted.yml:1: ');
  });
});

describe('hostile files do no harm', () => {
  test('a bomb of aliases is refused, not unfolded', () => {
    const bomb = `a: &a [x, x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, at) => `${name}: &${name} [${`*${'abcdefgh'[at]},`.repeat(20)}]`).join('\n')}\n`;
    expect(problems(bomb)).toContain('anchors and aliases are not taken here');
  });
  test.each([
    ['nesting', '['.repeat(100_000)],
    ['maps in maps', '{a: '.repeat(50_000)],
    ['length', `waivers: []\n#${'x'.repeat(1024 * 1024)}`],
    ['zero bytes', 'waivers: \u0000'],
    ['many faults', `waivers:\n${'  - x\n'.repeat(5000)}`],
  ])('%s', (_, text) => {
    const message = problems(text);
    expect(message).toContain('waivers.yaml:');
    expect(message.length).toBeLessThan(10_000);
  });
  test('whatever it is, it is read or refused', () => {
    const bit = fc.constantFrom(
      'waivers:',
      '\n',
      '  ',
      '- ',
      'id: ',
      'a',
      '[',
      ']',
      '{',
      '}',
      '&x ',
      '*x',
      '!t ',
      '"',
      "'",
      '|',
      '>',
      '#',
      ':',
      '__proto__: ',
      '---',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(bit, { maxLength: 40 }).map((bits) => bits.join('')),
          fc.string(),
        ),
        (text) => {
          expect(typeof problems(text)).toBe('string');
        },
      ),
      { numRuns: 500 },
    );
    expect(Object.prototype).not.toHaveProperty('id');
  });
});
