import type pg from 'pg';
import { z } from 'zod';
import {
  assertTransition,
  TENANT_STATES,
  TENANT_TRANSITIONS,
  type TenantState,
} from '../../core/lifecycle.js';
import { readRows } from '../project/read-rows.js';

export const registeredState = z.enum(TENANT_STATES).exclude(['erased']);

/** A state of a tenant that has a record. */
export type RegisteredState = z.infer<typeof registeredState>;

/** Further assignments of the same statement, in SQL. Their values begin at `$4`. */
interface Also {
  readonly set: string;
  readonly values?: readonly unknown[];
}

const cameFrom = (to: TenantState): TenantState[] =>
  TENANT_STATES.filter((from) => from === to || TENANT_TRANSITIONS[from].includes(to));

/**
 * Changes the state of a registered tenant, and whatever changes together with it. Nothing else changes a state. A tenant
 * that is in the state already stays in it. An unregistered tenant is passed over: an erasure has forgotten it.
 * @throws RingfenceError `conflict` for a transition that is not in TENANT_TRANSITIONS.
 */
export const enterState = async (
  control: Pick<pg.Pool, 'query'>,
  tenantId: string,
  to: RegisteredState,
  also?: Also,
): Promise<void> => {
  const more = also ? `, ${also.set}` : '';
  const { rowCount } = await control.query(
    `UPDATE control.tenants SET state = $2${more} WHERE id = $1 AND state = ANY($3)`,
    [tenantId, to, cameFrom(to), ...(also?.values ?? [])],
  );
  if (rowCount !== 0) return;
  const { rows } = await control.query('SELECT state FROM control.tenants WHERE id = $1', [tenantId]);
  const [known] = readRows(z.object({ state: registeredState }), 'control.tenants', rows);
  if (known) assertTransition(known.state, to);
};
