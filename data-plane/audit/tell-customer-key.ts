import type pg from 'pg';
import type { Caller } from '../../core/caller.js';
import { toldCaller } from './told-caller.js';

interface Told {
  readonly customerKey: string;
  readonly isClosed: boolean;
  /** Who looked. */
  readonly caller: Caller;
}

/**
 * Tells the clinics of a tenant, in their audit log, that the data plane found the key that the customer holds closed, or open again.
 * Idempotent: what was told last is not told again, and no clinic hears of an open key that never was closed.
 */
export const tellCustomerKey = async (
  client: pg.ClientBase,
  tenantId: string,
  { customerKey, isClosed, caller }: Told,
): Promise<void> => {
  await client.query(
    `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
     SELECT c.id, 'administrator:' || $2, $3, 'customer key', $4 FROM ringfence.clinics c
      WHERE c.tenant_id = $1
        AND ($3 = 'key-closed') IS DISTINCT FROM coalesce(
              (SELECT e.action = 'key-closed' FROM clinical.audit_events e
                WHERE e.clinic_id = c.id AND e.action IN ('key-closed', 'key-open') ORDER BY e.at DESC LIMIT 1), false)`,
    [
      tenantId,
      caller.who,
      isClosed ? 'key-closed' : 'key-open',
      { customerKey, noticedBy: 'data plane', ...toldCaller(caller).detail },
    ],
  );
};
