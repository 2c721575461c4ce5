import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { type Connection, withConnection } from '../../../data-plane/database/connect.js';
import { enrol } from '../../../data-plane/enrolment/enrol.js';
import { copyRows } from '../../../data-plane/moves/copy-rows.js';
import { type MoveRun, setMoveWork, takeOverCell } from '../../../data-plane/moves/move-run.js';
import { publish, streamedTables, unpublish } from '../../../data-plane/moves/publication.js';
import { createSlot, dropSlots } from '../../../data-plane/moves/slot.js';
import { streamNames, streamPattern } from '../../../data-plane/moves/stream-names.js';
import { subscribe, unsubscribe } from '../../../data-plane/moves/subscription.js';
import { type TestClinic, type TestDatabase, useDatabase } from '../../support/cell-database.js';

/** Two cells on one server, and a tenant in the first; a neighbour in each. */
export const useTwoCells = () => {
  const source = useDatabase();
  const destination = useDatabase();
  const moved: { run: MoveRun; clinic: TestClinic } = {} as never;
  beforeAll(async () => {
    const [tenantId, clinicId] = [randomUUID(), randomUUID()];
    moved.clinic = { tenantId, clinicId };
    moved.run = { tenantId, moveId: randomUUID(), attempt: 1 };
  });
  afterAll(async () => {
    await tearDown(source, destination, moved.run);
  });
  return { source, destination, moved };
};

export const enrolMoved = (
  db: Pick<TestDatabase, 'connection'>,
  { tenantId, clinicId }: TestClinic,
  isHome: boolean,
): Promise<void> =>
  withConnection(db.connection, (client) =>
    enrol(
      client,
      {
        tenantId,
        slug: `m-${tenantId.slice(0, 8)}`,
        clinics: [{ id: clinicId, slug: 'only', name: 'Only', vertical: 'dental', timeZone: 'UTC' }],
      },
      { isHome },
    ),
  );

/** The two ends are databases of one server. */
const conninfo = ({ host, port, user, password, database }: Connection): string =>
  `host=${host} port=${port} user=${user} password=${password} dbname=${database}`;

/** Everything up to a stream that runs. @param way of the destination to the source. @returns the last event of the audit chain in the copy. */
export const startStream = async (
  source: Pick<TestDatabase, 'connection'>,
  destination: Pick<TestDatabase, 'connection'>,
  run: MoveRun,
  clinic: TestClinic,
  way: string = conninfo(source.connection),
) => {
  const names = streamNames(run, 'there');
  await withConnection(destination.connection, (client) => takeOverCell(client, run));
  return withConnection(source.connection, async (client) => {
    await takeOverCell(client, run);
    await setMoveWork(client, run, { underWay: true, tracks: true, locksSchema: true });
    const tables = await streamedTables(client, { tenantId: run.tenantId, clinicIds: [clinic.clinicId] });
    await publish(client, names.publication, run.tenantId, tables);
    const slot = await createSlot(source.connection, names.slot, { waitMs: 60_000 });
    const copied = await copyRows(source.connection, destination.connection, tables, {
      run,
      snapshot: slot.snapshot,
    });
    await slot.close();
    await withConnection(destination.connection, (there) =>
      subscribe(there, run, names, { conninfo: way, enabled: true }),
    );
    return copied;
  });
};

const tearDown = async (source: TestDatabase, destination: TestDatabase, run: MoveRun): Promise<void> => {
  const pattern = streamPattern(run.moveId);
  for (const db of [source, destination])
    await withConnection(db.connection, (client) => unsubscribe(client, undefined, pattern));
  for (const db of [source, destination])
    await withConnection(db.connection, async (client) => {
      await dropSlots(client, undefined, pattern);
      await unpublish(client, pattern);
    });
};

export const rowsOf = async (pool: pg.Pool, table: string, clinicId: string): Promise<unknown[]> =>
  (await pool.query(`SELECT * FROM ${table} WHERE clinic_id = $1 ORDER BY id`, [clinicId])).rows;
