import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { EvidenceRecord } from '../../../functions/domain/model/evidence.ts';
import type { SimulationSpec } from '../../../functions/simulator/simulation.ts';
import { atDepth } from '../../depth.ts';
import { type ScannedWorld, type SETTINGS, scanWorld } from '../../scan-world.ts';

/** Findings that rest on no answer of their own: nothing was asked, or the asking never ended. */
const NOTHING_ASKED = new Set([
  // Left out, or no longer working: the list of accounts, kept as population evidence, says so.
  'ACCOUNT_FILTER',
  'EXCLUDED_ACCOUNT',
  'OU_FILTER',
  'TAG_FILTER',
  'SCOPE_FILTER',
  'REGION_FILTER',
  'SUSPENDED',
  'CLOSED',
  'PENDING_ACTIVATION',
  // The child died, and its cause is in runs/<run_id>/failures.
  'CHILD_FAILED',
  'NO_ANSWER',
  // Whole lists of buckets were searched in vain: there is no one answer.
  'OWNER_UNKNOWN',
  // Keys that lie outside the organization, or are named in a way that tells no account, are never asked for.
  'KEY_OUTSIDE_ORGANIZATION',
  'KEY_ID_NOT_AN_ARN',
  'KEY_OWNER_INACTIVE',
  'KEY_NOT_INSPECTED',
  'NOT_INSPECTED',
  'STATUS_NOT_READ',
  'NOT_SAMPLED',
  // The owner of its bucket is not known either.
  'SAMPLE_DENIED',
  'NO_KEY',
]);

function records({ store, runId }: ScannedWorld): EvidenceRecord[] {
  return [...store.files]
    .filter(([key]) => key.startsWith(`evidence/${runId}/`) && key.endsWith('.ndjson.gz'))
    .flatMap(([, bytes]) => gunzipSync(bytes).toString('utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as EvidenceRecord);
}

const SIZE: SimulationSpec = atDepth({ quick: { accounts: 16, regions: 8 }, deep: {} });

const worlds: [string, SimulationSpec, Partial<typeof SETTINGS>][] = [
  ['the showcase', SIZE, {}],
  ['a part of the showcase, with delivered logs', SIZE, { sampleLogs: true, excludeRegions: ['us-west-2'] }],
];

describe.each(worlds)('the evidence of %s', (_name, spec, settings) => {
  it('holds every record that a finding names, and every finding names one or has nothing to name', async () => {
    const world = await scanWorld({ ...spec }, { settings });
    const kept = new Set(records(world).map(({ ref }) => ref));
    const findings = await world.rows('findings');
    expect(findings.length).toBeGreaterThan(atDepth({ quick: 150, deep: 500 }));
    const dangling = findings.flatMap((row) =>
      row.evidence_refs.filter((ref) => !kept.has(ref)).map((ref) => `${row.control_id} ${row.reason}: ${ref}`),
    );
    expect(dangling).toEqual([]);
    const bare = findings.filter(
      (row) =>
        row.evidence_refs.length === 0 && row.status !== 'NOT_APPLICABLE' && !NOTHING_ASKED.has(row.reason ?? ''),
    );
    expect(bare.map((row) => `${row.control_id} ${row.status} ${row.reason} ${row.resource_arn}`)).toEqual([]);
  });
});

describe('the evidence of a run', () => {
  it('holds the refusal of an account whose role could not be assumed, and its findings name it', async () => {
    const world = await scanWorld({
      world: { accounts: [{ name: 'management' }, { name: 'closed-sessions', role: false }] },
    });
    const denied = (await world.rows('findings')).find((row) => row.reason === 'ASSUMEROLE_REFUSED');
    expect(denied?.evidence_refs).toEqual([`${denied?.account_id}/*/AssumeRole`]);
    const record = records(world).find(({ ref }) => ref === denied?.evidence_refs[0]);
    expect(record).toMatchObject({ operation: 'AssumeRole', outcome: { ok: false, code: 'AccessDenied' } });
    expect(record?.requestId).toBeTruthy();
  });
});
