import type { Command } from 'commander';
import { usageError } from '../../domain/model/errors.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Commands and their options as a script that the shell reads: `source <(trailseal completion bash)`. */
export function completionScript(program: Command, shell: string): string {
  const known = SHELLS.find((name) => name === shell);
  if (!known) throw usageError(`completion takes ${SHELLS.join(', ')}, not "${shell.slice(0, 20)}".`);
  const commands = program.commands.map((command) => ({
    name: command.name(),
    does: command.description(),
    options: command.options.map(({ long, description }) => ({ long: long ?? '', description })),
  }));
  if (known === 'fish') return fish(commands);
  return known === 'bash' ? bash(commands) : `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
}

interface Completed {
  name: string;
  does: string;
  options: { long: string; description: string }[];
}

/** Files come where no option is begun: reports, waivers and packs are files. */
const bash = (commands: readonly Completed[]): string => `_trailseal() {
  local word="\${COMP_WORDS[COMP_CWORD]}" options=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${commands.map(({ name, options }) => `    ${name}) options="${options.map(({ long }) => long).join(' ')}" ;;`).join('\n')}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -F _trailseal trailseal
`;

const fish = (commands: readonly Completed[]): string =>
  [
    ...commands.map(
      ({ name, does }) => `complete -c trailseal -n __fish_use_subcommand -f -a ${name} -d ${quoted(does)}`,
    ),
    ...commands.flatMap(({ name, options }) =>
      options.map(
        ({ long, description }) =>
          `complete -c trailseal -n "__fish_seen_subcommand_from ${name}" -l ${long.slice(2)} -d ${quoted(description)}`,
      ),
    ),
    '',
  ].join('\n');

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
