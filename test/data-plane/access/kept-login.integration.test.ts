import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CellPools, cellPools } from '../../../data-plane/access/cells/cell-pools.js';
import type { CellAddress } from '../../../data-plane/access/directory/directory.js';
import { asApplication } from '../../../data-plane/database/application-logins.js';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';
import { prepareCell } from '../../../data-plane/database/prepare-cell.js';
import { repairCell } from '../../../data-plane/database/repair/repair-cell.js';
import { createRoles } from '../../../data-plane/database/roles.js';
import { ensureLocalServer, purgeLocalServer } from '../../../data-plane/database/server/local-server.js';
import { TEST_CONTEXT_KEY } from '../../support/cell-database.js';

const CREDENTIALS = {
  appPassword: 'app password',
  keeperPassword: 'keeper password',
  contextKey: TEST_CONTEXT_KEY,
};
const LIMITS = { connections: 2, perTenant: 2, waitMs: 5_000, waitingPerTenant: 10 };

describe("the application's login", () => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-kept-'));
  let admin: Connection;
  let app: Connection;
  let address: CellAddress;
  const opened: CellPools[] = [];

  beforeAll(async () => {
    const { host, port, user, password } = await ensureLocalServer(dir);
    admin = { host, port, user, password, database: 'kept' };
    app = { ...admin, user: 'ringfence_app', password: CREDENTIALS.appPassword };
    address = {
      cell: 'kept',
      connection: app,
      contextKey: TEST_CONTEXT_KEY,
      keeperPassword: CREDENTIALS.keeperPassword,
    };
    await withConnection({ ...admin, database: 'postgres' }, async (client) => {
      await createRoles(client);
      await client.query('CREATE DATABASE kept');
    });
    await withConnection(admin, (client) => prepareCell(client, CREDENTIALS));
  });
  afterAll(async () => {
    for (const pools of opened) await pools.close();
    purgeLocalServer(dir);
  });

  /** A pool of a process that starts now. */
  const freshPool = (changes: Partial<CellAddress> = {}) => {
    const pools = cellPools(LIMITS, () => new Date());
    opened.push(pools);
    return pools.of({ ...address, ...changes });
  };
  const asApp = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => withConnection(app, work);
  const settings = [
    'TimeZone',
    'statement_timeout',
    'row_security',
    'default_transaction_read_only',
    'search_path',
  ];
  const sessionOf = async (client: pg.ClientBase) => {
    const { rows } = await client.query(
      `SELECT name, setting FROM pg_settings WHERE name = ANY ($1) ORDER BY name`,
      [settings],
    );
    return rows;
  };

  it.each([
    [`ALTER ROLE ringfence_app SET TimeZone = 'Asia/Tokyo'`],
    [`ALTER ROLE ringfence_app SET statement_timeout = '1ms'`],
    ['ALTER ROLE ringfence_app SET row_security = off'],
    ['ALTER ROLE ringfence_app SET default_transaction_read_only = on'],
    ['ALTER ROLE ringfence_app IN DATABASE kept SET search_path = nowhere'],
    ['ALTER ROLE ringfence_app RESET ALL'],
    [`ALTER ROLE ringfence_app SET local_preload_libraries = 'nothing_of_that_name'`],
    ['ALTER ROLE ringfence_app SET temp_tablespaces = nowhere'],
    ['ALTER ROLE ringfence_app SET role = ringfence_tenant'],
    [`ALTER ROLE ringfence_app PASSWORD 'changed'`],
    ['ALTER ROLE ringfence_app PASSWORD NULL'],
  ])('is put back when the next process connects: %s', async (statement) => {
    const before = await asApp(sessionOf);
    await asApp((client) => client.query(statement));
    const client = await freshPool().connect();
    try {
      expect(await sessionOf(client)).toEqual(before);
      expect((await client.query('SELECT ringfence.is_kept() AS kept')).rows).toEqual([{ kept: true }]);
    } finally {
      client.release();
    }
    await asApp(async () => undefined);
  });

  it.each([
    ["ALTER ROLE ringfence_app PASSWORD 'changed'"],
    ["ALTER ROLE ringfence_app SET TimeZone = 'Asia/Tokyo'"],
  ])('is put back for twelve processes at once: %s', async (statement) => {
    for (let times = 0; times < 5; times++) {
      await asApp((client) => client.query(statement));
      const clients = await Promise.all(Array.from({ length: 12 }, () => freshPool().connect()));
      for (const client of clients) client.release();
    }
  });

  it.each([[true], [false]])('is looked at or set by several runs at once (dry run: %s)', async (dryRun) => {
    const look = () => withConnection(admin, (client) => repairCell(client, CREDENTIALS, { dryRun }));
    for (let times = 0; times < 10; times++)
      await Promise.all(Array.from({ length: 5 }, () => [look(), asApplication(admin, CREDENTIALS)]).flat());
  });

  it('stays away where there is no keeper, and says what to do', async () => {
    await asApp((client) => client.query(`ALTER ROLE ringfence_app SET TimeZone = 'Asia/Tokyo'`));
    const { keeperPassword: _, ...without } = address;
    const pools = cellPools(LIMITS, () => new Date());
    opened.push(pools);
    await expect(pools.of(without).connect()).rejects.toMatchObject({
      code: 'database_auth_failed',
      fix: expect.stringContaining('cells repair'),
    });
    await withConnection(admin, (client) => prepareCell(client, CREDENTIALS));
    (await pools.of(without).connect()).release();
  });

  it('is not changed by the keeper, which may do nothing else', async () => {
    const keeper = { ...app, user: 'ringfence_keeper', password: CREDENTIALS.keeperPassword };
    await withConnection(keeper, async (client) => {
      expect((await client.query('SELECT ringfence.keep() AS mended')).rows).toEqual([{ mended: [] }]);
    });
    for (const statement of [
      'SELECT FROM ringfence.clinics',
      'SELECT FROM clinical.patients',
      `SELECT ringfence.enter('x')`,
    ])
      await expect(withConnection(keeper, (client) => client.query(statement))).rejects.toMatchObject({
        code: 'database_refused',
      });
  });

  it('stops nobody by a change of the login that it does not commit', async () => {
    const holder = new pg.Client(app);
    holder.on('error', () => undefined);
    await holder.connect();
    await holder.query(`BEGIN; ALTER ROLE ringfence_app SET TimeZone = 'Asia/Tokyo'`);
    const { user } = await asApplication(admin, CREDENTIALS);
    expect(user).toBe('ringfence_app');
    await expect(holder.query('COMMIT')).rejects.toThrow();

    const other = new pg.Client(app);
    other.on('error', () => undefined);
    await other.connect();
    await other.query(`BEGIN; ALTER ROLE ringfence_app SET TimeZone = 'Asia/Tokyo'`);
    await withConnection(
      { ...app, user: 'ringfence_keeper', password: CREDENTIALS.keeperPassword },
      (keeper) => keeper.query('SELECT ringfence.keep()'),
    );
    await expect(other.query('COMMIT')).rejects.toThrow();
  });

  it('stops nobody by locking a table: the session is ended', async () => {
    const holder = new pg.Client(app);
    const ended = new Promise<void>((resolve) => holder.on('end', () => resolve()));
    holder.on('error', () => undefined);
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE clinical.patients IN ACCESS EXCLUSIVE MODE');
    freshPool().keep();
    await ended;
  });
});
