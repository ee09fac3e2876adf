import type { AccountSession } from '../../domain/model/account-access.ts';
import { usageError } from '../../domain/model/errors.ts';
import { type Account, type Caller, isLive, type OrganizationFacts } from '../../domain/model/organization.ts';
import { newRunId } from '../../domain/model/run-id.ts';
import { RUN_SETTINGS } from '../../domain/settings/run-settings.ts';
import { type Connection, connect } from '../connection.ts';
import { attempted, type Check, checkLine, ok, type Say, warning, wrong } from '../doctor/check.ts';
import { examineDeployment } from '../doctor/deployment.ts';
import { type DeploymentPlace, examineExisting, placementOf } from '../doctor/existing.ts';
import { programName } from '../program-name.ts';
import { runSettings, type ScanOptions } from '../scan-options.ts';
import type { Terminal } from '../terminal.ts';

export type DoctorOptions = Pick<ScanOptions, 'roleName' | 'externalId' | 'profile' | 'homeRegion' | 'simulate'> & {
  /** Look at what a deployment needs, not a scan. */
  deploy?: boolean;
  /** File with a deployment's settings. */
  settings?: string;
};

/**
 * `trailseal doctor`: what a first scan, or with `--deploy` a deployment, would stumble over, and the fix for each.
 * @returns 0 where nothing is wrong, else 2
 */
export async function doctorCommand(options: DoctorOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  if (options.deploy && options.simulate !== undefined)
    throw usageError('--deploy asks AWS what a deployment would find: leave --simulate out.');
  if (options.settings !== undefined && !options.deploy)
    throw usageError('--settings are those of a deployment: give --deploy with it.');
  const placement = placementOf(options.settings);
  const connection = await connect({ ...options, signal });
  const checks: Check[] = [];
  const say = (check: Check) => {
    checks.push(check);
    terminal.out.write(`${checkLine(check, terminal)}\n`);
  };
  let ready = `Ready: ${programName()} scan`;
  let notReady = UNTIL_REPAIRED.nothing;
  try {
    if (options.deploy) {
      [ready, notReady] = ['Ready for the three commands of docs/operations.md.', 'Repair that before you deploy.'];
      await examineTarget(connection, placement, say);
    } else notReady = UNTIL_REPAIRED[await examine(connection, options, say)];
  } finally {
    connection.close();
  }
  const isReady = checks.every(({ outcome }) => outcome !== 'wrong');
  terminal.out.write(`\n${isReady ? ready : notReady}\n`);
  return isReady ? 0 : 2;
}

/** What a scan would get to see as things are. */
type Reach = 'nothing' | 'this account' | 'the organization';

const UNTIL_REPAIRED: Record<Reach, string> = {
  nothing: 'Nothing can be scanned until that is repaired.',
  'this account': `Until that is repaired, this one account can be scanned: ${programName()} scan --accounts self`,
  'the organization':
    'Repair that for a complete run. `trailseal scan` already scans what it can reach, and names the rest.',
};

const identified = async ({ organization }: Connection, say: Say): Promise<Caller | null> => {
  const caller = await attempted('Credentials', () => organization.caller(), say);
  if (caller) say(ok('Credentials', `${caller.arn} in partition ${caller.partition}`));
  return caller;
};

const described = async ({ organization }: Connection, say: Say): Promise<OrganizationFacts | null> => {
  const facts = await organization.organization();
  if (facts.ok) return facts.value;
  say(
    wrong(
      'Organization',
      `${facts.failure.code}: ${facts.failure.message}`,
      'Use credentials of the management account or of a delegated administrator.',
    ),
  );
  return null;
};

/** The account and Region that `cdk deploy` is pointed at. */
async function examineTarget(connection: Connection, placement: DeploymentPlace, say: Say): Promise<void> {
  const caller = await identified(connection, say);
  if (!caller) return;
  const organization = await described(connection, say);
  const { createDeploymentReader } = await import('../../aws/deployment-reader.ts');
  const { access } = connection;
  const { namePrefix: prefix, existing, watch } = placement;
  await examineDeployment({ reader: createDeploymentReader(access), caller, organization, prefix }, say);
  const { createExistingReader } = await import('../../aws/existing-reader.ts');
  const { accountId, partition } = caller;
  const isWatching = watch.regions.length > 0;
  const reader = createExistingReader(access);
  await examineExisting({ reader, existing, prefix, accountId, partition, region: access.region, isWatching }, say);
}

