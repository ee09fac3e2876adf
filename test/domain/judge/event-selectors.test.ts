import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { managementEvents, unionOfManagementEvents } from '../../../functions/domain/judge/event-selectors.ts';
import type {
  AdvancedField,
  EventSelectors,
  ManagementEvents,
} from '../../../functions/domain/model/account-access.ts';

type Basic = EventSelectors['basic'][number];
const KMS = 'kms.amazonaws.com';
const RDS = 'rdsdata.amazonaws.com';

const all: Basic = {
  readWriteType: 'All',
  includeManagementEvents: true,
  excludeManagementEventSources: [],
  dataResources: [],
};
const read: Basic = { ...all, readWriteType: 'ReadOnly' };
const write: Basic = { ...all, readWriteType: 'WriteOnly' };
const dataOnly: Basic = { ...all, includeManagementEvents: false };
const without = (basic: Basic, ...excludeManagementEventSources: string[]): Basic => ({
  ...basic,
  excludeManagementEventSources,
});

const field = (name: string, operators: Partial<AdvancedField>): AdvancedField => ({
  field: name,
  equals: [],
  notEquals: [],
  startsWith: [],
  notStartsWith: [],
  endsWith: [],
  notEndsWith: [],
  ...operators,
});
const management = field('eventCategory', { equals: ['Management'] });
const data = field('eventCategory', { equals: ['Data'] });
const readOnly = (...equals: string[]) => field('readOnly', { equals });
const notFrom = (...notEquals: string[]) => field('eventSource', { notEquals });

describe('managementEvents by basic selectors', () => {
  test.each<[string, Basic[], ManagementEvents]>([
    ['none: the default takes all', [], 'ALL'],
    ['all', [all], 'ALL'],
    ['read', [read], 'READ'],
    ['write', [write], 'WRITE'],
    ['read and write', [read, write], 'ALL'],
    ['data events only', [dataOnly], 'NONE'],
    ['data events, and read', [dataOnly, read], 'READ'],
    ['without KMS', [without(all, KMS)], 'PARTIAL'],
    ['without KMS and RDS', [without(all, KMS, RDS)], 'PARTIAL'],
    ['read without KMS', [without(read, KMS)], 'PARTIAL'],
    ['without KMS, and all', [without(all, KMS), all], 'ALL'],
    ['without KMS, and without RDS: together all', [without(all, KMS), without(all, RDS)], 'ALL'],
    ['without both, and without RDS', [without(all, KMS, RDS), without(all, RDS)], 'PARTIAL'],
    ['write, and read without KMS', [write, without(read, KMS)], 'PARTIAL'],
    ['write without KMS, and read without RDS', [without(write, KMS), without(read, RDS)], 'PARTIAL'],
    ['excluded sources of a selector without management events', [without(dataOnly, KMS), all], 'ALL'],
    ['a type nobody knows', [{ ...all, readWriteType: 'Most' }], 'UNKNOWN'],
    ['a type nobody knows, and all', [{ ...all, readWriteType: 'Most' }, all], 'ALL'],
    ['a type nobody knows, and read', [{ ...all, readWriteType: '' }, read], 'UNKNOWN'],
  ])('%s', (_, basic, expected) => expect(managementEvents({ basic, advanced: [] })).toBe(expected));
});

