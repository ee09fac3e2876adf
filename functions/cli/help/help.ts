import { fileURLToPath } from 'node:url';
import type { Command, Help, Option } from 'commander';
import { likelyName } from '../../domain/model/edit-distance.ts';
import { type TrailSealError, usageError } from '../../domain/model/errors.ts';
import { PROGRAM_FOLDER } from '../../program-folder.ts';
import { SIMULATE_KEYS } from '../../simulator/simulation-spec.ts';
import { programName } from '../program-name.ts';
import { columnsWithProse, lineWidth, type Terminal } from '../terminal.ts';
import { EXAMPLES } from './examples.ts';

/** Help that says which options a command cannot do without, and ends with lines to type. */
export function addHelp(program: Command): void {
  for (const command of program.commands) {
    command.configureHelp({ optionDescription: described });
    const examples = EXAMPLES[command.name()] ?? [];
    if (examples.length > 0) command.addHelpText('after', () => examplesText(examples));
  }
  program.addHelpText('after', `\nDocuments named as docs/… are in ${fileURLToPath(new URL('../', PROGRAM_FOLDER))}`);
  program
    .helpCommand(false)
    .command('help [command]')
    .description('the help of a command')
    .action((name: string | undefined) => {
      const command = name === undefined ? program : program.commands.find((known) => known.name() === name);
      if (!command) throw unknownCommand(name ?? '', program);
      command.outputHelp();
    });
}

/** `--simulate help` and `simulate help` list what an organization can be made of. @returns whether it was asked for */
export function simulationHelp(command: Command, terminal: Terminal): boolean {
  const asked = command.name() === 'simulate' ? command.args[0] : command.opts<{ simulate?: unknown }>().simulate;
  if (asked !== 'help') return false;
  const rows = Object.entries(SIMULATE_KEYS).map(([key, { kind, choices, means }]) => [
    kind === 'flag' ? key : `${key}=…`,
    `${means}${choices ? ` (${choices.join(', ')})` : kind === 'rate' ? ' (0 to 1)' : ''}`,
  ]);
  terminal.out.write(
    `What a simulated organization is made of, with commas between, e.g. preset=tidy,accounts=200:\n${columnsWithProse(rows, lineWidth(terminal))}\n`,
  );
  return true;
}

/** @returns the error to throw: USAGE with the commands there are */
function unknownCommand(name: string, program: Command): TrailSealError {
  const names = program.commands.map((command) => command.name());
  const likely = likelyName(name, names);
  return usageError(
    `There is no command "${name.slice(0, 40)}"${likely ? `: did you mean ${likely}?` : '.'} There are ${names.join(', ')}.`,
  );
}

function described(this: Help, option: Option): string {
  const text = option.description;
  if (option.mandatory && option.defaultValue === undefined) return `${text} (required)`;
  return option.defaultValue === undefined ? text : `${text} (default: ${String(option.defaultValue)})`;
}

function examplesText(examples: readonly [string, string][]): string {
  return `\nExamples:\n${examples.map(([command, does]) => `  ${programName()} ${command}\n      ${does}`).join('\n')}\n`;
}
