import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { createS3Store } from '../../functions/aws/stores/s3-store.ts';
import type { ReportStore } from '../../functions/domain/model/store.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { createSimulation, type Simulation, type SimulationSpec } from '../../functions/simulator/simulation.ts';
import { type MemoryStore, memoryStore } from '../statemachine/memory-store.ts';

export type RootForm = 'memory' | 's3' | 'directory';

/** A report root of one of its forms, and what a bystander sees in it. */
export interface ChaosRoot {
  /** As the run under faults has it: in S3 the connection is as bad as everywhere else. */
  store: ReportStore;
  /** The same files once the weather has cleared. */
  calm(): ReportStore;
  /** A copy of what lies there now. */
  seen(): Promise<MemoryStore>;
  /** The faults of the root's own calls. */
  faults(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** @param rate how bad the connection to an S3 root is, 0 to 1 */
export async function openChaosRoot(form: RootForm, weather: { seed: number; rate: number }): Promise<ChaosRoot> {
  if (form === 's3') return s3Root(weather);
  if (form === 'directory') return directoryRoot();
  const store = memoryStore();
  return { store, calm: () => store, seen: async () => store, faults: () => ({}), close: async () => {} };
}

/** The real S3 store before the simulated S3: signatures, multipart uploads, listings in pages, lost answers. */
function s3Root({ seed, rate }: { seed: number; rate: number }): ChaosRoot {
  const bucketOf = (faults: SimulationSpec) => createSimulation({ preset: 'tidy', accounts: 1, regions: 1, ...faults });
  const faulty = bucketOf({
    ...{ seed, throttle: rate, error: rate / 2, reset: rate / 2, lost: rate / 2, truncated: rate / 4 },
    ...{ stall: rate / 20, pageSize: 20 },
  });
  let current: Simulation = faulty;
  return {
    store: storeIn(faulty),
    calm() {
      const clear = bucketOf({ seed });
      for (const key of faulty.objects.keys(faulty.reportBucket)) {
        const object = faulty.objects.get(faulty.reportBucket, key);
        if (object) clear.objects.put(clear.reportBucket, key, object);
      }
      current = clear;
      return storeIn(clear);
    },
    async seen() {
      const copy = memoryStore();
      for (const key of current.objects.keys(current.reportBucket)) {
        const { body } = current.objects.get(current.reportBucket, key) ?? {};
        if (body) copy.files.set(key.slice(PREFIX.length + 1), body);
      }
      return copy;
    },
    faults: () => faulty.faults() as Record<string, number>,
    close: async () => {},
  };
}

const PREFIX = 'security/trailseal';

const storeIn = (simulation: Simulation): ReportStore =>
  createS3Store({
    bucket: simulation.reportBucket,
    prefix: PREFIX,
    access: createAwsAccess({
      region: 'us-east-1',
      credentials: simulation.credentials,
      requestHandler: simulation.requestHandler({ requestTimeoutMs: 50 }) as never,
      retry: { delayFactor: 0 },
    }),
  });

async function directoryRoot(): Promise<ChaosRoot> {
  const folder = await mkdtemp(join(tmpdir(), 'trailseal-chaos-'));
  const store = createDirectoryStore(folder);
  return {
    store,
    calm: () => createDirectoryStore(folder),
    seen: () => copyOfFolder(folder),
    faults: () => ({}),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The files of a root on the disk, as a reader finds them: those still being written are none. */
export async function copyOfFolder(folder: string): Promise<MemoryStore> {
  const copy = memoryStore();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile() || entry.name.endsWith('.tmp')) continue;
    const path = join(entry.parentPath, entry.name);
    copy.files.set(relative(folder, path).split(sep).join('/'), await readFile(path));
  }
  return copy;
}
