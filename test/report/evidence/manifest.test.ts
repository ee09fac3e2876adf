import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  type Manifest,
  type ManifestSigner,
  manifestBytes,
  parseManifest,
  parseSignature,
} from '../../../functions/report/evidence/manifest.ts';
import { runProvenanceSchema } from '../../../functions/report/evidence/provenance.ts';
import { createSimulation } from '../../../functions/simulator/simulation.ts';
import { NOW, scanWorld } from '../../scan-world.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';

const world = { accounts: [{ name: 'management' }, { name: 'app' }, { name: 'shut', role: false }] };
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const scan = (options: Parameters<typeof scanWorld>[1] = {}) => scanWorld({ world }, options);
const manifestOf = (store: ReturnType<typeof memoryStore>, runId: string): Manifest =>
  parseManifest(store.files.get(`evidence/${runId}/manifest.json`) ?? new Uint8Array()) as Manifest;

describe('the manifest of a run', () => {
  it('lists every file of the run with its hash, but itself and what is written after it', async () => {
    const { store, runId } = await scan();
    const manifest = manifestOf(store, runId);
    const ofRun = [...store.files.keys()].filter((key) => key.includes(runId));
    const later = [`evidence/${runId}/manifest.json`, ...ofRun.filter((key) => key.startsWith('tables/runs/'))];
    const listed = new Map(manifest.files.map(({ key, sha256: hash }) => [key, hash]));
    expect([...listed.keys()].filter((key) => key.includes(runId)).sort()).toEqual(
      ofRun.filter((key) => !later.includes(key)).sort(),
    );
    for (const [key, hash] of listed) expect([key, sha256(store.files.get(key) ?? '')]).toEqual([key, hash]);
    expect(ofRun.some((key) => /population-/.test(key) && listed.has(key))).toBe(true);
  });

  it('holds the manifest hash of the run before it, whatever that one looked at', async () => {
    const store = memoryStore();
    const simulation = createSimulation({ now: NOW, world });
    const first = await scan({ store, simulation });
    const narrow = await scan({ store, simulation, settings: { onlyRegions: ['us-east-1'] } });
    const third = await scan({ store, simulation });
    const hashOf = (runId: string) => sha256(store.text(`evidence/${runId}/manifest.json`));
    expect(manifestOf(store, first.runId)).toMatchObject({ previous_run_id: null, previous_manifest_sha256: null });
    expect(manifestOf(store, narrow.runId).previous_manifest_sha256).toBe(hashOf(first.runId));
    expect(manifestOf(store, third.runId)).toMatchObject({
      previous_run_id: narrow.runId,
      previous_manifest_sha256: hashOf(narrow.runId),
    });
    // What is compared with is still the run of the same scope.
    expect(third.report.run.previous_run_id).toBe(first.runId);
    expect((await third.rows('runs'))[0]?.manifest_sha256).toBe(hashOf(third.runId));
  });

  it('of a resumed run keeps the one before it, for a later run may name that', async () => {
    const store = memoryStore();
    const simulation = createSimulation({ now: NOW, world });
    const { runId } = await scan({ store, simulation });
    const before = store.text(`evidence/${runId}/manifest.json`);
    await scan({ store, simulation, resume: runId });
    const { superseded } = manifestOf(store, runId);
    expect(superseded).toEqual([sha256(before)]);
    expect(store.text(`evidence/${runId}/superseded/${sha256(before)}.json`)).toBe(before);
  });

  it.each([0, 1, 999, 1_000, 1_001, 2_500])('with %d files is one JSON text, indented by one', async (count) => {
    const { store, runId } = await scan();
    const files = Array.from({ length: count }, (_, i) => ({ key: `runs/"${i}"`, sha256: sha256(`${i}`), bytes: i }));
    const manifest: Manifest = { ...manifestOf(store, runId), files };
    expect(Buffer.from(manifestBytes(manifest)).toString()).toBe(`${JSON.stringify(manifest, null, 1)}\n`);
  });

  it('is signed over its very bytes', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const signer: ManifestSigner = {
      keyName: 'a key',
      algorithm: 'Ed25519',
      sign: async (bytes) => sign(null, bytes, privateKey),
    };
    const { store, runId } = await scan({ ports: { signer: async () => signer } });
    const bytes = store.files.get(`evidence/${runId}/manifest.json`) ?? new Uint8Array();
    const signature = parseSignature(store.files.get(`evidence/${runId}/manifest.sig.json`) ?? new Uint8Array());
    expect(signature).toMatchObject({ key: 'a key', algorithm: 'Ed25519' });
    const made = Buffer.from(signature?.signature ?? '', 'base64');
    expect(verify(null, bytes, publicKey, made)).toBe(true);
    const other = Buffer.from(bytes);
    other[other.length - 3] = (other[other.length - 3] ?? 0) ^ 1;
    expect(verify(null, other, publicKey, made)).toBe(false);
  });
});

describe('how a run came to be', () => {
  it('is kept: who, with what settings, over which population, by which code; never the external id', async () => {
    const { store, runId } = await scan({ settings: { externalId: 'external-id-marker' } });
    const [key] = [...store.files.keys()].filter((name) => name.startsWith(`evidence/${runId}/run-`));
    const text = store.text(key ?? '');
    expect(JSON.parse(text)).toMatchObject({
      run_id: runId,
      simulated: true,
      resumed: false,
      scope: 'ORGANIZATION',
      accounts: 3,
      accounts_sha256: sha256(store.text(`runs/${runId}/accounts.ndjson`)),
      settings: { roleName: 'TrailSealAudit', externalIdSet: true },
      waivers: null,
    });
    expect(text).not.toContain('external-id-marker');
    expect(runProvenanceSchema.parse(JSON.parse(text))).toEqual(JSON.parse(text));
    const { externalIdSet: _, ...rest } = JSON.parse(text).settings;
    expect(runProvenanceSchema.safeParse({ ...JSON.parse(text), settings: rest }).success).toBe(false);
  });
});
