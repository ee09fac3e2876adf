import { describe, expect, it } from '@jest/globals';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';
import { scanWorld } from '../../scan-world.ts';

const waiver = (fields: Record<string, string>): string =>
  Object.entries({
    reason: 'retired soon',
    ticket: 'SEC-1',
    approver: 'jane@example.com',
    approved_on: '2026-01-10',
    expires_on: '2026-12-31',
    ...fields,
  })
    .map(([name, value], at) => `${at === 0 ? '  - ' : '    '}${name}: ${JSON.stringify(value)}`)
    .join('\n');
const file = (...waivers: Record<string, string>[]): string => `waivers:\n${waivers.map(waiver).join('\n')}\n`;

const world: WorldSpec = {
  accounts: [{ name: 'management' }, { name: 'app', ou: 'Sandbox' }],
  trails: [{ name: 'plain', organization: true }],
};
const scan = (text: string) => scanWorld({ world }, { ports: { waivers: async () => text } });

describe('waivers in force', () => {
  it('keep a waived finding in the table, with who and until when, and count it apart', async () => {
    const { rows, report } = await scan(
      file(
        { id: 'w1', control: 'trail-kms-encrypted', accounts: '*' },
        { id: 'w2', control: 'trail-key-rotation', accounts: '*' },
      ),
    );
    const waived = (await rows('findings')).filter((row) => row.status === 'WAIVED');
    expect(waived).toMatchObject([
      {
        control_id: 'trail-kms-encrypted',
        waiver_id: 'w1',
        waived_by: 'jane@example.com',
        waived_until: '2026-12-31T23:59:59.999Z',
      },
    ]);
    expect(report.run.findings_waived).toBe(1);
    expect(report.findings.by_control['trail-kms-encrypted']).toMatchObject({ WAIVED: 1, FAIL: 0 });
    expect(report.waivers).toMatchObject({ in_force: 2, expired: [], matching_nothing: ['w2'] });
    expect(report.waivers.listed.map(({ id, state, findings }) => `${id} ${state} ${findings}`)).toEqual([
      'w1 IN_FORCE 1',
      'w2 MATCHES_NOTHING 0',
    ]);
  });

  it('that expired cover nothing: the finding fails again, and the waiver is listed with it', async () => {
    const { rows, report } = await scan(
      file({ id: 'old', control: 'trail-kms-encrypted', accounts: '*', expires_on: '2026-11-19' }),
    );
    const row = (await rows('findings')).find((found) => found.control_id === 'trail-kms-encrypted');
    expect(row).toMatchObject({ status: 'FAIL', waiver_id: null, waived_by: null, waived_until: null });
    expect(report.waivers).toMatchObject({ in_force: 0, expired: ['old'], matching_nothing: [] });
    expect(report.waivers.listed).toMatchObject([{ id: 'old', state: 'EXPIRED', findings: 1, ticket: 'SEC-1' }]);
  });

  it('hold through their last day', async () => {
    const { report } = await scan(
      file({ id: 'today', control: 'trail-kms-encrypted', ous: 'Root', expires_on: '2026-11-20' }),
    );
    expect(report.waivers.listed).toMatchObject([{ state: 'IN_FORCE', findings: 1 }]);
  });

  it('are refused by file and line before AWS is asked anything', async () => {
    const calls: unknown[] = [];
    const text = file({ id: 'w', control: 'trail-kms-encrypted', accounts: '*' }).replace('ticket', 'tikcet');
    const failing = scanWorld(
      { world },
      { ports: { waivers: async () => text }, hooks: { onCall: (call) => calls.push(call) } },
    );
    await expect(failing).rejects.toThrow(/^waivers\.yaml:3: there is no field "tikcet"; the nearest is ticket/m);
    expect(calls).toEqual([]);
  });

  it('that are an empty file are no waivers file', async () => {
    await expect(scan('')).rejects.toThrow(/^waivers\.yaml:1: must be a list/);
  });

  it('are kept with the evidence as they were written, and hashed', async () => {
    const text = `# ours\n${file({ id: 'w1', control: 'trail-kms-encrypted', accounts: '*' })}`;
    const { store, runId } = await scan(text);
    expect(store.text(`evidence/${runId}/waivers.yaml`)).toBe(text);
    const manifest = JSON.parse(store.text(`evidence/${runId}/manifest.json`)) as { files: { key: string }[] };
    expect(manifest.files.map(({ key }) => key)).toContain(`evidence/${runId}/waivers.yaml`);
  });
});
