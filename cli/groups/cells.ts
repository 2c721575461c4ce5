import { Option } from 'commander';
import { parseDays, parseMinutes, parsePort, parseTime } from '../option-values.js';
import type { Register } from '../register.js';

/** `ringfence cells ...`. */
export const registerCells: Register = (program, on) => {
  const cells = program.command('cells').description('the Postgres servers that tenants live in');
  on(
    cells
      .command('up [name]')
      .description(
        'bring a cell up, or find it again after a crash or a reboot; all known cells without a name',
      )
      .addOption(new Option('--tier <tier>', 'shared or dedicated').choices(['shared', 'dedicated']))
      .option('--region <region>', 'AWS region, for a new cell')
      .option('--port <port>', 'loopback port, for a new cell', parsePort)
      .option('--rds <instance>', 'for a new cell: an instance of Amazon RDS that is there already')
      .option('--ca-file <file>', 'with --rds: authorities of its certificate (PEM), instead of Amazon’s own')
      .option(
        '--history-days <days>',
        'how far back any second can be restored; 7 for a new cell',
        parseDays(1, 35),
      )
      .option(
        '--accept-older',
        'go on from an earlier copy of its data, and give up what its archived WAL has since',
      )
      .option('--confirm <name>', 'with --accept-older: its name again, instead of typing it'),
    async () => (await import('../commands/cells-up.js')).cellsUp,
  );
  on(
    cells.command('list').description('every cell with its state'),
    async () => (await import('../commands/cells-list.js')).cellsList,
  );
  on(
    cells.command('status <name>').description('one cell: server, tenants, sizes, connections'),
    async () => (await import('../commands/cells-status.js')).cellsStatus,
  );
  on(
    cells
      .command('repair <name>')
      .description('put roles, grants, policies, triggers and logins back to what this release says')
      .option('--dry-run', 'say what differs and change nothing; exit status 7 when anything does'),
    async () => (await import('../commands/cells-repair.js')).cellsRepair,
  );
  on(
    cells
      .command('restore <name>')
      .description('bring a cell on this machine back that lost its data, or all of it to an earlier time')
      .option('--to <time>', 'as it was then: any moment of its history', parseTime)
      .option('--confirm <name>', 'its name again, instead of typing it, where later changes are given up'),
    async () => (await import('../commands/cells-restore.js')).cellsRestore,
  );
  on(
    cells
      .command('rotate-context-key <name>')
      .description('a new key for context tokens; the one before stays valid for a while')
      .option('--grace-minutes <minutes>', 'how long the key before stays valid', parseMinutes, 60),
    async () => (await import('../commands/cells-rotate.js')).cellsRotateContextKey,
  );
  on(
    cells
      .command('rotate-credentials <name>')
      .description('new passwords for the logins of applications; open connections go on'),
    async () => (await import('../commands/cells-rotate.js')).cellsRotateCredentials,
  );
  on(
    cells
      .command('down [name]')
      .description('stop a cell, or everything without a name; data stays')
      .option('--purge', 'remove the data, keys and state too (typed confirmation)'),
    async () => (await import('../commands/cells-down.js')).cellsDown,
  );
};
