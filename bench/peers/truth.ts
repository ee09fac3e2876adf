import { isLive } from '../../functions/domain/model/organization.ts';
import { refusalOf } from '../../functions/simulator/server/authorization.ts';
import type { Simulation } from '../../functions/simulator/simulation.ts';

/** What is so in the simulated organization. Trails go by ARN, targets by `account/region`. */
export interface Truth {
  /** Accounts that are alive. */
  accountIds: string[];
  unsealed: Set<string>;
  /** Trails whose key is disabled, pending deletion or gone: no log is delivered under it. */
  deadKeys: Set<string>;
  /** Trails with a key of the organization that works. */
  workingKeys: Set<string>;
  /** Accounts whose role can be assumed and see no trail in any region. */
  withoutTrail: Set<string>;
  /** Accounts that refuse the role. */
  denied: Set<string>;
  /** Targets of accounts whose role was assumed that refuse DescribeTrails. */
  deniedTargets: Set<string>;
  /** Targets of accounts whose role was assumed that are not turned on. */
  disabledTargets: Set<string>;
}

/** Asks the simulated world itself, not its API. */
export const truthOf = ({ world, roleName, callerAccountId }: Simulation): Truth => {
  const truth: Truth = {
    accountIds: [],
    unsealed: new Set(),
    deadKeys: new Set(),
    workingKeys: new Set(),
    withoutTrail: new Set(),
    denied: new Set(),
    deniedTargets: new Set(),
    disabledTargets: new Set(),
  };
  for (let index = 0; index < world.accountCount; index++) {
    const account = world.accountAt(index);
    if (!isLive(account.state)) continue;
    truth.accountIds.push(account.id);
    if (!account.role && account.id !== callerAccountId) {
      truth.denied.add(account.id);
      continue;
    }
    let seen = 0;
    for (const { name: region } of world.regions) {
      const target = `${account.id}/${region}`;
      if (!world.isEnabled(account, region)) {
        truth.disabledTargets.add(target);
        continue;
      }
      const refusal = refusalOf({
        world,
        principal: { arn: `arn:aws:sts::${account.id}:assumed-role/${roleName}/truth` },
        account,
        region,
        action: 'cloudtrail:DescribeTrails',
        resource: '*',
        quoted: false,
        sessionPolicy: null,
        rolePolicy: null,
        namePolicies: false,
      });
      if (refusal !== null) {
        truth.deniedTargets.add(target);
        continue;
      }
      for (const trail of world.visibleTrails(account, region)) {
        seen++;
        if (trail.key === null) truth.unsealed.add(trail.arn);
        else if (isOurs(trail.key)) {
          (world.key(trail.key)?.state === 'Enabled' ? truth.workingKeys : truth.deadKeys).add(trail.arn);
        }
      }
    }
    if (seen === 0) truth.withoutTrail.add(account.id);
  }
  return truth;

  function isOurs(keyArn: string): boolean {
    return (world.account(keyArn.split(':')[4] ?? '')?.index ?? -1) >= 0;
  }
};
