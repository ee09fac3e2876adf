import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** jest's globalSetup: a folder for what the suites of a run share (`once.ts`). */
export default function makeRunFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'trailseal-tests-'));
  process.env.TRAILSEAL_TEST_RUN = folder;
  // Also where the run is stopped with Ctrl-C.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
