import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import type { Fence } from '../../../data-plane/enrolment/enrolment.js';
import { setFence } from '../../../data-plane/moves/fence.js';
import { type MoveRun, takeOverCell } from '../../../data-plane/moves/move-run.js';
import {
  asClinic,
  plantClinic,
  type TestClinic,
  tokenFor,
  useDatabase,
} from '../../support/cell-database.js';

const database = useDatabase();
const ROWS = 500;
/** Of node-postgres: what it sends by. */
interface Wire {
  parse(statement: { text: string; name: string; types: number[] }): void;
  bind(portal: { portal: string; statement: string; values: unknown[] }): void;
  execute(portal: { portal: string; rows: number }): void;
  close(what: { type: 'P' | 'S'; name: string }): void;
  sync(): void;
}

/** Sends messages of the extended protocol up to a Sync. @returns the number of rows that came. */
const send = (client: pg.PoolClient, messages: (to: Wire) => void): Promise<number> =>
  new Promise((resolve, reject) => {
    let rows = 0;
    const nothing = (): void => undefined;
    client.query({
      submit: (to: Wire) => {
        messages(to);
        to.sync();
      },
      handleRowDescription: nothing,
      handleDataRow: () => {
        rows += 1;
      },
      handlePortalSuspended: nothing,
      handleCommandComplete: nothing,
      handleError: reject,
      handleReadyForQuery: () => resolve(rows),
    } as unknown as pg.Submittable);
  });

/** A statement that leaves the unnamed portal as it is. */
const inPortal = (text: string) => (to: Wire) => {
  to.parse({ text, name: 'other', types: [] });
  to.bind({ portal: 'other', statement: 'other', values: [] });
  to.execute({ portal: 'other', rows: 0 });
  to.close({ type: 'P', name: 'other' });
  to.close({ type: 'S', name: 'other' });
};

let clinic: TestClinic;
let run: MoveRun;
beforeAll(async () => {
  clinic = await plantClinic(database.admin, 'moved');
  run = { tenantId: clinic.tenantId, moveId: randomUUID(), attempt: 1 };
  await asClinic(
    database.app,
    clinic,
    (client) =>
      client.query(
        `INSERT INTO clinical.services (name, duration_minutes) SELECT 'service ' || n, 30 FROM generate_series(1, $1::int) n`,
        [ROWS],
      ),
    'COMMIT',
  );
  await database.admin.query('ANALYZE clinical.services');
  await withConnection(database.connection, (client) => takeOverCell(client, run));
});

const fence = (wanted: Fence): Promise<void> =>
  withConnection(database.connection, (client) => setFence(client, run, wanted));

const inTransaction = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
  const client = await database.app.connect();
  try {
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
};

const enter = (client: pg.PoolClient) =>
  client.query('SELECT ringfence.enter($1)', [tokenFor(client, clinic)]);
const NAMES = 'SELECT name FROM clinical.services';
const SUBTRANSACTION = '25001';

test('a cursor from before a savepoint reads nothing of a clinic that was entered within it', async () => {
  await inTransaction(async (client) => {
    await client.query('BEGIN');
    await client.query('SET LOCAL enable_seqscan = off');
    await client.query(`DECLARE kept CURSOR FOR ${NAMES}`);
    await client.query('SAVEPOINT before');
    const read = async () => {
      await enter(client);
      await client.query('FETCH 1 FROM kept');
      await client.query('ROLLBACK TO before');
      return (await client.query('FETCH ALL FROM kept')).rowCount;
    };
    await expect(read()).rejects.toMatchObject({ code: SUBTRANSACTION });
  });
});

test('a statement that enters by itself reads nothing behind the savepoint', async () => {
  await inTransaction(async (client) => {
    await client.query('BEGIN');
    await client.query('SET LOCAL enable_seqscan = off');
    const entering = `SELECT p.name FROM (SELECT ringfence.enter($1) OFFSET 0) e CROSS JOIN LATERAL (${NAMES} OFFSET 0) p`;
    await send(client, (to) => {
      to.parse({ text: entering, name: '', types: [] });
      to.bind({ portal: '', statement: '', values: [tokenFor(client, clinic)] });
    });
    await send(client, inPortal('SAVEPOINT before'));
    const read = async () => {
      expect(await send(client, (to) => to.execute({ portal: '', rows: 1 }))).toBe(1);
      await send(client, inPortal('ROLLBACK TO before'));
      return send(client, (to) => to.execute({ portal: '', rows: 0 }));
    };
    await expect(read()).rejects.toMatchObject({ code: SUBTRANSACTION });
  });
});

test('a cursor is no hindrance without a savepoint, nor a savepoint without a cursor', async () => {
  await inTransaction(async (client) => {
    await client.query('BEGIN');
    await client.query(`DECLARE kept CURSOR FOR ${NAMES}`);
    await enter(client);
    expect((await client.query('FETCH ALL FROM kept')).rowCount).toBe(ROWS);
    await client.query('ROLLBACK; BEGIN; SAVEPOINT before');
    await enter(client);
    expect((await client.query(NAMES)).rowCount).toBe(ROWS);
    await client.query('ROLLBACK TO before');
    expect((await client.query(NAMES)).rowCount).toBe(0);
  });
});

test('who is READ ONLY in a savepoint alone is no reader behind a fence', async () => {
  await fence('draining');
  try {
    await inTransaction(async (client) => {
      await client.query('BEGIN READ ONLY');
      await enter(client);
      expect((await client.query(NAMES)).rowCount).toBe(ROWS);
      await client.query('ROLLBACK; BEGIN; SAVEPOINT reading; SET TRANSACTION READ ONLY');
      await expect(enter(client)).rejects.toMatchObject({ code: SUBTRANSACTION });
    });
  } finally {
    await fence('open');
  }
});
