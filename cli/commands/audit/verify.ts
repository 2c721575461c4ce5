import { resolve } from 'node:path';
import { EXIT_STATUS, RingfenceError } from '../../../core/errors.js';
import type { ChainProblem } from '../../../data-plane/audit/chain.js';
import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Exit status 5 when the log is not as it was written. */
export const auditVerify = defineCommand({
  name: 'verify',
  description: 'find events that were removed, edited or slipped in',
  arguments: ['[tenant]'],
  options: {
    file: { value: '<export>', description: 'an export instead of a tenant' },
  },
  examples: ['ringfence audit verify clinica-sonrisa'],
  onWorker: { kind: 'audit verify' },
  view: async () => (await import('../../../control-plane/audit/views.js')).auditVerdictView,
  run: async (context, options, slug) => {
    const { verifyTenantAudit } = await import('../../../control-plane/audit/tenant-audit.js');
    const { verifyExportFile } = await import('../../../control-plane/audit/verify-export-file.js');
    if ((slug === undefined) === (options.file === undefined))
      throw new RingfenceError('usage', 'name a tenant, or an export with --file', {
        fix: 'ringfence audit verify <tenant>',
      });
    const verdict = options.file
      ? await verifyExportFile(resolve(context.terminal.cwd, options.file))
      : await withRuntime(context, (runtime) => verifyTenantAudit(runtime, slug ?? ''));
    const { events, problems } = verdict;
    const hash = verdict.head.hash.toString('hex');
    context.result({ ...verdict, head: { seq: verdict.head.seq, hash } }, () =>
      problems.length === 0
        ? `${events} events, in order and unchanged; chain ends at ${hash.slice(0, 16)}\n`
        : `${problems.length} found in ${events} events\n${problems.map(describe).join('')}`,
    );
    if (problems.length > 0) context.exitWith(EXIT_STATUS.audit_broken);
  },
});

const describe = ({ seq, problem, eventId }: ChainProblem): string =>
  `  ${seq === null ? '' : `event ${seq} `}${problem}${eventId ? ` (${eventId})` : ''}\n`;
