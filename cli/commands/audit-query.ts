import { queryTenantAudit } from '../../control-plane/audit/tenant-audit.js';
import { table } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** Rows of an event: a number, or what a restore, an import or an export did, by table. */
const countOf = (rows: unknown): string => {
  const sum = (value: unknown): number =>
    typeof value === 'number'
      ? value
      : Object.values(value ?? {}).reduce((total, part) => total + sum(part), 0);
  return rows === undefined || rows === null ? '-' : String(sum(rows));
};

interface Options {
  readonly clinic?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly actor?: string;
  readonly action?: string;
  readonly limit: number;
  readonly anonymous?: boolean;
}

/** `ringfence audit query <tenant>`: newest first. */
export const auditQuery = async (context: Context, options: Options, slug: string): Promise<void> => {
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
};
