import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installAws } from './aws-cli/install.mjs';

/**
 * jest's globalSetup: one folder for all that a run of the tests writes, which is also where its processes and theirs put
 * what is temporary. It is removed once, at the end: for minutes after thousands of files were removed, a file system is
 * slow for the next suites.
 */
export default function makeRunFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'trailseal-tests-'));
  // A test becomes another user, who runs what was built in it.
  chmodSync(folder, 0o711);
  process.env.TRAILSEAL_TEST_RUN = folder;
  process.env.TMPDIR = folder;
  if (process.env.TRAILSEAL_TESTS !== undefined) installAws(folder);
  // Also where tests fail, or the run is stopped with Ctrl-C.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
