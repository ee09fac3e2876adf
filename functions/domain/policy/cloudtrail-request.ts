import { dnsSuffix } from '../model/arn.ts';
import { accountOfArn } from './principal.ts';
import { ABSENT, type Caller, type ContextReader, type KeyState, UNLISTED } from './request.ts';

/** The trail in whose name CloudTrail acts. */
export interface ActingTrail {
  /** For an organization trail the management account's trail, whichever member's events are delivered. */
  trailArn: string;
  trailOwnerAccountId: string;
  partition: string;
  /** `o-…` of the organization the trail's owner is in, where known: decides conditions on `aws:SourceOrgID`. */
  organizationId?: string | null;
  /** ISO 8601; decides conditions on the date. Without it they are undecided. */
  now?: string;
}

/** `cloudtrail.amazonaws.com` everywhere, and the name under the partition's own suffix where it has one. */
export const cloudTrailPrincipals = (partition: string): string[] => {
  const suffix = dnsSuffix(partition);
  const everywhere = 'cloudtrail.amazonaws.com';
  return suffix === 'amazonaws.com' ? [everywhere] : [everywhere, `cloudtrail.${suffix}`];
};

export const cloudTrailCaller = (partition: string): Caller => ({
  kind: 'SERVICE',
  names: cloudTrailPrincipals(partition),
});

/**
 * What is known of a request that CloudTrail makes for a trail; `special` holds the keys of the service that is asked,
 * in lower case, and goes first. A key that is nowhere here is unknown.
 */
export const cloudTrailContext = ({
  trail,
  sourceArns,
  resourceArn,
  special,
}: {
  trail: ActingTrail;
  /** One, or several of which the request carries one; null: it carries none. */
  sourceArns: readonly (string | null)[];
  resourceArn: string;
  special: ContextReader;
}): ContextReader => {
  const { trailOwnerAccountId: accountId, partition, organizationId, now } = trail;
  const names = cloudTrailPrincipals(partition);
  return serviceContext({ names, accountId, organizationId, now, sourceArns, resourceArn, special });
};

/** A request that an AWS service makes on behalf of one of an account's resources. */
export interface ServiceRequest {
  /** Its principal: one name per partition that gives it several. */
  names: readonly string[];
  accountId: string;
  organizationId?: string | null | undefined;
  /** ISO 8601; decides conditions on the date. Without it they are undecided. */
  now?: string | undefined;
  /** The resource on whose behalf: one, or several of which the request names one; null: it names none. */
  sourceArns: readonly (string | null)[];
  resourceArn: string;
  /** Keys of the service that is asked, in lower case; they go first. */
  special?: ContextReader;
}

/** What is known of such a request. A key that is nowhere here is unknown. */
export const serviceContext = ({
  names,
  accountId,
  organizationId,
  now,
  sourceArns,
  resourceArn,
  special = () => undefined,
}: ServiceRequest): ContextReader => {
  // A policy is asked dozens of times, and names a key or two: an answer is made when it is asked for.
  const known = (key: string): readonly KeyState[] | undefined => {
    switch (key) {
      case 'aws:sourcearn':
        return sourceArns.map((arn) => (arn === null ? null : [arn]));
      case 'aws:sourceaccount':
        return [[accountId]];
      case 'aws:principalservicename':
        return names.map((name) => [name]);
      case 'aws:resourceaccount': {
        const account = accountOfArn(resourceArn);
        return account ? [[account]] : undefined;
      }
      case 'aws:sourceorgid':
        return organizationId ? [[organizationId]] : undefined;
      case 'aws:currenttime':
        return now ? [[now]] : undefined;
      case 'aws:epochtime':
        return now ? [[String(Math.floor(Date.parse(now) / 1000))]] : undefined;
      default:
        return ALWAYS.get(key);
    }
  };
  return (key) => special(key) ?? known(key) ?? (key.startsWith('aws:principaltag/') ? ABSENT : undefined);
};

const UNLISTED_KEYS = [
  'kms:calleraccount',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:userid',
  'aws:sourceip',
  'aws:sourcevpc',
  'aws:sourcevpce',
];

const ABSENT_KEYS = ['aws:username', 'aws:multifactorauthpresent', 'aws:multifactorauthage', 'aws:tokenissuetime'];

const ALWAYS: ReadonlyMap<string, readonly KeyState[]> = new Map([
  ['aws:principalisawsservice', [['true']]],
  ['aws:securetransport', [['true']]],
  // A service principal is no identity of an account or an organization, nor behind a customer's network.
  ...UNLISTED_KEYS.map((key): [string, readonly KeyState[]] => [key, UNLISTED]),
  ...ABSENT_KEYS.map((key): [string, readonly KeyState[]] => [key, ABSENT]),
]);
