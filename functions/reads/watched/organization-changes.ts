import { JOINED } from '../../domain/watch/affected-accounts.ts';
import type { ChangedBy } from './change.ts';

export { JOINING } from '../../domain/watch/affected-accounts.ts';

const source = 'aws.organizations';
const LEFT = ['RemoveAccountFromOrganization', 'LeaveOrganization', 'CloseAccount', 'CloseAccountResult'];
const MOVED = ['MoveAccount'];

/**
 * What changes the answers about the organization, by the operation that functions/aws/organization asks for.
 * Organizations sends its events in one region of the partition (us-east-1), to the management account.
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html
 */
export const ORGANIZATION_CHANGES = {
  DescribeOrganization: { unwatched: 'The id of an organization never changes, nor does its management account.' },
  ListAccounts: [
    { source, events: [...JOINED, ...LEFT, ...MOVED] },
    // An account that Control Tower made or enrolled is in its unit only then.
    { source: 'aws.controltower', events: ['CreateManagedAccount', 'UpdateManagedAccount'] },
  ],
  ListAccountsForParent: [{ source, events: MOVED }],
  ListOrganizationalUnitsForParent: { unwatched: 'Names of units are words in the report; no verdict rests on them.' },
  ListRoots: { unwatched: 'A root stays as long as its organization.' },
  // Waivers may ask for tags of accounts.
  ListTagsForResource: [{ source, events: ['TagResource', 'UntagResource'] }],
} as const satisfies Record<string, ChangedBy>;
