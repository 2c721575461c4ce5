import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { isMoving } from '../database/errors.js';
import type { TenantKeys } from '../keys/tenant-keys.js';
import type { TransactionLimits } from './cells/cell-connection.js';
import { type CellPool, cellPools } from './cells/cell-pools.js';
import { RESULT_LIMIT } from './cells/result-limit.js';
import type { ScopedClient } from './context/scoped-client.js';
import type { Entry } from './context/session.js';
import { assertQuery } from './context/statement-kind.js';
import { currentScope, type TenantContext, type TenantScope } from './context/tenant-scope.js';
import { inClinicStatement, inClinicTransaction, inNestedRun } from './context/transaction.js';
import { requireCustomerKey } from './customer-key.js';
import { type Directory, epochOf, type Located } from './directory/directory.js';
import type { WaitHistogram } from './moves/wait-histogram.js';
import { waitingRoom } from './moves/waiting-room.js';
import { warmUp } from './moves/warm-up.js';
import { AccessRefusal, accessRefused, clinicInactive } from './refusals/refusal.js';
import { refusalRecorder } from './refusals/refusal-recorder.js';
import { type RefusalHook, refusalReporter } from './refusals/refusal-reporter.js';
import { requestMeters } from './request-meters.js';
import { REFERENCE_SEALED_COLUMNS, type SealedColumns } from './sealed/sealed-columns.js';
import { enforcePolicy } from './security-policy.js';
import { supportAnnouncements } from './support-announcements.js';
import { openTenantDatabase, type TenantDatabase } from './tenant-database.js';
import { rememberTokens } from './token/verified-tokens.js';
import { type TokenRules, tokenVerifier } from './token/verify-token.js';

export interface AccessOptions extends TokenRules {
  /** Finds the cell of a clinic; `openLocalProject(home).directory`, or `controlDirectory`. */
  readonly directory: Directory;
  /** Opens sealed columns; without it they are refused. */
  readonly tenantKeys?: TenantKeys;
  /** Sealed columns of the application's own tables, besides those of the reference schema. */
  readonly sealedColumns?: SealedColumns;
  /** Is told of every refused attempt, besides the clinic's audit log. */
  readonly onRefused?: RefusalHook;
  /** Connections of this process to one cell. Default 10. */
  readonly connectionsPerCell?: number;
  /** The most connections that one tenant may hold at once. Default half. */
  readonly connectionsPerTenant?: number;
  /** Longest wait for a connection. Default 5 seconds. */
  readonly waitMs?: number;
  /** Longest wait of a request whose tenant is being moved to another cell. Default 5 seconds. */
  readonly moveWaitMs?: number;
  /** The most requests of one tenant that wait for its move. Default 1,000. */
  readonly moveWaiting?: number;
  /** Longest time of one run. Default 30 seconds. */
  readonly timeoutMs?: number;
  /** Largest answer to one statement, in bytes as they come from the database. Default 16 MiB. */
  readonly resultBytesMax?: number;
  /** Most rows in the answer to one statement. Default 100,000. */
  readonly resultRowsMax?: number;
  readonly now?: () => Date;
}

export interface RunOptions {
  /** The peer's IP address; needed where a tenant allows only some networks. */
  readonly remoteAddress?: string | undefined;
  /** Ends the run: its statement is cancelled, its transaction rolled back. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** The transaction is READ ONLY. It goes on while the tenant is fenced for a move, as long as its rows there are the last ones. */
  readonly readOnly?: boolean;
  /**
   * With `readOnly`: a replica of the cell may serve it, where there is one. What was just written, the end of an assignment too, may not be
   * there yet. Quotas and limits are asked of the cell itself in any case.
   */
  readonly mayLag?: boolean;
}

