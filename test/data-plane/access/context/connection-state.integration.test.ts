import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCellConnection } from '../../../../data-plane/access/cells/cell-connection.js';
import { type CellPool, cellPools } from '../../../../data-plane/access/cells/cell-pools.js';
import type { ScopedClient } from '../../../../data-plane/access/context/scoped-client.js';
import { enter } from '../../../../data-plane/access/context/session.js';
import { inClinicTransaction } from '../../../../data-plane/access/context/transaction.js';
import { withConnection } from '../../../../data-plane/database/connect.js';
import { grantAsManaged, type TestDatabase } from '../../../support/cell-database.js';
import { type Colleague, useClinics } from '../clinic-scene.js';
import { hasPgBouncer, startPgBouncer } from '../pgbouncer.js';

const ONE = { connections: 1, perTenant: 1, waitMs: 5_000, waitingPerTenant: 10 };
const LIMITS = { timeoutMs: 20_000, signal: undefined };
const PID = 'SELECT pg_backend_pid() AS pid';

/** What a session leaves, and the statement that would find it. */
const LEFT: [string, string, string][] = [
  ['a cursor WITH HOLD', 'DECLARE kept CURSOR WITH HOLD FOR SELECT 1', 'FETCH ALL FROM kept'],
  [
    'a setting',
    `SET SESSION "my.secret" = 'canary'`,
    `SELECT nullif(current_setting('my.secret', true), '')`,
  ],
  ['a search path', 'SET search_path = clinical', 'SELECT name FROM services'],
  ['a time zone', `SET TIME ZONE 'Pacific/Kiritimati'`, `SELECT current_setting('TimeZone')`],
  [
    'read-only transactions',
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
    `SELECT current_setting('default_transaction_read_only')`,
  ],
  ['an encoding', `SET client_encoding = 'LATIN1'`, `SELECT current_setting('client_encoding')`],
  ['a lock_timeout', 'SET lock_timeout = 12345', `SELECT current_setting('lock_timeout')`],
  ['a channel', 'LISTEN kept', 'SELECT pg_listening_channels()'],
];
const SEEDS = ['SELECT setseed(0.42)', 'SET seed TO 0.42', `SELECT set_config('seed', '0.42', false)`];
const RANDOM = 'SELECT random()';

/** What random() gives after the seed, to whoever knows it. */
const knownNumbers = async ({ admin }: TestDatabase): Promise<number[]> => {
  const client = await admin.connect();
  await client.query('SELECT setseed(0.42)');
  const { rows } = await client.query('SELECT random() FROM generate_series(1, 20)');
  client.release();
  return rows.map(({ random }) => random);
};
/** Only a superuser could leave these; the application's role is refused them already. */
const REFUSED_BY_DATABASE: [string, string, string][] = [
  ['a temporary table', 'CREATE TEMP TABLE kept AS SELECT 1', '42501'],
  ['an advisory lock', 'SELECT pg_advisory_lock(7)', '42501'],
  ['a role', 'SET ROLE ringfence_gate', '42501'],
  ['a session authorization', 'SET SESSION AUTHORIZATION ringfence_gate', '42501'],
  ['a library', `LOAD 'plpgsql'`, '42501'],
];

