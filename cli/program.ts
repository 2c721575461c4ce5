import { Command } from 'commander';
import type { z } from 'zod';
import type { versionView } from '../control-plane/view.js';
import { JSON_VERSION, VERSION } from '../core/version.js';
import { globalOptions } from './command/global-options.js';
import { type Act, register } from './command/register.js';
import { COMMANDS } from './commands/index.js';
import { asksForCompletion, COMPLETION } from './completion.js';
import type { Terminal } from './terminal/terminal.js';

const PATHS = `
Options of this page may stand before a command or after it. Paths on the command line are relative to the folder of -C,
else to the working folder of the shell. Those of RINGFENCE_HOME, RINGFENCE_PULUMI and RINGFENCE_ENGINE_CACHE are relative
to the latter.`;

const EXIT_STATUSES = `
Exit status: 0 ok, 1 failure, 2 bad flags or manifest, 3 authentication, 4 resource failure, 5 policy violation,
6 not found, 7 no changes (with --expect-no-changes), 8 cancelled, 9 timeout, 255 internal`;

const versions: z.infer<typeof versionView> = { version: VERSION, schemaVersion: JSON_VERSION };

/** The command line with all its commands, which `act` carries out. */
export const buildProgram = (terminal: Terminal, act: Act): Command => {
  const program = new Command('ringfence')
    .description('Clinics as tenants: provisioned, isolated, backed up and restorable, one command each.')
    .version(terminal.args.includes('--json') ? JSON.stringify(versions) : VERSION)
    .addHelpText('after', PATHS)
    .addHelpText('after', EXIT_STATUSES)
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .exitOverride()
    .showSuggestionAfterError()
    .enablePositionalOptions();
  for (const option of globalOptions(terminal.cwd)) program.addOption(option);
  const registering = {
    shellFolder: terminal.cwd,
    alwaysOnWorker: terminal.env.RINGFENCE_ON_WORKER === '1',
    act,
  };
  for (const entry of COMMANDS) register(program, entry, registering);
  // Declared for the help; `completion.ts` answers the command.
  if (!asksForCompletion(terminal.args)) {
    program
      .command(`${COMPLETION} <shell>`)
      .description('for bash, zsh or fish: eval "$(ringfence completion bash)"');
  }
  return program;
};