/** The one door to a clinic's data. */
export interface Access {
  /**
   * Verifies the token, enters the clinic, and runs `work` in one transaction: committed when `work` returns, rolled
   * back when it throws. A run inside a run of the same user and clinic is a savepoint of it: what it wrote is undone
   * when its `work` throws, and saved with the outer one when it returns.
   *
   * While the tenant is moved to another cell, the beginning waits; `work` is never begun twice.
   *
   * @throws AccessRefusal when the caller is turned away; RingfenceError `database_unavailable`,
   *   `identity_unavailable`, `timeout`, `cancelled` or `result_too_large`; `customer_key_closed` while a key that the customer holds is; `move_wait_full` and `move_wait_timeout` before `work`
   *   began; `tenant_moving` when it had begun before the move's fence and was not over in time, nothing was saved then; and
   *   whatever `work` throws.
   */
  run<T>(
    token: string,
    clinicId: string,
    work: (db: TenantDatabase) => Promise<T>,
    options?: RunOptions,
  ): Promise<T>;
  /**
   * One statement in a transaction of its own, in one round trip instead of three: for reads. A write that is
   * cancelled or timed out, or whose answer is too large, may have been saved. Inside a run of the same user and clinic it is part of that one, and
   * undone by itself when it fails.
   *
   * @throws as `run` does; `statement_not_allowed`.
   */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    token: string,
    clinicId: string,
    text: string,
    values?: readonly unknown[],
    options?: RunOptions,
  ): Promise<pg.QueryResult<Row>>;
  /** How long requests waited for tenants that moved, since `createAccess`. */
  moveWaits(): WaitHistogram;
  /** Waits for runs that are under way and closes all connections; not the directory. */
  close(): Promise<void>;
}

interface Admitted {
  readonly cell: CellPool;
  readonly tenant: TenantContext;
  readonly entry: Entry;
  readonly limits: TransactionLimits;
  /** The run that this one is inside of. */
  readonly outer: TenantScope | undefined;
  readonly refused: (refusal: AccessRefusal) => void;
  /** The caller's own work begins: from now on nothing is tried again. */
  readonly begin: () => void;
}

