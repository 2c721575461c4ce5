import { parseDays, parseTime } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence control ...`. */
export const registerControl: Register = (program, on) => {
  const control = program
    .command('control')
    .description('the control database: which cells and tenants there are, and their wrapped keys');
  on(
    control
      .command('backup')
      .description(
        'bring it into the object store, sealed; the worker and every operation do so by themselves',
      )
      .option(
        '--base',
        'take a base backup too, and remove what the window does not need; the worker does it daily',
      )
      .option('--history-days <days>', 'how far back it can be restored; 7 at first', parseDays(1, 28)),
    async () => (await import('../commands/control-backup.js')).controlBackup,
  );
  on(
    control.command('status').description('how old its backup is; exit status 5 when it is overdue'),
    async () => (await import('../commands/control-status.js')).controlStatusCommand,
  );
  on(
    control
      .command('rehearse')
      .description(
        'restore it from the object store into a server of its own, and time it; once a week by itself',
      ),
    async () => (await import('../commands/control-rehearse.js')).controlRehearse,
  );
  on(
    control
      .command('reconcile')
      .description('take over what the objects know and it does not: keys, backups, tenants, erasures'),
    async () => (await import('../commands/control-reconcile.js')).controlReconcile,
  );
  on(
    control
      .command('restore')
      .description(
        'bring it back from its backup, then up to what the objects say; what is there is set aside',
      )
      .option('--generation <name>', 'out of this generation of its backups, after it was put back by hand')
      .option('--to <time>', 'as it was at this time (ISO 8601); the newest state when left out', parseTime),
    async () => (await import('../commands/control-restore.js')).controlRestore,
  );
};
