import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePolicy } from '../../../functions/domain/policy/document.ts';
import { evaluatePolicy } from '../../../functions/domain/policy/evaluate.ts';
import type { Caller } from '../../../functions/domain/policy/request.ts';
import { atDepth } from '../../depth.ts';
import { knownContext } from './known-context.ts';

/*
 * The evaluator against another that nobody here wrote, on policies by hand and made at random.
 * Where the two differ on purpose:
 * - UNDECIDED has no counterpart there. An operator or value that makes no sense, NotPrincipal that names an account,
 *   a principal by unique id, ForAnyValue…IfExists on an absent key, Not… with a variable that has no value: it picks
 *   an answer, and none is picked here.
 * - An ARN operator with a value that is no ARN (`*`) matches nothing there and is undecided here.
 * - `${*}` is an asterisk in StringEquals as in StringLike here, as AWS documents, and only in StringLike there.
 * - Allow to an account root is ALLOWED (delegated) here; there the role's own policies count too, so it gets one that
 *   allows everything.
 */

const ACCOUNT = '111122223333';
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const TRAIL = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/main`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Reader`;
const OUTSIDER = 'arn:aws:iam::999900001111:role/Reader';
const CLOUDTRAIL = 'cloudtrail.amazonaws.com';

interface Request {
  principal: string;
  action: string;
  context: Record<string, string | string[]>;
}

/** It passes over kms:EncryptionContext keys, as it does over any key it does not list: a tag of that name stands in. */
const renamed = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value).replaceAll('kms:EncryptionContext:', 'aws:RequestTag/'));

const theirs = async (policy: object, { principal, action, context }: Request): Promise<'ALLOWED' | 'DENIED'> => {
  const allowAll = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const simulation: Simulation = {
    request: { principal, action, resource: { resource: KEY, accountId: ACCOUNT }, contextVariables: renamed(context) },
    identityPolicies: principal.startsWith('arn:') ? [{ name: 'all', policy: allowAll }] : [],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: renamed(policy),
  };
  const answer = await runSimulation(simulation, {});
  if (answer.resultType !== 'single') throw new Error(JSON.stringify(answer));
  if (answer.result.ignoredContextKeys?.length) throw new Error(`ignored: ${answer.result.ignoredContextKeys}`);
  return answer.overallResult === 'Allowed' ? 'ALLOWED' : 'DENIED';
};

const ours = (policy: object, { principal, action, context }: Request) => {
  const parsed = parsePolicy(JSON.stringify(policy));
  if (!parsed.ok) throw new Error(parsed.detail);
  const caller: Caller = principal.startsWith('arn:')
    ? { kind: 'AWS', arn: principal }
    : { kind: 'SERVICE', names: [principal] };
  return evaluatePolicy(parsed.document, { caller, action, resourceArn: KEY, context: knownContext(context) }).decision;
};

const byCloudTrail: Request = {
  principal: CLOUDTRAIL,
  action: 'kms:GenerateDataKey',
  context: {
    'aws:SourceArn': TRAIL,
    'aws:SourceAccount': ACCOUNT,
    'kms:EncryptionContext:aws:cloudtrail:arn': TRAIL,
    'kms:EncryptionContextKeys': ['aws:cloudtrail:arn'],
    'aws:PrincipalIsAWSService': 'true',
    'aws:SecureTransport': 'true',
  },
};
const byRole: Request = {
  principal: ROLE,
  action: 'kms:Decrypt',
  context: {
    'kms:CallerAccount': ACCOUNT,
    'aws:PrincipalAccount': ACCOUNT,
    'aws:PrincipalArn': ROLE,
    'aws:PrincipalOrgID': 'o-abcdefghij',
    'aws:PrincipalOrgPaths': ['o-abcdefghij/r-ab12/ou-ab12-11111111/'],
    'aws:PrincipalIsAWSService': 'false',
    'aws:SecureTransport': 'true',
    'kms:EncryptionContext:aws:cloudtrail:arn': TRAIL,
    'aws:CurrentTime': '2026-11-23T12:00:00Z',
    'aws:SourceIp': '203.0.113.9',
  },
};
const byOutsider: Request = {
  ...byRole,
  principal: OUTSIDER,
  context: {
    ...byRole.context,
    'kms:CallerAccount': '999900001111',
    'aws:PrincipalAccount': '999900001111',
    'aws:PrincipalArn': OUTSIDER,
    'aws:PrincipalOrgID': 'o-zzzzzzzzzz',
    'aws:PrincipalOrgPaths': ['o-zzzzzzzzzz/r-zz12/'],
  },
};
const requests = [
  byCloudTrail,
  { ...byCloudTrail, action: 'kms:Decrypt' },
  byRole,
  byOutsider,
  { ...byRole, action: 'kms:DescribeKey' },
];

