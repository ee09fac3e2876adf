import type { ReportStore, StoreBody } from '../../functions/domain/model/store.ts';

/** A report root in memory: what an S3 prefix is to the code under test. `opened` counts reads, by key. */
export class MemoryStore implements ReportStore {
  readonly root: string;
  readonly objects = new Map<string, Uint8Array>();
  readonly opened: string[] = [];

  constructor(root = 's3://example-bucket/audit') {
    this.root = root;
  }

  async write(key: string, body: StoreBody): Promise<void> {
    if (typeof body === 'string' || body instanceof Uint8Array) {
      this.objects.set(key, typeof body === 'string' ? new TextEncoder().encode(body) : body);
      return;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    this.objects.set(key, Buffer.concat(chunks));
  }

  async read(key: string): Promise<Uint8Array | null> {
    this.opened.push(key);
    return this.objects.get(key) ?? null;
  }

  async open(key: string): Promise<AsyncIterable<Uint8Array> | null> {
    const bytes = await this.read(key);
    if (bytes === null) return null;
    return (async function* () {
      const half = bytes.length >> 1;
      yield bytes.subarray(0, half);
      yield bytes.subarray(half);
    })();
  }

  async *list(prefix: string): AsyncGenerator<string> {
    for (const key of [...this.objects.keys()].sort()) if (key.startsWith(prefix)) yield key;
  }

  objectKey(key: string): string {
    return `audit/${key}`;
  }
}
