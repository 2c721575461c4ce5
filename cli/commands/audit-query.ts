import { queryTenantAudit } from '../../control-plane/operations/tenant-audit.js';
import type { Context } from '../context.js';
import { table } from '../print.js';
import { withRuntime } from '../with-runtime.js';

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
        String(event.detail.rows ?? '-'),
      ]),
    ),
  );
};