const root = {
  Sid: 'Root',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: 'kms:*',
  Resource: '*',
};
const trail = {
  Sid: 'Trail',
  Effect: 'Allow',
  Principal: { Service: CLOUDTRAIL },
  Action: 'kms:GenerateDataKey*',
  Resource: '*',
};
const open = { Sid: 'Open', Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt', Resource: '*' };
const shut = { Sid: 'Shut', Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' };
const when = (operator: string, key: string, value: unknown) => ({ Condition: { [operator]: { [key]: value } } });
const CONTEXT = 'kms:EncryptionContext:aws:cloudtrail:arn';
const TRAILS = `arn:aws:cloudtrail:*:${ACCOUNT}:trail/*`;

const policies: [string, object[]][] = [
  ['the root alone', [root]],
  [
    'the key policy AWS documents',
    [root, { ...trail, Condition: { StringEquals: { 'aws:SourceArn': TRAIL }, StringLike: { [CONTEXT]: TRAILS } } }],
  ],
  ['by source ARN', [trail, { ...trail, ...when('StringEquals', 'aws:SourceArn', TRAIL) }]],
  ['another trail', [{ ...trail, ...when('StringEquals', 'aws:SourceArn', `${TRAIL}2`) }]],
  ['by encryption context', [{ ...trail, ...when('StringLike', CONTEXT, TRAILS) }]],
  [
    'another account in the encryption context',
    [{ ...trail, ...when('StringLike', CONTEXT, TRAILS.replace('1111', '4444')) }],
  ],
  ['a star in StringEquals', [{ ...trail, ...when('StringEquals', CONTEXT, TRAILS) }]],
  ['ArnLike', [{ ...trail, ...when('ArnLike', 'aws:SourceArn', TRAILS) }]],
  ['ArnEquals with a star', [{ ...trail, ...when('ArnEquals', 'aws:SourceArn', TRAILS) }]],
  ['ArnNotLike deny', [trail, { ...shut, ...when('ArnNotLike', 'aws:SourceArn', TRAILS) }]],
  ['by source account', [{ ...trail, ...when('StringEquals', 'aws:SourceAccount', ACCOUNT) }]],
  ['one of several accounts', [{ ...trail, ...when('StringEquals', 'aws:SourceAccount', ['444455556666', ACCOUNT]) }]],
  [
    'none of several accounts',
    [{ ...trail, ...when('StringNotEquals', 'aws:SourceAccount', ['444455556666', ACCOUNT]) }],
  ],
  ['readers with an encryption context', [{ ...open, ...when('Null', CONTEXT, 'false') }]],
  ['readers without an encryption context', [{ ...open, ...when('Null', CONTEXT, 'true') }]],
  ['open', [open]],
  ['open to the caller account', [{ ...open, ...when('StringEquals', 'kms:CallerAccount', ACCOUNT) }]],
  [
    'open to the caller account if it exists',
    [{ ...open, ...when('StringEqualsIfExists', 'kms:CallerAccount', ACCOUNT) }],
  ],
  ['open to the organization', [{ ...open, ...when('StringEquals', 'aws:PrincipalOrgID', 'o-abcdefghij') }]],
  [
    'open, denied outside the organization',
    [open, { ...shut, ...when('StringNotEquals', 'aws:PrincipalOrgID', 'o-abcdefghij') }],
  ],
  [
    'open, denied outside the organization but for services',
    [
      open,
      trail,
      {
        ...shut,
        Condition: {
          StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-abcdefghij' },
          BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
        },
      },
    ],
  ],
  ['org paths, any value', [{ ...open, ...when('ForAnyValue:StringLike', 'aws:PrincipalOrgPaths', 'o-abcdefghij/*') }]],
  [
    'org paths, all values',
    [{ ...open, ...when('ForAllValues:StringLike', 'aws:PrincipalOrgPaths', 'o-abcdefghij/*') }],
  ],
  [
    'org paths, any value not',
    [open, { ...shut, ...when('ForAnyValue:StringNotLike', 'aws:PrincipalOrgPaths', 'o-abcdefghij/*') }],
  ],
  [
    'org paths, all values not',
    [open, { ...shut, ...when('ForAllValues:StringNotLike', 'aws:PrincipalOrgPaths', 'o-abcdefghij/*') }],
  ],
  ['TLS only', [root, trail, { ...shut, ...when('Bool', 'aws:SecureTransport', 'false') }]],
  ['TLS only, by a boolean', [root, trail, { ...shut, ...when('Bool', 'aws:SecureTransport', true) }]],
  ['until a date', [{ ...open, ...when('DateLessThan', 'aws:CurrentTime', '2026-12-01T00:00:00Z') }]],
  ['since a date', [{ ...open, ...when('DateGreaterThanEquals', 'aws:CurrentTime', '2026-12-01T00:00:00Z') }]],
  ['from an address', [{ ...open, ...when('IpAddress', 'aws:SourceIp', '203.0.113.0/24') }]],
  ['not from an address', [open, trail, { ...shut, ...when('NotIpAddress', 'aws:SourceIp', '203.0.113.0/24') }]],
  ['a role by name', [{ ...open, Principal: { AWS: [ROLE, 'arn:aws:iam::444455556666:role/Else'] } }]],
  ['a denied role', [root, { ...shut, Principal: { AWS: ROLE } }]],
  ['NotAction', [{ ...open, Action: undefined, NotAction: ['kms:Put*', 'kms:Describe*'] }]],
  ['NotAction in a deny', [root, open, { ...shut, Action: undefined, NotAction: 'kms:Decrypt' }]],
  ['NotResource', [{ ...open, Resource: undefined, NotResource: KEY }]],
  ['another key', [{ ...open, Resource: KEY.replace('1234', '9999') }]],
  ['keys by pattern', [{ ...open, Resource: `arn:aws:kms:us-east-?:${ACCOUNT}:key/*` }]],
  ['NotPrincipal by name', [{ ...open, Principal: undefined, NotPrincipal: { AWS: OUTSIDER } }]],
  ['NotPrincipal deny', [root, open, { ...shut, Principal: undefined, NotPrincipal: { AWS: ROLE } }]],
  [
    'NotPrincipal deny but for the service',
    [trail, { ...shut, Principal: undefined, NotPrincipal: { Service: CLOUDTRAIL } }],
  ],
  ['a variable', [{ ...open, ...when('StringEquals', 'aws:PrincipalAccount', '${kms:CallerAccount}') }]],
  ['a variable that is absent', [{ ...open, ...when('StringEquals', 'aws:PrincipalAccount', '${aws:username}') }]],
  [
    'a variable with a default',
    [{ ...open, ...when('StringEquals', 'aws:PrincipalAccount', `\${aws:username, '${ACCOUNT}'}`) }],
  ],
  [
    'encryption context keys',
    [{ ...trail, ...when('ForAllValues:StringEquals', 'kms:EncryptionContextKeys', ['aws:cloudtrail:arn']) }],
  ],
  ['case in actions', [{ ...open, Action: 'KMS:dECRYPT' }]],
  ['case in operators and keys', [{ ...open, ...when('stringequals', 'KMS:calleraccount', ACCOUNT) }]],
];

describe('against @cloud-copilot/iam-simulate', () => {
  test('over at least 30 policies by hand', () => expect(policies.length).toBeGreaterThanOrEqual(30));

  test.each(policies)('%s', async (_, statements) => {
    const policy = { Version: '2012-10-17', Statement: statements };
    const decided = requests.map((request) => ours(policy, request));
    expect(decided).toEqual(await Promise.all(requests.map((request) => theirs(policy, request))));
  });

  test('over policies made at random', async () => {
    const operator = fc.constantFrom(
      'StringEquals',
      'StringNotEquals',
      'StringLike',
      'StringNotLike',
      'StringEqualsIgnoreCase',
      'StringNotEqualsIgnoreCase',
    );
    const set = fc.constantFrom('', '', '', 'ForAllValues:', 'ForAnyValue:');
    const key = fc.constantFrom('aws:RequestTag/one', 'aws:RequestTag/two', 'aws:RequestTag/none');
    const text = fc.constantFrom(
      'a',
      'ab',
      'A',
      'a*',
      '*',
      '?b',
      '${aws:RequestTag/one}',
      '${aws:RequestTag/none}',
      "${aws:RequestTag/none, 'ab'}",
      'x',
    );
    const condition = fc
      .tuple(set, operator, fc.boolean(), key, fc.array(text, { minLength: 1, maxLength: 3 }))
      // What ForAnyValue with IfExists means for an absent key is undecided here on purpose.
      .map(([prefix, base, ifExists, name, values]) =>
        when(`${prefix}${base}${ifExists && prefix === '' ? 'IfExists' : ''}`, name, values),
      );
    const presence = fc.tuple(key, fc.boolean()).map(([name, absent]) => when('Null', name, String(absent)));
    const principal = fc.constantFrom<object>(
      { Principal: '*' },
      { Principal: { AWS: ROLE } },
      { Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:root`] } },
      { Principal: { Service: CLOUDTRAIL } },
      { NotPrincipal: { AWS: OUTSIDER } },
      { NotPrincipal: { Service: CLOUDTRAIL } },
    );
    const action = fc.constantFrom<object>(
      { Action: 'kms:Decrypt' },
      { Action: ['kms:De*', 'kms:Gen*'] },
      { Action: '*' },
      { NotAction: 'kms:D*' },
      { NotAction: ['kms:GenerateDataKey?*'] },
    );
    const resource = fc.constantFrom<object>(
      { Resource: '*' },
      { Resource: [KEY] },
      { NotResource: KEY },
      { Resource: 'arn:aws:kms:*:*:key/?234*' },
    );
    const statement = fc
      .tuple(
        fc.constantFrom('Allow', 'Allow', 'Deny'),
        principal,
        action,
        resource,
        fc.oneof(fc.constant({}), condition, presence),
      )
      .map(([effect, ...parts]) => Object.assign({ Effect: effect }, ...parts));
    const value = fc.constantFrom('a', 'ab', 'A', 'b', '*', 'x');
    const request = fc
      .tuple(
        fc.constantFrom(ROLE, OUTSIDER, CLOUDTRAIL),
        fc.constantFrom('kms:Decrypt', 'kms:GenerateDataKey'),
        value,
        fc.option(value),
      )
      .map(
        ([principal, action, one, two]): Request => ({
          principal,
          action,
          context: { 'aws:RequestTag/one': one, ...(two ? { 'aws:RequestTag/two': two } : {}) },
        }),
      );
    let allowed = 0;
    let undecided = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 4 }), request, async (statements, asked) => {
        const policy = { Version: '2012-10-17', Statement: statements };
        const decided = ours(policy, asked);
        if (decided === 'UNDECIDED') {
          undecided += 1;
          return expect(JSON.stringify(policy)).toContain('${aws:RequestTag/none}');
        }
        expect(decided).toBe(await theirs(policy, asked));
        if (decided === 'ALLOWED') allowed += 1;
      }),
      { numRuns: atDepth({ quick: 250, deep: 1000 }) },
    );
    expect(allowed).toBeGreaterThan(40);
    expect(undecided).toBeLessThan(250);
  }, 60_000);
});
