import pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import type { TenantKeys } from '../keys/tenant-keys.js';
import type { ScopedClient } from './context/scoped-client.js';
import type { TenantContext } from './context/tenant-scope.js';
import type { AccessRefusal } from './refusals/refusal.js';
import { clinicKeys } from './sealed/clinic-keys.js';
import { idTypes } from './sealed/id-types.js';
import { readPermission } from './sealed/read-permission.js';
import type { SealedColumns } from './sealed/sealed-columns.js';
import { type SealedFields, sealedFields } from './sealed/sealed-fields.js';
import { type SealedRows, sealedRows } from './sealed/sealed-rows.js';

/** One clinic's data, for the time of one run. */
export interface TenantDatabase {
  readonly tenant: TenantContext;
  /**
   * Runs one statement in the clinic's context.
   * @throws RingfenceError; `StatementRefused` has the SQLSTATE; `statement_not_allowed` when it was not sent.
   */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /** The connection, for libraries that take a client of `pg`; promises only, no cursors. docs/access.md has what it takes. */
  readonly client: pg.PoolClient;
  /** A pool of that one connection, for libraries that take a pool of `pg`: Kysely, Prisma's adapter, Drizzle. */
  readonly pool: pg.Pool;
  readonly sealed: SealedFields;
  readonly rows: SealedRows;
}

export interface TenantDatabaseOptions {
  readonly sealedColumns: SealedColumns;
  readonly tenantKeys: TenantKeys | undefined;
  readonly now: () => Date;
  readonly onRefused: (refusal: AccessRefusal) => void;
}

/** `close` wipes the clinic's keys. */
export const openTenantDatabase = (
  tenant: TenantContext,
  client: ScopedClient,
  { sealedColumns, tenantKeys, now, onRefused }: TenantDatabaseOptions,
): TenantDatabase & { close(): void } => {
  const keys = clinicKeys(tenantKeys, tenant, now);
  const sealed = sealedFields(
    sealedColumns,
    keys,
    idTypes(client),
    () => client.assertOpen(),
    onRefused,
    readPermission(client),
  );
  let pool: pg.Pool | undefined;
  return {
    tenant,
    query: (text, values) => client.query(text, values),
    client: client as unknown as pg.PoolClient,
    get pool() {
      pool ??= new ScopedPool(client);
      return pool;
    },
    sealed,
    rows: sealedRows(sealedColumns, sealed, client),
    close: keys.wipe,
  };
};

/** A pool of the one connection that a run has, for libraries that take a pool of `pg`. */
class ScopedPool extends pg.Pool {
  readonly #client: ScopedClient;

  constructor(client: ScopedClient) {
    super();
    this.#client = client;
    this.connect = this.connect.bind(this);
    // The overloads with callbacks are not served; see usage().
    this.query = ((...given: unknown[]) => {
      if (given.some((argument) => typeof argument === 'function')) throw usage();
      return client.query(given[0] as string, given[1] as unknown[] | undefined);
    }) as pg.Pool['query'];
  }

  override connect(callback?: unknown): Promise<pg.PoolClient> {
    if (callback !== undefined) throw usage();
    return Promise.resolve(this.#client.checkOut() as unknown as pg.PoolClient);
  }

  /** The run ends the connection; a library that ends "its" pool changes nothing. */
  override async end(): Promise<void> {}
}

const usage = (): RingfenceError =>
  new RingfenceError('usage', 'the connection of a run takes no callbacks', { fix: 'use its promises' });
