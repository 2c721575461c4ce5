import type pg from 'pg';
import type { Caller } from '../../core/caller.js';
import { toldCaller } from '../audit/told-caller.js';

interface Told {
  /** A move is told once. */
  readonly operation: string;
  readonly from: string;
  readonly to: string;
  readonly isRollback: boolean;
  readonly caller: Caller;
}

/** Tells the clinics of a tenant, in their audit log at the new home, that it has moved. Idempotent. */
export const tellMoved = async (
  client: pg.ClientBase,
  tenantId: string,
  { operation, from, to, isRollback, caller }: Told,
): Promise<void> => {
  await client.query(
    `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
     SELECT c.id, 'administrator:' || $2, 'moved', 'tenant', $3 FROM ringfence.clinics c
      WHERE c.tenant_id = $1
        AND NOT EXISTS (SELECT FROM clinical.audit_events e
                         WHERE e.clinic_id = c.id AND e.action = 'moved' AND e.detail ->> 'operation' = $4)`,
    [
      tenantId,
      caller.who,
      { operation, from, to, rollback: isRollback, ...toldCaller(caller).detail },
      operation,
    ],
  );
};
