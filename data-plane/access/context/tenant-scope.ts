import { AsyncLocalStorage } from 'node:async_hooks';
import { notInContext } from './not-in-context.js';
import type { RunState } from './run-state.js';
import type { Subtransaction } from './subtransaction.js';

/** The actor of a run, and the clinic. */
export interface TenantContext {
  readonly tenantId: string;
  readonly clinicId: string;
  readonly userId: string;
}

/** The time in which one `run` may reach its clinic's data. */
export interface TenantScope<Database = unknown> {
  readonly tenant: TenantContext;
  readonly state: RunState;
  readonly database: Database;
  /** The run's own, or that of the nested run that the code is part of. */
  readonly subtransaction: Subtransaction;
}

const scopes = new AsyncLocalStorage<TenantScope>();

export const runInScope = <T>(scope: TenantScope, work: () => Promise<T>): Promise<T> =>
  scopes.run(scope, work);

export const currentScope = (): TenantScope | undefined => scopes.getStore();

/** The tenant of the `run` that this code is part of. @throws RingfenceError `not_in_context` outside of one. */
export const currentTenant = (): TenantContext => {
  const scope = scopes.getStore();
  if (!scope) throw notInContext('this code is not part of a run');
  scope.state.assertGoing();
  return scope.tenant;
};