async function examine(connection: Connection, options: DoctorOptions, say: Say): Promise<Reach> {
  const { organization } = connection;
  const caller = await identified(connection, say);
  if (!caller) return 'nothing';
  const facts = await described(connection, say);
  if (!facts) return 'this account';
  const accounts = await attempted('Organization', () => someAccounts(organization.accounts()), say);
  if (!accounts) return 'this account';
  const { managementAccountId, organizationId } = facts;
  say(ok('Organization', `${organizationId} can be listed; its management account is ${managementAccountId}`));
  const sessions = connection.sessions({
    callerAccountId: caller.accountId,
    callerArn: caller.arn,
    partition: caller.partition,
    settings: runSettings({ ...options, out: '', failOn: 'none' }, connection.region),
  });
  const runId = newRunId(connection.now());
  const member = accounts.find(
    (a) => isLive(a.accountState) && a.accountId !== managementAccountId && a.accountId !== caller.accountId,
  );
  const regions = await organization.regions();
  for (const [name, accountId] of [
    ['Management account', managementAccountId],
    ['A member account', member?.accountId],
  ] as const) {
    if (!accountId) {
      say(warning(name, 'there is none to try', null));
      continue;
    }
    const session = await sessions.open({ accountId, runId });
    const { roleName = RUN_SETTINGS.roleName.byDefault } = options;
    if (!session.ok) {
      say(
        wrong(
          name,
          `role ${roleName} in ${accountId}: ${session.failure.code}`,
          roleFix(roleName, accountId === managementAccountId),
        ),
      );
      continue;
    }
    say(ok(name, `${accountId} assumed as ${session.value.principalArn}`));
    await tryRegions(name, session.value, regions, say);
  }
  return 'the organization';
}

/** A Region deny policy applies where the home region answers and another is refused by an explicit deny. */
async function tryRegions(name: string, account: AccountSession, regions: string[], say: Say): Promise<void> {
  const optIns = await account.regions();
  if (!optIns.ok) {
    say(
      wrong(
        name,
        `ec2:DescribeRegions: ${optIns.failure.code}`,
        'Let the role call ec2:DescribeRegions (see docs/getting-started.md for its policy).',
      ),
    );
    return;
  }
  const enabled = new Set(optIns.value.filter((r) => r.optIn !== 'not-opted-in').map((r) => r.region));
  const denied: string[] = [];
  const refused: string[] = [];
  for (const region of regions.filter((r) => enabled.has(r))) {
    const trails = await account.trails(region);
    if (trails.ok) continue;
    (trails.failure.kind === 'DENIED_BY_SCP' ? denied : refused).push(region);
  }
  if (denied.length > 0) {
    say(
      warning(
        name,
        `a service control policy denies cloudtrail:DescribeTrails in ${denied.length} of ${enabled.size} Regions (${denied.slice(0, 4).join(', ')}${denied.length > 4 ? '…' : ''})`,
        'Their verdicts will be inferred from a multi-Region trail; to look there, exempt the audit role from the Region deny (docs/operations.md has the text).',
      ),
    );
  }
  if (refused.length > 0) {
    say(
      wrong(
        name,
        `cloudtrail:DescribeTrails is refused in ${refused.join(', ')}`,
        'Let the role call cloudtrail:DescribeTrails (see docs/getting-started.md for its policy).',
      ),
    );
  }
  if (denied.length + refused.length === 0)
    say(ok(name, `DescribeTrails answers in all ${enabled.size} enabled Regions`));
}

/** Enough accounts to find a live member, without listing tens of thousands. */
async function someAccounts(accounts: AsyncIterable<Account>): Promise<Account[]> {
  const some: Account[] = [];
  for await (const account of accounts) {
    some.push(account);
    if (some.length >= 20) break;
  }
  return some;
}

const roleFix = (role: string, management: boolean): string =>
  management
    ? `StackSets skip the management account: deploy the role ${role} there by itself (step one of docs/getting-started.md).`
    : `Roll out the role ${role} to the members (docs/getting-started.md), or name another with --role-name.`;
