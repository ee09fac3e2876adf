import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, it } from '@jest/globals';
import { createSimulation } from '../../functions/simulator/simulation.ts';
import type { WorldSpec } from '../../functions/simulator/world/world-spec.ts';
import { NOW, scanWorld } from '../scan-world.ts';
import { clientsOf } from '../simulator/clients.ts';

const OWNER = '111111111111';
const trail = (name: string, key?: string) => ({ name, owner: OWNER, bucket: 'logs', ...(key && { key }) });
/** Trails of one account that write into one folder, each with its own key or without one. */
const world = (...trails: ReturnType<typeof trail>[]): WorldSpec => ({
  accounts: [{ name: 'management', id: OWNER }],
  trails,
  keys: [
    { name: 'a', owner: OWNER },
    { name: 'b', owner: OWNER },
  ],
  buckets: [{ name: 'logs', owner: OWNER }],
});

describe('samples of log objects', () => {
  it.each([
    ['two keys', [trail('one', 'a'), trail('two', 'b')], { one: 'PASS', two: 'PASS' }],
    ['a key and none', [trail('one', 'a'), trail('two')], { one: 'PASS', two: 'FAIL' }],
    ['one key', [trail('one', 'a'), trail('two', 'a')], { one: 'PASS', two: 'PASS' }],
  ] as const)('are each trail’s own where two share bucket and prefix, with %s', async (_what, trails, expected) => {
    const { rows, report } = await scanWorld({ world: world(...trails) }, { settings: { sampleLogs: true } });
    const findings = (await rows('findings')).filter(({ control_id }) => control_id === 'delivered-logs-encrypted');
    const nameOf = (arn: string): string => arn.split('/').at(-1) ?? '';
    expect(Object.fromEntries(findings.map((row) => [nameOf(row.resource_arn), row.status]))).toEqual(expected);
    const keys = new Map((await rows('trails')).map((row) => [row.trail_arn, row.kms_key_arn]));
    for (const { resource_arn: arn, observed } of findings) {
      const key = keys.get(arn);
      expect(observed).toContain(key ? `aws:kms with ${key}` : 'AES256');
    }
    expect(report.run.status).toBe('COMPLETE');
  });

  it('tell how far back the logs go, with the encryption of the oldest', async () => {
    const { rows, store, runId } = await scanWorld(
      { world: world(trail('one', 'a')) },
      { settings: { sampleLogs: true } },
    );
    const finding = (await rows('findings')).find(({ control_id }) => control_id === 'bucket-retention');
    // The simulated bucket shows three days.
    expect(finding?.detail).toMatch(
      /^Of arn:\S+: The oldest log object that is there is AWSLogs\/\S+ \(2026-11-17T.*aws:kms with arn:/,
    );
    const [, key = ''] = /is (AWSLogs\/\S+) /.exec(finding?.detail ?? '') ?? [];
    expect(finding?.evidence_refs.some((ref) => ref.endsWith(`HeadObject/logs/${key}`))).toBe(true);
    expect([...store.files.keys()].some((name) => name.startsWith(`evidence/${runId}/inspect-`))).toBe(true);
  });
});

describe('the simulated bucket', () => {
  it('answers HeadObject for every object that it lists, in ascending order, where two trails share a folder', async () => {
    const simulation = createSimulation({ now: NOW, world: world(trail('one', 'a'), trail('two', 'b')) });
    const { s3 } = clientsOf({ simulation, timeout: 2_000 });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'logs' }));
    const keys = Contents.map(({ Key = '' }) => Key);
    expect(keys.length).toBeGreaterThan(20);
    expect(keys).toEqual([...new Set(keys)].sort());
    const seen = new Set<string | undefined>();
    for (const Key of keys) seen.add((await s3.send(new HeadObjectCommand({ Bucket: 'logs', Key }))).SSEKMSKeyId);
    expect(seen.size).toBe(2);
  });
});
