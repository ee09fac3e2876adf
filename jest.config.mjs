import { suites } from './test/suites.mjs';

export default {
  testEnvironment: '<rootDir>/test/environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: suites(import.meta.dirname),
  // Made by builds and measurements: their package.json has our name, too.
  modulePathIgnorePatterns: ['<rootDir>/(dist|cdk\\.out|bench/out|trailseal-report)/'],
  testSequencer: '<rootDir>/test/sequencer.mjs',
  globalSetup: '<rootDir>/test/run-folder.mjs',
  setupFilesAfterEnv: ['<rootDir>/test/has-assertions.mjs'],
  reporters: ['default', '<rootDir>/test/slowest-suites.mjs'],
  maxWorkers: '100%',
  // A worker that keeps what its suites left behind is started anew.
  workerIdleMemoryLimit: '1.5GB',
  randomize: true,
  // For what hangs. No test waits for so long, however busy the machine.
  testTimeout: 300_000,
};
