import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import type { EvidenceRecord } from '../functions/domain/model/evidence.ts';
import { atDepth } from './depth.ts';
import { scanWorld } from './scan-world.ts';

test('every answer that a finding names is kept, refusals included, and holds no credential', async () => {
  const { store, runId, rows } = await scanWorld(
    { accounts: atDepth({ quick: 16, deep: 40 }), regions: 4, seed: 7 },
    { settings: { sampleLogs: true, sampleAccounts: true, externalId: 'external-id-marker' } },
  );
  const records = new Map<string, EvidenceRecord>();
  let evidence = '';
  for await (const key of store.list(`evidence/${runId}/`)) {
    const bytes = await store.read(key);
    if (!key.endsWith('.gz') || !bytes) continue;
    const lines = gunzipSync(bytes).toString();
    evidence += lines;
    for (const line of lines.trimEnd().split('\n')) {
      const record = JSON.parse(line) as EvidenceRecord;
      records.set(record.ref, record);
    }
  }
  const findings = await rows('findings');
  const named = findings.flatMap(({ evidence_refs: refs, control_id: control, reason }) =>
    (refs as string[]).map((ref) => ({ ref, control, reason })),
  );
  expect(named.length).toBeGreaterThan(atDepth({ quick: 100, deep: 300 }));
  expect(named.filter(({ ref }) => !records.has(ref))).toEqual([]);
  const operations = new Set(named.map(({ ref }) => records.get(ref)?.operation));
  for (const operation of [
    'AssumeRole',
    'DescribeTrails',
    'GetTrailStatus',
    'DescribeKey',
    'ListBuckets',
    'HeadObject',
  ]) {
    expect(operations).toContain(operation);
  }
  const refused = [...records.values()].filter(({ operation, outcome }) => operation === 'AssumeRole' && !outcome.ok);
  expect(refused.length).toBeGreaterThan(0);
  expect(evidence).not.toMatch(/SecretAccessKey|SessionToken|AccessKeyId|\bA[SK]IA[A-Z0-9]{12}|external-id-marker/);
}, 60_000);
