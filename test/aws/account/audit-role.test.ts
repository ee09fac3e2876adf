import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';
import { inDepth } from '../../depth.ts';
import { scanWorld } from '../../scan-world.ts';

/** The policies that docs/getting-started.md tells a reader to copy, given to the audit role of a simulated organization. */
const policy = (name: string): { Statement: { Action: string | string[] }[] } =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'policies', name), 'utf8'));

/** Everything that is read, in a member: nothing of it is seen with the scanner's own credentials. */
const world: WorldSpec = {
  accounts: [{ name: 'management' }, { name: 'member', accountPublicAccessBlock: 'policies' }],
  trails: [{ name: 'local', owner: 'member', key: 'k', bucket: 'b', logGroup: 'ct' }],
  keys: [{ name: 'k', owner: 'member' }],
  buckets: [
    {
      name: 'b',
      owner: 'member',
      publicBlocked: 'partly',
      objectLock: { mode: 'GOVERNANCE', days: 30 },
      expiryDays: 400,
    },
  ],
  eventDataStores: [{ name: 'lake', owner: 'member', key: 'k' }],
};

/** What a run comes to: every answer that the role's permissions may change. */
async function outcome(rolePolicy: object, sampleLogs = false) {
  const { report, rows } = await scanWorld(
    { world, rolePolicy: JSON.stringify(rolePolicy) },
    { settings: { sampleLogs } },
  );
  const strip = (table: 'keys' | 'buckets' | 'trails') =>
    rows(table).then((all) => all.map(({ run_id: _, observed_at: __, ...rest }) => rest));
  return {
    status: report.run.status,
    findings: (await rows('findings')).map((f) => `${f.control_id} ${f.status} ${f.reason}`).sort(),
    resources: [await strip('keys'), await strip('buckets'), await strip('trails')],
  };
}

describe('the policies of the audit role', () => {
  it('are enough: nothing is refused and nothing is unverified', async () => {
    const found = await outcome(policy('audit-role.json'));
    expect(found.status).toBe('COMPLETE');
    expect(found.findings.filter((words) => words.includes('UNVERIFIED'))).toEqual([]);
    const sampled = await outcome(policy('audit-role-with-log-samples.json'), true);
    expect(sampled.findings).toContain('delivered-logs-encrypted PASS KMS_WITH_KEY');
    expect(sampled.findings.filter((words) => words.includes('UNVERIFIED'))).toEqual([]);
  });

  inDepth('are no more than that: without any one of their actions something is no longer known', async () => {
    const whole = policy('audit-role-with-log-samples.json');
    const all = await outcome(whole, true);
    const spare: string[] = [];
    for (const action of whole.Statement.flatMap((s) => s.Action)) {
      const Statement = whole.Statement.map((s) => ({ ...s, Action: [s.Action].flat().filter((a) => a !== action) }));
      const less = await outcome({ ...whole, Statement: Statement.filter((s) => s.Action.length > 0) }, true);
      if (JSON.stringify(less) === JSON.stringify(all)) spare.push(action);
    }
    // Asked only where an older endpoint's ListBuckets leaves the region out.
    expect(spare).toEqual(['s3:GetBucketLocation']);
  });
});
