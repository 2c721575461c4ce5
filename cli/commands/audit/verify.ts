import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { EXIT_STATUS, RingfenceError } from '../../../core/errors.js';
import type { ChainProblem } from '../../../data-plane/audit/chain.js';
import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** `ringfence audit verify [tenant] [--file export]`: exit status 5 when the log is not as it was written. */
export const auditVerify = defineCommand({
  name: 'verify',
  description: 'find events that were removed, edited or slipped in',
  arguments: ['[tenant]'],
  options: {
    file: { value: '<export>', description: 'an export instead of a tenant' },
  },
  examples: ['ringfence audit verify clinica-sonrisa'],
  run: async (context, options, slug) => {
    const { verifyTenantAudit } = await import('../../../control-plane/audit/tenant-audit.js');
    if ((slug === undefined) === (options.file === undefined))
      throw new RingfenceError('usage', 'name a tenant, or an export with --file', {
        fix: 'ringfence audit verify <tenant>',
      });
    const verdict = options.file
      ? await verifyFile(resolve(context.terminal.cwd, options.file))
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

const verifyFile = async (file: string) => {
  const { followExport } = await import('../../../data-plane/audit/export.js');
  const lines = createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  const chain = await followExport(lines).catch((error: unknown) => {
    throw new RingfenceError('usage', `${file} cannot be read`, { cause: error });
  });
  if (!chain)
    throw new RingfenceError('audit_broken', `${file} is no whole audit export`, {
      fix: 'make it again with `ringfence audit export <tenant>`',
    });
  return { events: chain.seq, head: { seq: chain.seq, hash: chain.hash }, problems: chain.problems };
};
