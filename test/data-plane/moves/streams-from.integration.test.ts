import { beforeEach, expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { withdraw } from '../../../data-plane/enrolment/withdraw.js';
import { eraseFromCell } from '../../../data-plane/erasure/erase-from-cell.js';
import { copyRows } from '../../../data-plane/moves/copy-rows.js';
import { readStreams } from '../../../data-plane/moves/found-streams.js';
import { setMoveWork, takeOverCell } from '../../../data-plane/moves/move-run.js';
import { streamedTables } from '../../../data-plane/moves/publication.js';
import { createSlot } from '../../../data-plane/moves/slot.js';
import { enrolMoved, startStream, useTwoCells } from './two-cells.js';

const { source, destination, moved } = useTwoCells();

const servicesIn = async (db: typeof source): Promise<number> =>
  (
    await db.admin.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM clinical.services WHERE clinic_id = $1',
      [moved.clinic.clinicId],
    )
  ).rows[0]?.count ?? 0;
const add = () =>
  source.admin.query(
    `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'one', 30)`,
    [moved.clinic.clinicId],
  );
const publications = async (db: typeof source) =>
  (await withConnection(db.connection, readStreams)).filter(({ kind }) => kind === 'publication');

/** A move that nobody knows any more: its stream runs on. */
beforeEach(async () => {
  moved.run = { ...moved.run, attempt: moved.run.attempt + 1 };
  await enrolMoved(source, moved.clinic, true);
  await enrolMoved(destination, moved.clinic, false);
  await startStream(source, destination, moved.run, moved.clinic);
  const before = await servicesIn(destination);
  await add();
  await expect.poll(() => servicesIn(destination), { timeout: 30_000 }).toBe(before + 1);
});

test.each([
  ['withdrawn', () => withConnection(source.connection, (client) => withdraw(client, moved.run.tenantId))],
  [
    'erased',
    () =>
      eraseFromCell(source.connection, {
        tenantId: moved.run.tenantId,
        clinicIds: [moved.clinic.clinicId],
        loginRole: 'nobody',
      }),
  ],
  ['copied into', () => copyFromOtherEnd()],
])('no stream brings what is deleted where a tenant is %s to the other end', async (how, remove) => {
  const rows = await servicesIn(destination);
  expect(rows).toBeGreaterThan(0);
  await remove();
  expect(await publications(source)).toEqual([]);
  expect([how, await servicesIn(destination)]).toEqual([how, rows]);
});

/** Empties the first cell and fills it from the second one. */
const copyFromOtherEnd = async (): Promise<void> => {
  const run = { ...moved.run, attempt: moved.run.attempt + 1 };
  moved.run = run;
  for (const db of [source, destination])
    await withConnection(db.connection, async (client) => {
      await takeOverCell(client, run);
      await setMoveWork(client, run, { underWay: true, tracks: false, locksSchema: false });
    });
  const tables = await withConnection(destination.connection, (client) =>
    streamedTables(client, { tenantId: run.tenantId, clinicIds: [moved.clinic.clinicId] }),
  );
  const slot = await createSlot(destination.connection, 'rf_move_copy_back', { waitMs: 60_000 });
  await copyRows(destination.connection, source.connection, tables, { run, snapshot: slot.snapshot });
  await slot.close();
  await withConnection(destination.connection, (client) =>
    client.query(`SELECT pg_drop_replication_slot('rf_move_copy_back')`),
  );
};
