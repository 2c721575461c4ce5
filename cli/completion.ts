import type { Command } from 'commander';
import type { Terminal } from './terminal/terminal.js';

/** Prints the script of a shell: `ringfence completion bash`. */
export const COMPLETION = 'completion';
/** The scripts call this at every Tab, with each word so far: `ringfence complete -- tenants sh`. */
const REQUEST = 'complete';

/** Says whether the command line is one of completion's. Only these load its library. */
export const asksForCompletion = (args: readonly string[]): boolean =>
  args[0] === COMPLETION || args[0] === REQUEST;

/**
 * Answers the requests of shells, and registers the scripts for zsh and fish, by the library. Its script for bash needs
 * the package bash-completion and evaluates what was typed, so bash has one of ours.
 * @returns whether the command line was answered.
 */
export const complete = async (program: Command, { args, stdout }: Terminal): Promise<boolean> => {
  if (args[0] === COMPLETION && args[1] === 'bash' && args.length === 2) {
    stdout.write(BASH);
    return true;
  }
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(program, { completionCommandName: COMPLETION });
  return false;
};

const BASH = `# bash completion for ringfence
_ringfence() {
  local value description
  COMPREPLY=()
  while IFS=$'\\t' read -r value description; do
    [[ $value == :* ]] || COMPREPLY+=("$value")
  done < <("$1" ${REQUEST} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _ringfence ringfence
`;
