import { describe, expect, it } from '@jest/globals';
import { parseScopes, scopeNamed } from '../../../functions/domain/scopes/scope.ts';

const FILE = `scopes:
  - name: card-data
    holds: [card-data]
    accounts: [000011112222, "111122223333"]
    ous:
      - Root/Payments, Refunds
    tags: [data=card]
  - name: clinics
    holds: [ephi, card-data]
    ous: [ou-ab12-cdefghij]
`;

describe('a file of scopes', () => {
  it('names parts of an organization; account ids keep their zeros, names of units their commas', () => {
    expect(parseScopes(FILE)).toEqual([
      {
        name: 'card-data',
        holds: ['card-data'],
        accounts: ['000011112222', '111122223333'],
        ous: ['Root/Payments, Refunds'],
        tags: ['data=card'],
      },
      { name: 'clinics', holds: ['ephi', 'card-data'], accounts: [], ous: ['ou-ab12-cdefghij'], tags: [] },
    ]);
    expect(scopeNamed('clinics', parseScopes(FILE)).ous).toEqual(['ou-ab12-cdefghij']);
    expect(() => scopeNamed('card-date', parseScopes(FILE))).toThrow(
      'There is no scope "card-date" (--scope) in scopes.yaml: the nearest is card-data.',
    );
    expect(() => scopeNamed('x', [])).toThrow('it has none');
  });

  it.each([
    ['', 's.yaml:1: the scope needs a list called scopes.'],
    ['scopes: {}', 's.yaml:1: scopes is not a list.'],
    ['scope: []', 's.yaml:1: there is no field "scope"; the nearest is scopes.'],
    ['scopes:\n  - accounts: ["111122223333"]', 's.yaml:2: name is missing.'],
    [
      'scopes:\n  - name: Card Data\n    ous: [Root]',
      's.yaml:2: name is not a name: small letters, digits and dashes, 64 at most.',
    ],
    ['scopes:\n  - name: a\n', 's.yaml:2: the scope names no accounts, ous or tags.'],
    ['scopes:\n  - name: a\n    accounts: [12]', 's.yaml:3: accounts is not an account id of 12 digits.'],
    ['scopes:\n  - name: a\n    acounts: []', 's.yaml:2: there is no field "acounts"; the nearest is accounts.'],
    ['scopes:\n  - name: a\n    ous: Root', 's.yaml:3: ous is not a list.'],
    ['scopes:\n  - name: a\n    tags: [card]', 's.yaml:3: tags is not a tag such as data=card.'],
    ['scopes:\n  - name: a\n    ous: [Root]\n    holds: [cards]', 's.yaml:4: holds is neither card-data nor ephi.'],
    ['scopes:\n  - name: a\n    ous: [Root]\n  - name: a\n    ous: [Root]', 's.yaml:4: there are two scopes called a.'],
    ['scopes: [', /^s\.yaml:1: /],
    ['scopes:\n  - name: a\n    name: b\n    ous: [Root]', /^s\.yaml:3: Map keys must be unique/],
  ])('that cannot be meant so is refused with its line: %j', (text, message) => {
    expect(() => parseScopes(text, 's.yaml')).toThrow(message);
  });
});
