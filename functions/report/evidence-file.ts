import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { EvidenceRecord } from '../domain/evidence.ts';
import type { WrittenFile } from '../domain/observation.ts';
import type { ReportStore } from '../domain/store.ts';

/** Writes raw answers as gzip NDJSON, sorted by ref, so that the same answers give the same file. null where there are none. */
export async function writeEvidence(request: {
  store: ReportStore;
  key: string;
  records: readonly EvidenceRecord[];
}): Promise<WrittenFile | null> {
  const { store, key, records } = request;
  if (records.length === 0) return null;
  const sorted = [...records].sort((a, b) => (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : a.at < b.at ? -1 : 1));
  const bytes = gzipSync(sorted.map((record) => `${JSON.stringify(record)}\n`).join(''), { level: 5 });
  await store.write(key, bytes);
  return { key, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}
