#!/usr/bin/env node
import { tuneEngine } from '../local/engine.ts';
import { runProgram } from './program.ts';
import { processTerminal } from './terminal.ts';

tuneEngine();
const terminal = processTerminal();
const interrupt = new AbortController();
process.once('SIGINT', () => {
  terminal.err.write('\nStopping…\n');
  interrupt.abort();
});
process.once('SIGTERM', () => interrupt.abort());
/** Their exit code is what they found, also where nobody reads what they print. */
const TELLS_BY_CODE = ['scan', 'run', 'diff', 'verify', 'doctor'];
const words = process.argv.slice(2);
// A pipe that closes early (`| head`) ends the other commands as SIGPIPE would: never with 0, never with a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' && !TELLS_BY_CODE.includes(words[0] ?? '')) process.exit(141);
});
// A reader that closes stderr alone still gets the run and its exit code.
process.stderr.on('error', () => {});
process.exitCode = await runProgram({ words, terminal, signal: interrupt.signal });
