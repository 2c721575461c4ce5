import type pg from 'pg';
import { RingfenceError } from '../../../tenants/errors.js';
import { type TransactionLimits, withCellConnection } from '../cells/cell-connection.js';
import type { CellPool } from '../cells/cell-pools.js';
import { ScopedClient } from './scoped-client.js';
import { changesPrepared, enter } from './session.js';
import { runHasEnded, runInScope, type TenantContext, type TenantScope } from './tenant-scope.js';

/**
 * Runs `work` in one transaction in the context of a clinic.
 * @param open makes the handle that `work` gets; `close` of it is called when the time of the handle is over.
 */
export const inClinicTransaction = <Database extends { close(): void }, T>(
  cell: CellPool,
  tenant: TenantContext,
  limits: TransactionLimits,
  open: (client: ScopedClient) => Database,
  work: (database: Database) => Promise<T>,
): Promise<T> =>
  withCellConnection(cell, tenant.tenantId, limits, async ({ client, state, commit }) => {
    await Promise.race([state.interrupted, enter(client, cell, tenant)]);
    const database = open(new ScopedClient(client, () => scope));
    const scope: TenantScope<Database> = { tenant, state, database };
    try {
      // Awaited inside: Prisma's promises begin their work when somebody waits for them.
      const inScope = runInScope(scope, async () => await work(database));
      const result = await Promise.race([state.interrupted, inScope]);
      state.finish(runHasEnded);
      await commit().ended;
      return result;
    } finally {
      database.close();
    }
  });

/**
 * Runs one statement in a transaction of its own in the context of a clinic: BEGIN, enter, the statement and COMMIT go
 * out together. Where enter is refused, the server refuses all that follows.
 */
export const inClinicStatement = <Row extends pg.QueryResultRow>(
  cell: CellPool,
  tenant: TenantContext,
  limits: TransactionLimits,
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult<Row>> =>
  withCellConnection(cell, tenant.tenantId, limits, async ({ client, state, commit }) => {
    if (cell.pooler === 'transaction') await enter(client, cell, tenant);
    const { stream } = client.connection;
    stream.cork();
    const entered = cell.pooler === 'transaction' ? undefined : enter(client, cell, tenant);
    const answered = client.query<Row>({
      text,
      values: [...values],
      queryMode: 'extended',
    } as pg.QueryConfig);
    const { ended } = commit();
    stream.uncork();
    const outcomes = Promise.allSettled([entered, answered, ended]);
    try {
      await Promise.race([state.interrupted, outcomes]);
    } catch {
      throw new RingfenceError('cancelled', 'the request was ended; a write may have been saved');
    }
    for (const outcome of await outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    const answer = await answered;
    if (changesPrepared(answer)) state.isConnectionSpent = true;
    return answer;
  });
