import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { atDepth } from '../depth.ts';
import { compiledMain } from './compiled.ts';

const folder = mkdtempSync(join(tmpdir(), 'trailseal-pipes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a pipe that is closed early', () => {
  /** Through a shell: `$0 $1` is the program. */
  const piped = async (command: string) => {
    const { stderr } = spawnSync(
      'bash',
      ['-c', `${command}; echo "\${PIPESTATUS[0]}" >&2`, process.execPath, await compiledMain()],
      { encoding: 'utf8', env: { ...process.env, TRAILSEAL_HOME: folder } },
    );
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr.trim().split('\n').at(-1);
  };
  const scan = (to: string) =>
    piped(`"$0" "$1" scan --simulate accounts=3,regions=2,denied=1 --quiet --out '${folder}/${to.length}' ${to}`);

  it.each(atDepth({ quick: ['| head -1'], deep: ['| true', '| exec 0<&-', '2> >(true) >/dev/null'] }))(
    '%s leaves a scan its exit code',
    async (to) => {
      expect(await scan(to)).toBe('3');
    },
  );

  it('ends a command that prints without end as SIGPIPE would', async () => {
    const report = join(folder, 'query');
    await piped(`"$0" "$1" scan --simulate accounts=2,regions=2 --quiet --out '${report}'`);
    expect(await piped(`"$0" "$1" query 'select * from range(100000)' --report '${report}' | head -1`)).toBe('141');
  });
});
