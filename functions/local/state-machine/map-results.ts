import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { ReportStore } from '../../domain/model/store.ts';
import type { ChildResult, ResultManifest } from '../../domain/run/map-result.ts';
import type { Json } from './definition.ts';

/** Where a map's results went, as the Map state of Step Functions returns it. */
export interface MapRunResult {
  MapRunArn: string;
  ResultWriterDetails: { Bucket: string; Key: string };
}

export interface EndedChild {
  name: string;
  input: Json;
  startedAt: Date;
  outcome: { status: 'SUCCEEDED'; output: Json } | { status: 'FAILED'; error: string; cause: string };
}

export interface MapResults {
  /** Waits while the store is slower than the children. Throws what the store threw. */
  add(child: EndedChild): Promise<void>;
  /** Completes the files and writes the manifest. */
  close(): Promise<MapRunResult>;
  /** Drops the files: a map run that was stopped leaves none. */
  discard(): void;
}

/**
 * Writes what ResultWriter writes: `<prefix>/<uuid>/SUCCEEDED_0.json`, `FAILED_0.json` and `manifest.json`. A failed
 * child keeps its full input and cause. Of one that succeeded the input is left out (`InputDetails` says so): the items
 * are in a file of their own already.
 * @param request.keyOf turns the S3 object key of a file into the store's key
 */
export function openMapResults(request: {
  store: ReportStore;
  label: string;
  executionArn: string;
  bucket: string;
  prefix: string;
  keyOf: (objectKey: string) => string;
}): MapResults {
  const { store, label, executionArn, bucket, keyOf } = request;
  const id = randomUUID();
  const folder = `${request.prefix.replace(/\/$/, '')}/${id}`;
  const mapRunArn = `${executionArn}:mapRun/${label}:${id}`;
  const files = new Map<'SUCCEEDED' | 'FAILED', ResultFile>();

  return {
    async add({ name, input, startedAt, outcome }) {
      const { status } = outcome;
      const file = files.get(status) ?? new ResultFile(store, `${folder}/${status}_0.json`, keyOf);
      files.set(status, file);
      const entry: ChildResult = {
        ExecutionArn: `${mapRunArn}:${name}`,
        ...(status === 'FAILED' && { Input: JSON.stringify(input) }),
        InputDetails: { Included: status === 'FAILED' },
        Name: name,
        ...(outcome.status === 'FAILED'
          ? { Error: outcome.error, Cause: outcome.cause }
          : { Output: JSON.stringify(outcome.output), OutputDetails: { Included: true } }),
        RedriveCount: 0,
        StartDate: startedAt.toISOString(),
        Status: status,
        StopDate: new Date().toISOString(),
      };
      await file.add(JSON.stringify(entry));
    },
    async close() {
      const listed: ResultManifest['ResultFiles'] = { FAILED: [], PENDING: [], SUCCEEDED: [] };
      for (const [status, file] of files) listed[status] = [{ Key: file.objectKey, Size: await file.close() }];
      const objectKey = `${folder}/manifest.json`;
      const manifest: ResultManifest = { DestinationBucket: bucket, MapRunArn: mapRunArn, ResultFiles: listed };
      await store.write(keyOf(objectKey), `${JSON.stringify(manifest, null, 2)}\n`);
      return { MapRunArn: mapRunArn, ResultWriterDetails: { Bucket: bucket, Key: objectKey } };
    },
    discard() {
      for (const file of files.values()) file.discard();
    },
  };
}

/** Text gathered before it goes to the store, so that 50,000 tiny results are not 50,000 writes. */
const BLOCK = 65_536;

/** A JSON array that is written while it grows. */
class ResultFile {
  readonly objectKey: string;
  readonly #body = new PassThrough();
  readonly #written: Promise<void>;
  #pending = '[';
  #entries = 0;
  #size = 0;
  #draining: Promise<unknown> | null = null;

  constructor(store: ReportStore, objectKey: string, keyOf: (objectKey: string) => string) {
    this.objectKey = objectKey;
    this.#written = store.write(keyOf(objectKey), this.#body);
    // Its failure is thrown by the next add or close; until then it must not count as unhandled.
    this.#written.catch(() => {});
    // A store that failed at once listens no more when the file is discarded.
    this.#body.on('error', () => {});
  }

  async add(entry: string): Promise<void> {
    this.#pending += `${this.#entries === 0 ? '' : ','}\n${entry}`;
    this.#entries += 1;
    if (this.#pending.length >= BLOCK) this.#flush();
    if (this.#draining !== null) await this.#draining;
  }

  async close(): Promise<number> {
    this.#pending += '\n]\n';
    this.#flush();
    this.#body.end();
    await this.#written;
    return this.#size;
  }

  discard(): void {
    this.#body.destroy(new Error('the map run was stopped'));
  }

  #flush(): void {
    const block = Buffer.from(this.#pending);
    this.#pending = '';
    this.#size += block.length;
    if (this.#body.write(block)) return;
    // All children wait for the same drain, or for the store's failure.
    this.#draining ??= Promise.race([once(this.#body, 'drain'), this.#written]).finally(() => {
      this.#draining = null;
    });
    this.#draining.catch(() => {});
  }
}