/** The number and the pauses of further look-ups of a refused login: its password may be new. */
const LOGIN_TRIES = 5;
const LOGIN_PAUSE_MS = 250;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const createAccess = (options: AccessOptions): Access => {
  const { directory, tenantKeys, now = () => new Date() } = options;
  const connections = options.connectionsPerCell ?? 10;
  const perTenant = options.connectionsPerTenant ?? Math.max(1, Math.floor(connections / 2));
  const pools = cellPools(
    {
      connections,
      perTenant,
      waitMs: options.waitMs ?? 5_000,
      waitingPerTenant: 1_000,
    },
    now,
    {
      bytesMax: options.resultBytesMax ?? RESULT_LIMIT.bytesMax,
      rowsMax: options.resultRowsMax ?? RESULT_LIMIT.rowsMax,
    },
  );
  const verify = rememberTokens(tokenVerifier(options, now), now);
  const sealedColumns = { ...REFERENCE_SEALED_COLUMNS, ...options.sealedColumns };
  const recorder = refusalRecorder(directory, pools, now);
  const report = refusalReporter(options.onRefused, recorder.takeUnrecorded);
  const meters = requestMeters(pools, now);
  const room = waitingRoom(directory, {
    waitMs: options.moveWaitMs ?? 5_000,
    waiting: options.moveWaiting ?? 1_000,
  });
  const support = supportAnnouncements(now);
  const forgetDepartures = directory.onDeparture?.((departure) => {
    warmUp(pools, departure, perTenant).catch(() => undefined);
  });
  /** Refusals of nested runs, which the outer ones may throw as well. */
  const reported = new WeakSet<AccessRefusal>();

  /** Everything but the database's own checks. */
  const admit = async (
    token: string,
    clinicId: string,
    remoteAddress: string | undefined,
    known: Partial<TenantContext>,
  ): Promise<{ located: Located; tenant: TenantContext }> => {
    const verified = await verify(token);
    const { userId } = Object.assign(known, { userId: verified.userId });
    if (!UUID.test(clinicId)) throw accessRefused('clinic_malformed');
    if (verified.clinicId !== clinicId) throw accessRefused('clinic_other');
    const located = await directory.locate(clinicId);
    if (!located) throw new AccessRefusal('clinic_not_found', 'clinic_unknown', 'there is no such clinic');
    Object.assign(known, { tenantId: located.tenantId });
    if (located.state !== 'active') throw clinicInactive();
    enforcePolicy(located.security, verified, remoteAddress, now());
    await requireCustomerKey(located, tenantKeys);
    return { located, tenant: { tenantId: located.tenantId, clinicId, userId } };
  };

  /** Admits the caller and serves them; every refusal on the way is reported. */
  const serve = async <T>(
    token: string,
    clinicId: string,
    { remoteAddress, signal, timeoutMs, readOnly = false, mayLag = false }: RunOptions,
    work: (admitted: Admitted) => Promise<T>,
  ): Promise<T> => {
    const known: Partial<TenantContext> = {};
    const current = currentScope();
    const outer = current && !current.state.isOver ? current : undefined;
    const refused = ({ code, reason }: AccessRefusal): void => {
      const { userId = null, tenantId = null } = known;
      const refusal = { code, reason, clinicId: UUID.test(clinicId) ? clinicId : null, userId, tenantId };
      report(refusal);
      recorder.record(refusal);
    };
    let isBegun = false;
    let last: Located | undefined;
    const wait = room.wait(signal);
    const begin = (): void => {
      isBegun = true;
      wait.over();
    };
    const attempt = async (): Promise<T> => {
      const { located, tenant } = await admit(token, clinicId, remoteAddress, known);
      last = located;
      if (outer && (outer.tenant.clinicId !== clinicId || outer.tenant.userId !== tenant.userId))
        throw accessRefused('clinic_nested');
      const onServed = outer ? undefined : await meters.take(located, tenant.userId, { readOnly });
      const limits = {
        timeoutMs: timeoutMs ?? options.timeoutMs ?? 30_000,
        signal,
        ...(onServed ? { onServed } : {}),
      };
      const entry = { subject: { ...tenant, ...epochOf(located) }, readOnly };
      const home = pools.of(located);
      const cell = readOnly && mayLag ? pools.ofReplica(located) : home;
      const admitted = { cell, tenant, entry, limits, outer, refused, begin };
      if (outer) return work(admitted);
      await support.beforeEntering(home, tenant, limits);
      try {
        return await work(admitted);
      } catch (error) {
        const isUnannounced = error instanceof AccessRefusal && error.reason === 'support_unannounced';
        if (isBegun || !isUnannounced) throw error;
        await support.announce(home, tenant, limits);
        return await work(admitted);
      }
    };
    try {
      for (let logins = 1; ; ) {
        try {
          const result = await attempt();
          wait.over();
          return result;
        } catch (error) {
          if (isMoving(error) && last && !isBegun && !outer) {
            await wait.again(last);
            continue;
          }
          const isLogin = error instanceof RingfenceError && error.code === 'database_auth_failed';
          if (!isLogin || isBegun || outer || logins++ === LOGIN_TRIES) throw error;
          directory.forget(clinicId);
          await pause(LOGIN_PAUSE_MS, undefined, signal ? { signal } : {}).catch(() => undefined);
        }
      }
    } catch (error) {
      // An envelope that did not open was reported where it happened; so was what leaves a nested run.
      const isNew =
        error instanceof AccessRefusal && error.reason !== 'envelope_refused' && !reported.has(error);
      if (isNew) refused(error);
      if (isNew && outer) reported.add(error);
      if (error instanceof RingfenceError && MAY_HAVE_MOVED.has(error.code)) directory.forget(clinicId);
      throw error;
    }
  };

  return {
    run: (token, clinicId, work, runOptions = {}) =>
      serve(token, clinicId, runOptions, ({ cell, tenant, entry, limits, outer, refused, begin }) => {
        if (outer) return inNestedRun(outer, () => work(outer.database as TenantDatabase));
        const open = (client: ScopedClient) =>
          openTenantDatabase(tenant, client, { sealedColumns, tenantKeys, now, onRefused: refused });
        return inClinicTransaction(cell, tenant, entry, limits, open, (database) => {
          begin();
          return work(database);
        });
      }),
    query: (token, clinicId, text, values = [], runOptions = {}) =>
      serve(token, clinicId, runOptions, ({ cell, tenant, entry, limits, outer }) => {
        assertQuery(text);
        if (outer) return outer.subtransaction.queryAlone({ text, values: [...values] });
        return inClinicStatement(cell, tenant, entry, limits, text, values);
      }),
    moveWaits: room.histogram,
    close: async () => {
      forgetDepartures?.();
      room.close();
      await recorder.close();
      await pools.close();
    },
  };
};

/** The cell refused before anything began: the tenant is fenced there, or is at home elsewhere. */
const MAY_HAVE_MOVED: ReadonlySet<string> = new Set([
  'database_unavailable',
  'database_auth_failed',
  'tenant_moving',
]);
