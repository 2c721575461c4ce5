import { RingfenceError } from '../../core/errors.js';
import { tellCustomerKey } from '../../data-plane/audit/tell-customer-key.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { tenantKeys } from '../../data-plane/keys/tenant-keys.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { type CustomerHeldTenant, listCustomerHeld, recordClosed } from './customer-key-store.js';
import { wrappedKeys } from './store.js';

/** Whether a key that a customer holds opens what is the tenant's. */
export interface CustomerKeyState {
  readonly slug: string;
  readonly customerKey: string;
  readonly state: 'open' | 'closed' | 'unknown';
  /** Since when it is noticed as closed. */
  readonly closedAt: Date | null;
  /** Why it does not open. */
  readonly problem: string | null;
  /** It is not what it was when somebody last looked. */
  readonly hasChanged: boolean;
}

/**
 * Asks for the keys that customers hold, past every cache. A change is told once, in the audit chain of the tenant; that a key cannot be
 * asked for is no change.
 * @throws RingfenceError `tenant_not_found`
 */
export const checkCustomerKeys = async (runtime: Runtime, slug?: string): Promise<CustomerKeyState[]> => {
  if (slug !== undefined) await getTenant(runtime.control, slug);
  const states: CustomerKeyState[] = [];
  for (const tenant of await listCustomerHeld(runtime.control, slug))
    states.push(await checkOne(runtime, tenant));
  return states;
};

const checkOne = async (runtime: Runtime, tenant: CustomerHeldTenant): Promise<CustomerKeyState> => {
  const { id, slug, customerKey } = tenant;
  const error = await failureOf(runtime, id);
  const problem = error?.message ?? null;
  if (error !== undefined && error.code !== 'customer_key_closed')
    return { slug, customerKey, state: 'unknown', closedAt: tenant.closedAt, problem, hasChanged: false };
  const isClosed = error !== undefined;
  const hasChanged = isClosed !== (tenant.closedAt !== null);
  const closedAt = isClosed ? (tenant.closedAt ?? runtime.now()) : null;
  if (hasChanged) {
    const told = { customerKey, isClosed, caller: runtime.caller };
    await withConnection(await runtime.target.adminConnection(tenant.cell), (client) =>
      tellCustomerKey(client, id, told),
    );
    await recordClosed(runtime.control, id, closedAt);
    runtime.hasChanged();
  }
  return { slug, customerKey, state: isClosed ? 'closed' : 'open', closedAt, problem, hasChanged };
};

const failureOf = async (
  { control, target }: Runtime,
  tenantId: string,
): Promise<RingfenceError | undefined> => {
  const keys = tenantKeys({ root: target.keyRoot, store: wrappedKeys(control) });
  try {
    await usingKey(keys.load(tenantId), () => undefined);
    return undefined;
  } catch (error) {
    if (error instanceof RingfenceError) return error;
    throw error;
  } finally {
    keys.close();
  }
};
