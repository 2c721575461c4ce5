import { beforeAll, expect, test } from 'vitest';
import { asClinic, plantClinic, type TestClinic, useDatabase } from '../../support/cell-database.js';

const destination = useDatabase();
const TICKET = `INSERT INTO shop.tickets (what) VALUES ('x') RETURNING no`;
let moved: TestClinic;

beforeAll(async () => {
  await destination.admin.query(
    `CREATE SCHEMA shop; GRANT USAGE ON SCHEMA shop TO ringfence_app;
     CREATE TABLE shop.tickets (clinic_id uuid, no serial, what text, PRIMARY KEY (clinic_id, no));
     CREATE TABLE shop.orders (clinic_id uuid, no serial, PRIMARY KEY (clinic_id, no));
     SELECT ringfence.protect('shop.tickets'); SELECT ringfence.protect('shop.orders'); GRANT USAGE ON SEQUENCE shop.tickets_no_seq TO ringfence_app`,
  );
  moved = await plantClinic(destination.admin, 'moved');
});

/** As the fence puts it in place, from a cell where the sequence was at `last`. */
const bring = (last: number, table = 'tickets') =>
  destination.admin.query(
    `SELECT ringfence_private.put_carried($1, ringfence_private.carried($1) || jsonb_build_object('sequences', jsonb_build_object($3::text, $2::bigint)))`,
    [moved.tenantId, last, `shop.${table}_no_seq`],
  );
const END = 2 ** 31 - 1;

test('a sequence that a tenant has used up is its own affair where it lives alone, and is not brought to neighbours', async () => {
  await bring(END, 'orders');
  await bring(1_000);
  const neighbour = await plantClinic(destination.admin, 'neighbour');
  const next = () => asClinic(destination.app, neighbour, (client) => client.query(TICKET), 'COMMIT');
  await bring(50_000);
  expect((await next()).rows).toEqual([{ no: 50_001 }]);
  for (const last of [END, END - 10])
    await expect(bring(last)).rejects.toMatchObject({
      code: 'RF012',
      message: expect.stringContaining('shop.tickets_no_seq would have little left'),
    });
  expect((await next()).rows).toEqual([{ no: 50_002 }]);
});
