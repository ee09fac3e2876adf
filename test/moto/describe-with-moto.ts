import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { onlyDeep } from '../depth.ts';
import { INSTALL_MOTO, type MotoServer, startMoto } from './moto.ts';

const isInstalled = (command: string) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** In CI a missing tool is a failure, elsewhere a skip that says so. */
const isNeeded = (command: string) => isInstalled(command) || process.env.TRAILSEAL_CI === '1';

/** A `describe` that is skipped, and says why, where moto is not installed. */
export const describeIfMoto = (name: string, tests: () => void): void =>
  onlyDeep(() =>
    isNeeded('moto_server')
      ? describe(name, tests)
      : describe.skip(`${name} (skipped: moto_server is not installed, ${INSTALL_MOTO})`, tests),
  );

/** The same where the AWS CLI is not installed. */
export const describeIfAwsCli = (name: string, tests: () => void): void =>
  isNeeded('aws')
    ? describeIfMoto(name, tests)
    : onlyDeep(() => describe.skip(`${name} (skipped: aws is not installed, pip install 'awscli==1.45.11')`, tests));

/** A `describe` with a moto server of its own, whose address is known from the first test on. */
export const describeWithMoto = (name: string, tests: (moto: { url(): string }) => void): void =>
  describeIfMoto(name, () => {
    let server: MotoServer | undefined;
    beforeAll(async () => {
      server = await startMoto();
    }, 60_000);
    afterAll(async () => server?.stop());
    tests({ url: () => server?.url ?? '' });
  });
