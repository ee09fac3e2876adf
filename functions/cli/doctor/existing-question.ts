import type { ExistingReader } from '../../aws/existing-reader.ts';
import { serviceContext } from '../../domain/policy/cloudtrail-request.ts';
import type { Caller, ContextReader, KeyState } from '../../domain/policy/request.ts';
import type { Placement } from '../../domain/settings/placement.ts';

/** What of a deployment's settings is looked at, and where it would go. */
export interface ExistingQuestion {
  reader: ExistingReader;
  existing: Placement['existing'];
  /** Beginning of the names that the deployment gives. */
  prefix: string;
  accountId: string;
  partition: string;
  region: string;
  /** Changes are watched: EventBridge uses the key, too. */
  isWatching: boolean;
}

/** Something that a policy must allow, and the statement that would. */
export interface Need {
  /** Goes on from "its policy does not let". */
  what: string;
  requests: readonly { caller: Caller; action: string; resourceArn: string; context: ContextReader }[];
  statement: object;
}

/** What an AWS service asks on behalf of a resource of the account. */
export const asService = (
  { accountId }: Pick<ExistingQuestion, 'accountId'>,
  of: { names: readonly string[]; actions: readonly string[]; resourceArn: string; sourceArn: string | null },
  special: Readonly<Record<string, string>> = {},
): Need['requests'] => {
  const known = new Map(Object.entries(special).map(([key, value]): [string, readonly KeyState[]] => [key, [[value]]]));
  const { names, actions, resourceArn, sourceArn } = of;
  const context = serviceContext({
    ...{ names, accountId, sourceArns: [sourceArn], resourceArn },
    special: (key) => known.get(key),
  });
  return actions.map((action) => ({ caller: { kind: 'SERVICE', names }, action, resourceArn, context }));
};