describe('what a connection carries to the next clinic', () => {
  const scene = useClinics();
  const pools = cellPools(ONE, () => new Date());
  let a: Colleague;
  let b: Colleague;
  let cell: CellPool;

  beforeAll(async () => {
    await grantAsManaged(scene.database.admin);
    a = await scene.clinic('a');
    b = await scene.clinic('b');
    cell = pools.of(scene.located.get(a.clinicId) as never);
  });
  afterAll(() => pools.close());

  /** As the library's own, but without its rules for statements: what an attacker would send who is past them. */
  const raw = <T>(who: Colleague, use: (client: pg.Client) => Promise<T>): Promise<T> =>
    withCellConnection(cell, who.tenantId, LIMITS, async ({ client, commit }) => {
      await enter(client, cell, { subject: who });
      const result = await use(client);
      await commit().ended;
      return result;
    });
  const run = <T>(who: Colleague, work: (client: ScopedClient) => Promise<T>): Promise<T> => {
    const open = (client: ScopedClient) => ({ client, close: () => undefined });
    return inClinicTransaction(cell, who, { subject: who }, LIMITS, open, ({ client }) => work(client));
  };
  const pid = () => run(b, async (db) => (await db.query(PID)).rows[0]?.pid);

  it.each(LEFT)('is not %s', async (_, leave, find) => {
    const look = () =>
      raw(b, (client) => client.query(find)).then(
        ({ rows }) => rows,
        ({ code }) => code,
      );
    const clean = await look();
    const before = await pid();
    const found = await raw(a, async (client) => {
      await client.query(leave);
      return (await client.query(find)).rows;
    });
    // A channel is listened on from the commit on.
    if (!leave.startsWith('LISTEN')) expect(found, 'it is left at all').not.toEqual(clean);
    expect(await pid()).toBe(before);
    expect(await look()).toEqual(clean);
  });

  it.each(SEEDS)('is not a seed: %s', async (leave) => {
    const known = await knownNumbers(scene.database);
    const before = await pid();
    const own = await raw(a, async (client) => {
      await client.query(leave);
      return (await client.query(RANDOM)).rows[0].random;
    });
    expect(known).toContain(own);
    const next = await raw(b, async (client) => (await client.query(RANDOM)).rows[0].random);
    expect(known).not.toContain(next);
    expect(await pid()).toBe(before);
  });

  it.each(REFUSED_BY_DATABASE)('is not %s, which the database refuses', async (_, leave, sqlState) => {
    await expect(raw(a, (client) => client.query(leave))).rejects.toMatchObject({ sqlState });
  });

  it('is not where a sequence stood', async () => {
    const { admin } = scene.database;
    await admin.query('CREATE SEQUENCE clinical.numbers; GRANT USAGE ON clinical.numbers TO ringfence_app');
    await run(a, (db) => db.query(`SELECT nextval('clinical.numbers')`));
    await expect(run(b, (db) => db.query('SELECT lastval()'))).rejects.toMatchObject({ sqlState: '55000' });
  });

  it.each([
    ['set_config', `SELECT count(set_config('canary.x' || n, '', true)) FROM generate_series(1, 400000) n`],
    [
      'SQL in a function of XML',
      `SELECT query_to_xml($$SELECT set_config('canary.x', '', true)$$, true, true, '')`,
    ],
    ['a name with escapes', `SELECT U&"\\0073et_config"('canary.x', '', true)`],
  ])('is not the memory that names of settings take: %s', async (_, leave) => {
    const before = await pid();
    const [{ present }] = await raw(b, async (client) => {
      const { rows } = await client.query(`SELECT current_setting('canary.x', true) IS NOT NULL AS present`);
      return rows;
    });
    expect(present).toBe(false);
    await run(a, (db) => db.query(leave));
    expect(await pid()).not.toBe(before);
    const after = await pid();
    const access = scene.access({ connectionsPerCell: 1, connectionsPerTenant: 1 });
    const backend = async () => (await access.query(b.token(), b.clinicId, PID)).rows[0]?.pid;
    for (let round = 0; round < 2; round++) {
      const kept = await backend();
      expect(await backend()).toBe(kept);
      await access.query(a.token(), a.clinicId, leave);
      expect(await backend()).not.toBe(kept);
    }
    expect(await pid()).toBe(after);
  });

  it('is not what a run prepared, because it cannot', async () => {
    const before = await pid();
    for (const text of [`PREPARE kept AS SELECT 'canary'`, 'DEALLOCATE ALL', 'EXECUTE ringfence_enter'])
      await expect(run(a, (db) => db.query(text))).rejects.toMatchObject({ code: 'statement_not_allowed' });
    const named = { name: 'kept', text: 'SELECT 1 AS one' };
    await run(a, (db) => db.query(named));
    expect(await pid()).toBe(before);
    await expect(raw(b, (client) => client.query('EXECUTE kept'))).rejects.toMatchObject({
      sqlState: '26000',
    });
  });
});

const missing = hasPgBouncer() ? '' : ', which is not installed';

describe.skipIf(missing !== '')(`what a server of PgBouncer carries to the next clinic${missing}`, () => {
  const scene = useClinics();
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;
  let a: Colleague;

  beforeAll(async () => {
    await grantAsManaged(scene.database.admin);
    a = await scene.clinic('pooled');
    bouncer = await startPgBouncer(scene.database.appConnection, 1);
    const known = scene.located.get(a.clinicId);
    if (known)
      scene.located.set(a.clinicId, { ...known, connection: bouncer.connection, pooler: 'transaction' });
  });
  afterAll(() => bouncer.stop());

  it('is neither a seed nor a setting of a session that is not ours', async () => {
    const access = scene.access();
    const known = await knownNumbers(scene.database);
    const setting = `SELECT nullif(current_setting('my.secret', true), '') AS kept, pg_backend_pid() AS pid`;
    const server = await withConnection(bouncer.connection, async (client) => {
      await client.query(`SET "my.secret" = 'canary'; SELECT setseed(0.42)`);
      expect(known).toContain((await client.query(RANDOM)).rows[0].random);
      return (await client.query(PID)).rows[0].pid;
    });
    const { rows } = await access.query(a.token(), a.clinicId, RANDOM);
    expect(known).not.toContain(rows[0]?.random);
    expect((await access.query(a.token(), a.clinicId, setting)).rows).toEqual([{ kept: null, pid: server }]);
  });
});
