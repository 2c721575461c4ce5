import { Option } from 'commander';
import { collect, parseColumn, parseTime } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence backups ...`. */
export const registerBackups: Register = (program, on) => {
  const backups = program.command('backups').description('backups of a tenant, verified by restoring them');
  on(
    backups
      .command('run <tenant>')
      .description('take a backup and verify it; only what changed since the last one is stored')
      .option('--full', 'store everything; done by itself after seven days'),
    async () => (await import('../commands/backups-run.js')).backupsRun,
  );
  on(
    backups.command('list <tenant>').description('the backups of a tenant'),
    async () => (await import('../commands/backups-list.js')).backupsList,
  );
  on(
    backups
      .command('verify <tenant>')
      .description('restore into a scratch schema and compare digests')
      .option('--backup <id>', 'this one'),
    async () => (await import('../commands/backups-verify.js')).backupsVerify,
  );
  on(
    backups
      .command('rehearse [tenant]')
      .description(
        'restore the newest verified backup into an empty cell of its own, and time it; once a week by itself',
      )
      .option('--schema <file.sql>', "makes your application's own tables there first"),
    async () => (await import('../commands/backups-rehearse.js')).backupsRehearse,
  );
  on(
    backups
      .command('restore <tenant>')
      .description('bring rows back; all other rows and tenants stay byte-identical')
      .option('--backup <id>', 'this one; the newest verified one that has rows of the scope when left out')
      .option('--at <time>', 'the last verified one of this time or before (ISO 8601)', parseTime)
      .option(
        '--to <time>',
        'any second of the window of `cells status`: as the rows were then, out of the cell’s base backup and WAL',
        parseTime,
      )
      .option('--clinic <slug>', 'only rows of this clinic; again for more', collect, [])
      .option('--table <schema.table>', 'only this table; again for more', collect, [])
      .option(
        '--where <column=value>',
        'only rows with this value, and the rows that refer to them; again for rows with all of them',
        collect,
        [],
      )
      .addOption(
        new Option(
          '--into <place>',
          'in place, into a schema that only administrators read, or into CSV files',
        )
          .choices(['in-place', 'scratch', 'file'])
          .default('in-place'),
      )
      .option('--out <folder>', 'for the files')
      .addOption(
        new Option(
          '--mode <mode>',
          'replace: rows become as in the backup (default); missing-only: rows that are there stay; newest: the later one of two stays',
        ).choices(['replace', 'missing-only', 'newest']),
      )
      .option(
        '--newest-by <column>',
        'for --mode newest: the column that says when a row was changed (default: updated_at)',
        parseColumn,
      )
      .option('--confirm <tenant>', 'also when more rows go than come back, which --yes does not allow')
      .option('--dry-run', 'show the difference, change nothing'),
    async () => (await import('../commands/backups-restore.js')).backupsRestore,
  );
  on(
    backups
      .command('drop-scratch <tenant> <schema>')
      .description('drop a schema that `backups restore --into scratch` made'),
    async () => (await import('../commands/backups-drop-scratch.js')).backupsDropScratch,
  );

  on(
    backups
      .command('base [cell]')
      .description(
        'take a base backup of a cell, or of all that run, and remove what no second of its window needs; the worker does it daily',
      ),
    async () => (await import('../commands/backups-base.js')).backupsBase,
  );
  on(
    backups
      .command('status')
      .description("every tenant's last good backup against its promise; exit status 5 when one is overdue"),
    async () => (await import('../commands/backups-status.js')).backupsStatus,
  );
  on(
    backups
      .command('prune <tenant>')
      .description('remove the backups that are no longer kept; scheduled backups do it themselves')
      .option('--dry-run', 'only name them'),
    async () => (await import('../commands/backups-prune.js')).backupsPrune,
  );
};
