import { homedir } from 'node:os';
import { Command, CommanderError } from 'commander';
import { withoutCredentials } from '../aws/calls/credentials-in-text.ts';
import { TrailSealError, usageError } from '../domain/model/errors.ts';
import { sanitizeLines } from '../domain/model/sanitize.ts';
import {
  addCatalogues,
  addCompletion,
  addDiff,
  addDoctor,
  addEvidence,
  addExport,
  addQuery,
  addRemediate,
  addReport,
  addRun,
  addRuns,
  addScan,
  addSimulate,
  addVerify,
  addWaive,
  type CommandContext,
} from './commands.ts';
import { addHelp, simulationHelp } from './help/help.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

export interface ProgramRun {
  /** What follows `trailseal`. */
  words: readonly string[];
  terminal: Terminal;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Runs one command. @returns its exit code; what is wrong has been printed on `terminal.err` */
export async function runProgram({ words, terminal, signal }: ProgramRun): Promise<number> {
  let exitCode = 0;
  const program = new Command('trailseal')
    .description(
      'Is every CloudTrail log in your AWS organization really encrypted? Scans every account and Region, and proves the answer.',
    )
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(trailseal --help lists the commands)')
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(sanitizeLines(text)),
    });
  const context: CommandContext = {
    terminal,
    signal,
    exit: (code) => {
      exitCode = code;
    },
  };
  for (const add of [
    addScan,
    addRun,
    addDoctor,
    addReport,
    addRuns,
    addQuery,
    addDiff,
    addRemediate,
    addEvidence,
    addVerify,
    addExport,
    addWaive,
    addCatalogues,
    addSimulate,
    addCompletion,
  ])
    add(program, context);
  for (const command of program.commands) refuseEmptyValues(command);
  addHelp(program);

  program.hook('preAction', (_, command) => {
    if (simulationHelp(command, terminal)) throw new CommanderError(0, 'trailseal.simulationHelp', '');
    requireHome();
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    return failed(error, { words, terminal });
  }
}

/** The AWS files, the SDK and the signing key are looked for there; a user id without an entry has none. */
function requireHome(): void {
  try {
    homedir();
  } catch (cause) {
    throw new TrailSealError(
      'CONFIGURATION',
      `This user (id ${process.getuid?.()}) has no home directory: set HOME to a folder it may write to.`,
      { cause },
    );
  }
}

/** A pipeline's empty variable is not "all", nor "here": an option that is given says something. */
function refuseEmptyValues(command: Command): void {
  for (const option of command.options) {
    const parse = option.parseArg;
    option.parseArg = <T>(value: string, previous: T) => {
      if (/^[\s,]*$/.test(value)) throw usageError(`${option.long} is empty: give a value, or leave the option out.`);
      return (parse ? parse.call(option, value, previous) : value) as T;
    };
  }
}

/** One sentence for a person; `--debug` adds the stack. What it quotes is shown, not obeyed, and holds no credentials. */
function failed(error: unknown, { words, terminal }: Omit<ProgramRun, 'signal'>): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
  const { message, stack, cause } = error instanceof Error ? error : new Error(String(error));
  const isOurs = error instanceof TrailSealError;
  const tell = (text: string) => terminal.err.write(`${sanitizeLines(withoutCredentials(text))}\n`);
  tell(`trailseal: ${isOurs ? message : `Unexpected error: ${message}`}`);
  if (words.includes('--debug')) tell(`${stack}${cause ? `\nCaused by: ${cause}` : ''}`);
  else if (!isOurs) tell('Run it again with --debug for the details.');
  return 1;
}
