import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe } from '@jest/globals';

const isInstalled = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0;
/** In CI a missing moto is a failure, elsewhere a skip that says so. */
const isNeeded = isInstalled || process.env.TRAILSEAL_CI === '1';

export interface Moto {
  /** `http://127.0.0.1:<port>`, from the first test on. */
  url(): string;
}

/** A `describe` with a moto server of its own. */
export const describeWithMoto = (name: string, tests: (moto: Moto) => void): void => {
  const title = isNeeded ? name : `${name} (skipped: moto_server is not installed)`;
  (isNeeded ? describe : describe.skip)(title, () => {
    let server: ChildProcess | undefined;
    let url = '';
    beforeAll(async () => {
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
      const exited = new Promise<never>((_, reject) => {
        server?.once('error', reject);
        server?.once('exit', (code) => reject(new Error(`moto_server ended with ${code}`)));
      });
      exited.catch(() => {});
      await Promise.race([answering(url), exited]);
    }, 60_000);
    afterAll(async () => {
      if (!server || server.exitCode !== null) return;
      const gone = new Promise((resolve) => server?.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
    });
    tests({ url: () => url });
  });
};

const answering = async (url: string): Promise<void> => {
  for (;;) {
    const ok = await fetch(`${url}/moto-api/`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await delay(100);
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