describe('managementEvents by advanced selectors', () => {
  test.each<[string, AdvancedField[][], ManagementEvents]>([
    ['all', [[management]], 'ALL'],
    ['read', [[management, readOnly('true')]], 'READ'],
    ['write', [[management, readOnly('false')]], 'WRITE'],
    ['read or write', [[management, readOnly('true', 'false')]], 'ALL'],
    [
      'read, and write',
      [
        [management, readOnly('true')],
        [management, readOnly('false')],
      ],
      'ALL',
    ],
    ['read and write at once', [[management, readOnly('true'), readOnly('false')]], 'NONE'],
    ['data events only', [[data, field('resources.type', { equals: ['AWS::S3::Object'] })]], 'NONE'],
    ['network events only', [[field('eventCategory', { equals: ['NetworkActivity'] })]], 'NONE'],
    ['data events, and all', [[data], [management]], 'ALL'],
    ['without KMS', [[management, notFrom(KMS)]], 'PARTIAL'],
    ['without KMS, in two fields', [[management, notFrom(KMS), notFrom(RDS)]], 'PARTIAL'],
    [
      'without KMS, and without RDS',
      [
        [management, notFrom(KMS)],
        [management, notFrom(RDS)],
      ],
      'ALL',
    ],
    [
      'without KMS, and both, and RDS again',
      [
        [management, notFrom(KMS)],
        [management, notFrom(KMS, RDS)],
      ],
      'PARTIAL',
    ],
    ['one source', [[management, field('eventSource', { equals: [KMS] })]], 'PARTIAL'],
    ['sources beginning with', [[management, field('eventSource', { startsWith: ['k'] })]], 'PARTIAL'],
    ['without sources beginning with', [[management, field('eventSource', { notStartsWith: ['k'] })]], 'PARTIAL'],
    ['some events', [[management, field('eventName', { notEquals: ['Decrypt'] })]], 'PARTIAL'],
    [
      'without console sessions',
      [[management, field('sessionCredentialFromConsole', { notEquals: ['true'] })]],
      'PARTIAL',
    ],
    [
      'without an identity, read',
      [[management, readOnly('true'), field('userIdentity.arn', { notEquals: ['x'] })]],
      'PARTIAL',
    ],
    ['one source, and all', [[management, field('eventSource', { equals: [KMS] })], [management]], 'ALL'],
    [
      'one source, and the rest: not told from PARTIAL',
      [
        [management, field('eventSource', { equals: [KMS] })],
        [management, notFrom(KMS)],
      ],
      'PARTIAL',
    ],
    ['no category', [[readOnly('true')]], 'UNKNOWN'],
    ['no field', [[]], 'UNKNOWN'],
    ['a category but one', [[field('eventCategory', { notEquals: ['Data'] })]], 'UNKNOWN'],
    ['a readOnly of neither', [[management, readOnly('maybe')]], 'UNKNOWN'],
    ['a readOnly but one', [[management, field('readOnly', { notEquals: ['true'] })]], 'UNKNOWN'],
    ['no category, and all', [[readOnly('true')], [management]], 'ALL'],
    ['no category, and data', [[readOnly('true')], [data]], 'UNKNOWN'],
  ])('%s', (_, fields, expected) => {
    const advanced = fields.map((list) => ({ name: null, fields: list }));
    expect(managementEvents({ basic: [], advanced })).toBe(expected);
  });
});

describe('unionOfManagementEvents', () => {
  test.each<[ManagementEvents[], ManagementEvents]>([
    [[], 'NONE'],
    [['NONE'], 'NONE'],
    [['READ', 'WRITE'], 'ALL'],
    [['READ', 'READ', 'NONE'], 'READ'],
    [['WRITE', 'NONE'], 'WRITE'],
    [['READ', 'PARTIAL'], 'PARTIAL'],
    [['PARTIAL', 'PARTIAL'], 'PARTIAL'],
    [['PARTIAL', 'READ', 'WRITE'], 'ALL'],
    [['ALL', 'UNKNOWN'], 'ALL'],
    [['READ', 'UNKNOWN'], 'UNKNOWN'],
    [['READ', 'WRITE', 'UNKNOWN'], 'ALL'],
    [['NONE', 'UNKNOWN'], 'UNKNOWN'],
  ])('%j: %s', (list, expected) => expect(unionOfManagementEvents(list)).toBe(expected));

  test('does not depend on the order, nor on how the list is cut', () => {
    const kinds = fc.array(fc.constantFrom<ManagementEvents>('ALL', 'READ', 'WRITE', 'PARTIAL', 'NONE', 'UNKNOWN'));
    fc.assert(
      fc.property(kinds, kinds, (some, others) => {
        expect(unionOfManagementEvents([...some, ...others])).toBe(unionOfManagementEvents([...others, ...some]));
        expect(unionOfManagementEvents([unionOfManagementEvents(some), ...some])).toBe(unionOfManagementEvents(some));
      }),
    );
  });

  test('one more selector never takes less', () => {
    const selector = fc.constantFrom(all, read, write, dataOnly, without(all, KMS), without(write, RDS));
    const rank = { NONE: 0, UNKNOWN: 0, PARTIAL: 1, READ: 1, WRITE: 1, ALL: 2 };
    fc.assert(
      fc.property(fc.array(selector, { minLength: 1 }), selector, (basic, one) => {
        const before = managementEvents({ basic, advanced: [] });
        const after = managementEvents({ basic: [...basic, one], advanced: [] });
        expect(rank[after]).toBeGreaterThanOrEqual(rank[before]);
      }),
    );
  });
});
