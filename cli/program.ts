import { Command } from 'commander';
import { asksForCompletion, COMPLETION } from './completion.js';
import { registerAnalytics } from './groups/analytics.js';
import { registerAudit } from './groups/audit.js';
import { registerBackups } from './groups/backups.js';
import { registerCells } from './groups/cells.js';
import { registerControl } from './groups/control.js';
import { registerDemo } from './groups/demo.js';
import { registerDoctor } from './groups/doctor.js';
import { registerErasures } from './groups/erasures.js';
import { registerHolds } from './groups/holds.js';
import { registerIsolation } from './groups/isolation.js';
import { registerKeys } from './groups/keys.js';
import { registerOperations } from './groups/operations.js';
import { registerPulumi } from './groups/pulumi.js';
import { registerQuotas } from './groups/quotas.js';
import { registerRecover } from './groups/recover.js';
import { registerSchema } from './groups/schema.js';
import { registerSubscriptions } from './groups/subscriptions.js';
import { registerSupport } from './groups/support.js';
import { registerTenants } from './groups/tenants.js';
import { registerWorker } from './groups/worker.js';
import { actionsOf, folderOption, type Register } from './register.js';
import type { Terminal } from './terminal.js';
import { VERSION } from './version.js';

const PATHS = `
Paths on the command line are relative to the folder of -C, which may stand before a command or after it, else to the
working folder of the shell. Those of RINGFENCE_HOME, RINGFENCE_PULUMI and RINGFENCE_ENGINE_CACHE are relative to the latter.`;

const EXIT_STATUSES = `
Exit status: 0 ok, 1 failure, 2 bad flags or manifest, 3 authentication, 4 resource failure, 5 policy violation,
6 not found, 7 no changes (with --expect-no-changes), 8 cancelled, 9 timeout, 255 internal`;

/** In the order of the help. */
const GROUPS: readonly Register[] = [
  registerDoctor,
  registerCells,
  registerTenants,
  registerOperations,
  registerHolds,
  registerErasures,
  registerSubscriptions,
  registerSchema,
  registerIsolation,
  registerWorker,
  registerKeys,
  registerAnalytics,
  registerQuotas,
  registerAudit,
  registerSupport,
  registerBackups,
  registerControl,
  registerRecover,
  registerDemo,
];

/** The command line with all its commands. */
export const buildProgram = (terminal: Terminal, result: { status: number }): Command => {
  const program = new Command('ringfence')
    .description('Clinics as tenants: provisioned, isolated, backed up and restorable, one command each.')
    .version(VERSION)
    .addOption(folderOption(terminal))
    .addHelpText('after', PATHS)
    .addHelpText('after', EXIT_STATUSES)
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    })
    .exitOverride()
    .showSuggestionAfterError()
    .enablePositionalOptions();

  const on = actionsOf(terminal, result);
  for (const register of GROUPS) register(program, on);
  registerPulumi(program, terminal, result);
  // For the help; what answers them is registered in its place.
  if (!asksForCompletion(terminal.args)) {
    program
      .command(`${COMPLETION} <shell>`)
      .description('for bash, zsh or fish: eval "$(ringfence completion bash)"');
  }
  return program;
};
