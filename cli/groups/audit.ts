import { parseCount, parseTime } from '../command/option-values.js';
import type { Register } from '../register.js';

/** `ringfence audit ...`. */
export const registerAudit: Register = (program, on) => {
  const audit = program.command('audit').description('what was done with the data of a tenant, and by whom');
  on(
    audit
      .command('query <tenant>')
      .description('events, newest first')
      .option('--clinic <slug>', 'of this clinic')
      .option('--since <time>', 'from this time on (ISO 8601)', parseTime)
      .option('--until <time>', 'before this time (ISO 8601)', parseTime)
      .option('--actor <text>', 'by whoever has this in their id or role')
      .option('--action <name>', 'insert, update, delete, refused, support, ...')
      .option('--limit <count>', 'how many', parseCount, 50)
      .option('--anonymous', 'as an auditor sees them: who by a pseudonym, what by its kind'),
    async () => (await import('../commands/audit-query.js')).auditQuery,
  );
  on(
    audit
      .command('verify [tenant]')
      .description('find events that were removed, edited or slipped in')
      .option('--file <export>', 'an export instead of a tenant'),
    async () => (await import('../commands/audit-verify.js')).auditVerify,
  );
  on(
    audit
      .command('export <tenant>')
      .description('every event with its hash, as JSON lines')
      .option('--out <file>', 'into a new file instead of standard output'),
    async () => (await import('../commands/audit-export.js')).auditExport,
  );
};
