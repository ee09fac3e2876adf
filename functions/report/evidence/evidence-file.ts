import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { EvidenceRecord } from '../../domain/model/evidence.ts';
import type { WrittenFile } from '../../domain/model/observation.ts';
import type { ReportStore } from '../../domain/model/store.ts';

/**
 * Writes raw answers as gzip NDJSON, sorted by ref, so that the same answers give the same file. null where there are
 * none. The name holds the hash of the content: a second look never replaces what an observation of the first rests on.
 */
export async function writeEvidence(request: {
  store: ReportStore;
  /** Ends in `.ndjson.gz`; the first 16 hex digits of the content's SHA-256 are put before that. */
  key: string;
  records: readonly EvidenceRecord[];
}): Promise<WrittenFile | null> {
  const { store, records } = request;
  if (records.length === 0) return null;
  const sorted = [...records].sort((a, b) => (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : a.at < b.at ? -1 : 1));
  const bytes = gzipSync(sorted.map((record) => `${JSON.stringify(record)}\n`).join(''), { level: 5 });
  const sha256 = hash('sha256', bytes, 'hex');
  const key = request.key.replace(/(?=\.ndjson\.gz$)/, `.${sha256.slice(0, 16)}`);
  await store.write(key, bytes);
  return { key, sha256, bytes: bytes.length };
}
