import type pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { compareChanges } from '../../../data-plane/moves/compare-changes.js';
import { switchHome } from '../../../data-plane/moves/switch-home.js';
import { asClinic, plantClinic, tokenFor } from '../../support/cell-database.js';
import { enrolMoved, rowsOf, startStream, useTwoCells } from './two-cells.js';

const { source, destination, moved } = useTwoCells();

const OPTIONS = {
  drainMs: 2_000,
  arriveMs: 10_000,
  tries: 1,
  retryMs: 10,
  reopen: async () => undefined,
  flip: async () => undefined,
  reached: () => undefined,
};
const ADD = `INSERT INTO clinical.services (name, duration_minutes) VALUES ($1, 30)`;
const add = (db: typeof source, name: string, epoch?: number) =>
  asClinic(
    db.app,
    { ...moved.clinic, ...(epoch === undefined ? {} : { epoch }) },
    (client) => client.query(ADD, [name]),
    'COMMIT',
  );

let seen = 0;
beforeAll(async () => {
  await enrolMoved(source, moved.clinic, true);
  await enrolMoved(destination, moved.clinic, false);
  await plantClinic(source.admin, 'neighbour');
  for (let at = 0; at < 5; at++) await add(source, `before ${at}`, 1);
  ({ seen } = await startStream(source, destination, moved.run, moved.clinic));
});

test('rows are copied, and what is written meanwhile follows', async () => {
  await add(source, 'after the copy', 1);
  await source.admin.query(`DELETE FROM clinical.services WHERE clinic_id = $1 AND name = 'before 0'`, [
    moved.clinic.clinicId,
  ]);
  await withConnection(source.connection, (from) =>
    withConnection(destination.connection, async (to) => {
      const compared = await compareChanges(from, to, moved.run, { seen, waitMs: 10_000 });
      expect(compared).toMatchObject({ left: 0 });
      seen = compared?.seen ?? seen;
    }),
  );
  const rows = await rowsOf(source.admin, 'clinical.services', moved.clinic.clinicId);
  expect(rows).toHaveLength(5);
  expect(await rowsOf(destination.admin, 'clinical.services', moved.clinic.clinicId)).toEqual(rows);
});

test('what commits while it is compared is compared the next time', async () => {
  const [early, late] = [await source.app.connect(), await source.app.connect()];
  const rename = async (client: pg.PoolClient, name: string): Promise<void> => {
    await client.query('BEGIN');
    await client.query('SELECT ringfence.enter($1)', [tokenFor(client, { ...moved.clinic, epoch: 1 })]);
    await client.query(`UPDATE clinical.services SET name = name || '.' WHERE name = $1`, [name]);
  };
  try {
    await rename(early, 'before 1');
    await rename(late, 'before 2');
    await late.query('COMMIT');
    await withConnection(source.connection, (from) =>
      withConnection(destination.connection, async (to) => {
        const compare = async (client: pg.Client) => {
          const compared = await compareChanges(client, to, moved.run, { seen, waitMs: 10_000 });
          seen = compared?.seen ?? seen;
          return compared?.left;
        };
        // It commits behind the first statement, which reads what is to be compared.
        let isRead = false;
        const committing = new Proxy(from, {
          get: (client, name) =>
            name === 'query'
              ? async (...args: Parameters<typeof client.query>) => {
                  const result = await client.query(...args);
                  if (!isRead) await early.query('COMMIT');
                  isRead = true;
                  return result;
                }
              : Reflect.get(client, name),
        });
        expect(await compare(committing)).toBe(1);
        await withConnection(destination.connection, async (client) => {
          await client.query('SET session_replication_role = replica');
          const put = async (name: string, wrong: string) =>
            (await client.query('UPDATE clinical.services SET name = $2 WHERE name = $1', [name, wrong]))
              .rowCount;
          await expect.poll(() => put('before 1.', 'damaged')).toBe(1);
          expect(await compare(from)).toBeGreaterThan(0);
          await put('damaged', 'before 1.');
          expect(await compare(from)).toBe(0);
        });
      }),
    );
  } finally {
    for (const client of [early, late]) client.release();
  }
});

test('the destination lets nobody in before the switch', async () => {
  await expect(add(destination, 'too early', 2)).rejects.toMatchObject({ code: 'RF008' });
});

test('no tenant table changes its definition meanwhile, and other tables may', async () => {
  await expect(
    source.admin.query('ALTER TABLE clinical.services ADD COLUMN colour text'),
  ).rejects.toMatchObject({ code: 'RF010' });
  await expect(source.admin.query('DROP TABLE clinical.daily_figures')).rejects.toMatchObject({
    code: 'RF010',
  });
  await source.admin.query(
    'CREATE TABLE public.other (id int); ALTER TABLE public.other ADD COLUMN more int; DROP TABLE public.other',
  );
});

test('the home switches, with every row, and the source takes nothing any more', async () => {
  await add(source, 'just before', 1);
  await withConnection({ ...source.connection, pipeline: true }, (from) =>
    withConnection({ ...destination.connection, pipeline: true }, async (to) => {
      const switched = await switchHome({ source: from, destination: to }, moved.run, {
        ...OPTIONS,
        epoch: 2,
        seen,
      });
      expect(switched).toMatchObject({ reopened: 0, comparedRows: 1 });
    }),
  );
  await expect(add(source, 'too late', 1)).rejects.toMatchObject({ code: 'RF008' });
  await expect(add(destination, 'by an old route', 1)).rejects.toMatchObject({ code: 'RF008' });
  await add(destination, 'at the new home', 2);
  const names = (await rowsOf(destination.admin, 'clinical.services', moved.clinic.clinicId)).map(
    (row) => (row as { name: string }).name,
  );
  expect(names.sort()).toEqual([
    'after the copy',
    'at the new home',
    'before 1.',
    'before 2.',
    'before 3',
    'before 4',
    'just before',
  ]);
  // The administrator's hand is no way round.
  await expect(
    source.admin.query(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'by hand', 1)`,
      [moved.clinic.clinicId],
    ),
  ).rejects.toMatchObject({ code: 'RF008' });
});
