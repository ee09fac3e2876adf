import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MemoryStore } from '../statemachine/memory-store.ts';

/** Writes a report root that was made in memory to a folder. */
export async function onDisk(store: MemoryStore, folder: string): Promise<void> {
  for (const [key, bytes] of store.files) {
    const path = join(folder, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}
