import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { parseCount, parseTime } from '../../command/option-values.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** Rows of an event: a number, or the numbers by table of a restore, an import or an export. */
const countOf = (rows: unknown): string => {
  const sum = (value: unknown): number =>
    typeof value === 'number'
      ? value
      : Object.values(value ?? {}).reduce((total, part) => total + sum(part), 0);
  return rows === undefined || rows === null ? '-' : String(sum(rows));
};

/** Newest first. */
export const auditQuery = defineCommand({
  name: 'query',
  description: 'events, newest first',
  arguments: ['<tenant>'],
  options: {
    clinic: { value: '<slug>', description: 'of this clinic' },
    since: { value: '<time>', description: 'from this time on (ISO 8601)', parse: parseTime },
    until: { value: '<time>', description: 'before this time (ISO 8601)', parse: parseTime },
    actor: { value: '<text>', description: 'by whoever has this in their id or role' },
    action: { value: '<name>', description: 'insert, update, delete, refused, support, ...' },
    limit: { value: '<count>', description: 'how many', parse: parseCount, default: 50 },
    anonymous: { description: 'as an auditor sees them: who by a pseudonym, what by its kind' },
  },
  examples: [
    'ringfence audit query clinica-sonrisa --limit 5',
    'ringfence audit query clinica-sonrisa --actor ana --since 2026-10-01',
  ],
  notOnWorker: NOT_ON_WORKER.printsPeople,
  view: async () => (await import('../../../control-plane/audit/views.js')).auditEventsView,
  run: async (context, options, slug) => {
    const { queryTenantAudit } = await import('../../../control-plane/audit/tenant-audit.js');
    const { clinic, since, until, actor, action, limit, anonymous = false } = options;
    const events = await withRuntime(context, (runtime) =>
      queryTenantAudit(runtime, slug, {
        ...(clinic ? { clinic } : {}),
        ...(since ? { since } : {}),
        ...(until ? { until } : {}),
        ...(actor ? { actor } : {}),
        ...(action ? { action } : {}),
        limit,
        anonymous,
      }),
    );
    context.result(events, () =>
      table(
        ['at', 'clinic', 'actor', 'action', 'subject', 'rows'],
        events.map((event) => [
          event.at.toISOString(),
          event.clinic,
          event.actor,
          event.action,
          event.subject,
          countOf(event.detail.rows),
        ]),
      ),
    );
  },
});
