import type pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { lintSchema } from '../../../data-plane/database/lint/lint-schema.js';
import {
  asClinic,
  inScratch,
  plantClinic,
  type TestClinic,
  useDatabase,
} from '../../support/cell-database.js';

describe('ringfence.protect', () => {
  const db = useDatabase();
  let a: TestClinic;
  let b: TestClinic;

  beforeAll(async () => {
    a = await plantClinic(db.admin, 'protect-a');
    b = await plantClinic(db.admin, 'protect-b');
    await db.admin.query('CREATE SCHEMA shop');
  });

  const shape = async (client: pg.ClientBase, table: string) =>
    (
      await client.query(
        `SELECT c.relowner::regrole::text AS owner, c.relacl::text AS grants, c.relrowsecurity, c.relforcerowsecurity,
                (SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p') AS key,
                ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid ORDER BY 1) AS policies,
                ARRAY(SELECT conname::text FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f' ORDER BY 1) AS refers,
                t.append_only
           FROM pg_class c JOIN ringfence.tenant_tables t ON t.table_name = c.relname WHERE c.oid = $1::regclass`,
        [table],
      )
    ).rows[0];

  it("makes an application's own table a tenant table that works and that the lint accepts", async () => {
    await db.admin.query(`CREATE TABLE shop.orders (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), item text NOT NULL);
      GRANT ALL ON shop.orders TO PUBLIC; SELECT ringfence.protect('shop.orders')`);
    const client = await db.admin.connect();
    try {
      expect(await lintSchema(client)).toEqual([]);
      expect(await shape(client, 'shop.orders')).toMatchObject({
        owner: 'ringfence_owner',
        relrowsecurity: true,
        relforcerowsecurity: true,
        key: 'PRIMARY KEY (clinic_id, id)',
        policies: ['clinic_boundary', 'clinic_locks', 'clinic_members'],
        refers: ['clinic_boundary'],
        append_only: false,
      });
    } finally {
      client.release();
    }
    for (const clinic of [a, b]) {
      const items = await asClinic(db.app, clinic, async (app) => {
        await app.query(`INSERT INTO shop.orders (item) VALUES ('chair')`);
        return (await app.query('SELECT clinic_id, item FROM shop.orders')).rows;
      });
      expect(items).toEqual([{ clinic_id: clinic.clinicId, item: 'chair' }]);
    }
  });

  it('lets foreign keys between tables of an application be checked, in whatever schema they are', async () => {
    await db.admin.query(`CREATE SCHEMA stock; CREATE TABLE stock.shelves (id uuid PRIMARY KEY);
      SELECT ringfence.protect('stock.shelves');
      CREATE TABLE stock.goods (clinic_id uuid, id uuid, shelf uuid, PRIMARY KEY (clinic_id, id),
        FOREIGN KEY (clinic_id, shelf) REFERENCES stock.shelves (clinic_id, id));
      SELECT ringfence.protect('stock.goods')`);
    const id = '00000000-0000-4000-8000-000000000001';
    await asClinic(db.app, a, async (app) => {
      await app.query('INSERT INTO stock.shelves (id) VALUES ($1)', [id]);
      await app.query('INSERT INTO stock.goods (id, shelf) VALUES ($1, $1)', [id]);
      await app.query('SAVEPOINT held');
      const removing = app.query('DELETE FROM stock.shelves WHERE id = $1', [id]);
      await expect(removing).rejects.toMatchObject({ code: '23503' });
      await app.query('ROLLBACK TO SAVEPOINT held');
    });
  });

  it('converges: a second run changes nothing, a run after changes mends them', async () => {
    await inScratch(db.admin, async (client) => {
      await client.query(
        `CREATE TABLE shop.carts (id uuid PRIMARY KEY); SELECT ringfence.protect('shop.carts')`,
      );
      const first = await shape(client, 'shop.carts');
      await client.query(`SELECT ringfence.protect('shop.carts')`);
      expect(await shape(client, 'shop.carts')).toEqual(first);
      await client.query(`DROP POLICY clinic_boundary ON shop.carts; ALTER TABLE shop.carts NO FORCE ROW LEVEL SECURITY;
        CREATE POLICY support ON shop.carts USING (true); GRANT ALL ON shop.carts TO ringfence_app;
        GRANT SELECT (id) ON shop.carts TO PUBLIC; ALTER TABLE shop.carts OWNER TO CURRENT_USER;
        SELECT ringfence.protect('shop.carts')`);
      expect(await shape(client, 'shop.carts')).toEqual(first);
      expect(await lintSchema(client)).toEqual([]);
    });
  });

  it('keeps restrictive policies of the application, which only narrow', async () => {
    await inScratch(db.admin, async (client) => {
      await client.query(`CREATE TABLE shop.notes (id uuid PRIMARY KEY, hidden boolean);
        ALTER TABLE shop.notes ENABLE ROW LEVEL SECURITY; CREATE POLICY open ON shop.notes AS RESTRICTIVE USING (NOT hidden);
        CREATE POLICY support ON shop.notes USING (true); SELECT ringfence.protect('shop.notes')`);
      expect(await shape(client, 'shop.notes')).toMatchObject({
        policies: ['clinic_boundary', 'clinic_locks', 'clinic_members', 'open'],
      });
    });
  });

  it('grants no UPDATE and DELETE on an append-only table, nor when it is run again without saying so', async () => {
    await inScratch(db.admin, async (client) => {
      await client.query(`CREATE TABLE shop.log (id uuid PRIMARY KEY);
        SELECT ringfence.protect('shop.log', append_only => true); SELECT ringfence.protect('shop.log')`);
      const { grants, append_only } = await shape(client, 'shop.log');
      expect(append_only).toBe(true);
      expect(grants).toContain('ringfence_app=ar/');
      await client.query(`SELECT ringfence.protect('shop.log', append_only => false)`);
      expect((await shape(client, 'shop.log')).grants).toContain('ringfence_app=arwd/');
    });
  });

  it('gives no right back that the reference schema keeps to itself, however often it is run', async () => {
    await inScratch(db.admin, async (client) => {
      const rights = async () =>
        (
          await client.query(
            `SELECT table_name, array_agg(privilege_type::text ORDER BY privilege_type) AS has FROM information_schema.table_privileges
              WHERE table_schema = 'clinical' AND grantee = 'ringfence_app' GROUP BY 1 ORDER BY 1`,
          )
        ).rows;
      const before = await rights();
      expect(before).toContainEqual({ table_name: 'audit_events', has: ['SELECT'] });
      expect(before).toContainEqual({ table_name: 'subscriptions', has: ['SELECT'] });
      await client.query(
        `SELECT ringfence.protect(format('%I.%I', schema_name, table_name)::regclass) FROM ringfence.tenant_tables`,
      );
      expect(await rights()).toEqual(before);
      expect(await lintSchema(client)).toEqual([]);
    });
  });

  it('binds a row with sealed columns to its id', async () => {
    await inScratch(db.admin, async (client) => {
      const clinicId = (await client.query('SELECT id FROM ringfence.clinics LIMIT 1')).rows[0].id;
      await client.query(`CREATE TABLE public.notes (id uuid NOT NULL, clinic_id uuid NOT NULL, text_sealed bytea NOT NULL,
        PRIMARY KEY (clinic_id, id)); SELECT ringfence.protect('public.notes')`);
      await client.query(`INSERT INTO public.notes VALUES (gen_random_uuid(), $1, '\\x01')`, [clinicId]);
      await client.query(`UPDATE public.notes SET id = id, text_sealed = '\\x02'`);
      await expect(client.query('UPDATE public.notes SET id = gen_random_uuid()')).rejects.toMatchObject({
        code: 'RF004',
      });
    });
  });

  it('takes a table with rows when each has its clinic', async () => {
    await inScratch(db.admin, async (client) => {
      await client.query(
        `CREATE TABLE shop.old (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), clinic_id uuid)`,
      );
      await client.query('INSERT INTO shop.old (clinic_id) VALUES ($1), ($2)', [a.clinicId, b.clinicId]);
      await client.query(`SELECT ringfence.protect('shop.old')`);
      expect(await lintSchema(client)).toEqual([]);
    });
  });

  it('protects partitions and children with their parent, also one that comes later', async () => {
    await inScratch(db.admin, async (client) => {
      await client.query(`CREATE TABLE shop.visits (id uuid, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
        CREATE TABLE shop.visits_25 PARTITION OF shop.visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        CREATE TABLE shop.base (id uuid PRIMARY KEY); CREATE TABLE shop.child () INHERITS (shop.base);
        GRANT SELECT ON shop.visits_25, shop.child TO ringfence_app;
        SELECT ringfence.protect('shop.visits'); SELECT ringfence.protect('shop.base')`);
      expect(await lintSchema(client)).toEqual([]);
      await client.query(
        `CREATE TABLE shop.visits_26 PARTITION OF shop.visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`,
      );
      const late = await lintSchema(client);
      expect(late.map(({ rule, object }) => `${rule}: ${object}`)).toEqual([
        'table-owner: shop.visits_26',
        'force-rls: shop.visits_26',
      ]);
      await client.query(`SELECT ringfence.protect('shop.visits')`);
      expect(await lintSchema(client)).toEqual([]);
    });
  });

  it('takes a table whose columns are computed when they are read, also one that is protected already', async () => {
    await db.admin.query(`CREATE TABLE shop.prices (id int PRIMARY KEY, net numeric, kept numeric GENERATED ALWAYS AS (net * 2) STORED);
      SELECT ringfence.protect('shop.prices');
      ALTER TABLE shop.prices ADD vat numeric GENERATED ALWAYS AS (net * 0.21) VIRTUAL; SELECT ringfence.protect('shop.prices')`);
    const seen = await asClinic(db.app, a, async (app) => {
      await app.query('INSERT INTO shop.prices (id, net) VALUES (1, 10), (2, 20)');
      await app.query('UPDATE shop.prices SET net = 100 WHERE id = 1');
      await app.query('DELETE FROM shop.prices WHERE id = 2');
      return (await app.query('SELECT id, kept, vat FROM shop.prices')).rows;
    });
    expect(seen).toEqual([{ id: 1, kept: '200', vat: '21.00' }]);
  });

  it('quotes names', async () => {
    await inScratch(db.admin, async (client) => {
      await client.query(`CREATE SCHEMA "Odd ""S"; CREATE TABLE "Odd ""S"."T.1" ("Id" uuid PRIMARY KEY);
        SELECT ringfence.protect('"Odd ""S"."T.1"')`);
      expect(await lintSchema(client)).toEqual([]);
    });
  });

  it('takes a family of tables, parents first, and a table that refers to itself', async () => {
    await inScratch(db.admin, async (client) => {
      await client.query(`CREATE TABLE shop.p (clinic_id uuid, id uuid, parent uuid, PRIMARY KEY (clinic_id, id),
          FOREIGN KEY (clinic_id, parent) REFERENCES shop.p (clinic_id, id));
        CREATE TABLE shop.c (clinic_id uuid, id uuid, p uuid, PRIMARY KEY (clinic_id, id),
          FOREIGN KEY (clinic_id, p) REFERENCES shop.p (clinic_id, id));
        SELECT ringfence.protect('shop.p'); SELECT ringfence.protect('shop.c')`);
      expect(await lintSchema(client)).toEqual([]);
    });
  });

  it.each([
    [
      'a unique key without clinic_id',
      `CREATE TABLE shop.t (id uuid PRIMARY KEY, email text UNIQUE)`,
      /unique key shop\.t_email_key .* lead with clinic_id/,
      /UNIQUE \(clinic_id/,
    ],
    [
      'an exclusion constraint',
      `CREATE TABLE shop.t (id uuid PRIMARY KEY, email text, EXCLUDE USING btree (email WITH =))`,
      /unique key .* lead with clinic_id/,
      /UNIQUE \(clinic_id/,
    ],
    [
      'a foreign key without clinic_id',
      `CREATE TABLE shop.p (clinic_id uuid, id uuid, kind text, PRIMARY KEY (clinic_id, id), UNIQUE (clinic_id, kind));
      SELECT ringfence.protect('shop.p');
      CREATE TABLE shop.t (id uuid PRIMARY KEY, other uuid, p uuid, FOREIGN KEY (other, p) REFERENCES shop.p (clinic_id, id))`,
      /foreign key .* lead with clinic_id/,
      /FOREIGN KEY \(clinic_id/,
    ],
    [
      'a foreign key of a table to itself',
      `CREATE TABLE shop.t (id uuid PRIMARY KEY, clinic_id uuid, parent uuid REFERENCES shop.t)`,
      /foreign key .* lead with clinic_id/,
      /FOREIGN KEY \(clinic_id/,
    ],
    [
      'a foreign key to a table that is not protected',
      `CREATE TABLE shop.p (id uuid PRIMARY KEY); CREATE TABLE shop.t (id uuid PRIMARY KEY, p uuid REFERENCES shop.p)`,
      /refers to shop\.p, which is not protected/,
      /SELECT ringfence\.protect\('shop\.p'\)/,
    ],
    [
      'clinic_id of another type',
      `CREATE TABLE shop.t (id uuid PRIMARY KEY, clinic_id text)`,
      /clinic_id is not of type uuid/,
      /ALTER COLUMN clinic_id TYPE uuid/,
    ],
    [
      'no primary key',
      `CREATE TABLE shop.t (id uuid)`,
      /has no primary key/,
      /ADD PRIMARY KEY \(clinic_id, id\)/,
    ],
    [
      'a partition',
      `CREATE TABLE shop.p (id uuid) PARTITION BY LIST (id); CREATE TABLE shop.t PARTITION OF shop.p DEFAULT`,
      /it is a partition/,
      /protect the parent/,
    ],
    ['a view', `CREATE VIEW shop.t AS SELECT 1 AS id`, /is not a table/, /Protect lasting tables/],
    [
      'a primary key that others refer to',
      `CREATE TABLE shop.t (id uuid PRIMARY KEY); CREATE TABLE shop.c (t uuid REFERENCES shop.t)`,
      /foreign keys refer to it/,
      /Drop those foreign keys/,
    ],
    [
      'rows without a clinic',
      `CREATE TABLE shop.t (id uuid PRIMARY KEY); INSERT INTO shop.t VALUES (gen_random_uuid())`,
      /rows whose clinic_id is NULL/,
      /give every row its clinic/,
    ],
    [
      'rows of a clinic that is not here',
      `CREATE TABLE shop.t (id uuid PRIMARY KEY, clinic_id uuid DEFAULT gen_random_uuid()); INSERT INTO shop.t VALUES (gen_random_uuid())`,
      /no clinic of this cell/,
      /give every row its clinic/,
    ],
    [
      'a global table',
      `CREATE TABLE shop.t (id uuid PRIMARY KEY); INSERT INTO ringfence.global_tables VALUES ('shop', 't', 'test')`,
      /is in ringfence\.global_tables/,
      /DELETE FROM ringfence\.global_tables/,
    ],
  ])('refuses %s and says what to do', async (_, setup, message, hint) => {
    await inScratch(db.admin, async (client) => {
      await client.query(setup);
      await client.query('SAVEPOINT before');
      await expect(client.query(`SELECT ringfence.protect('shop.t')`)).rejects.toMatchObject({
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      });
      await client.query('ROLLBACK TO before');
      const known = await client.query(
        `SELECT FROM ringfence.tenant_tables WHERE schema_name = 'shop' AND table_name = 't'`,
      );
      expect(known.rowCount).toBe(0);
    });
  });

  it('prefixes what it says, so that it may leave the data plane', async () => {
    await expect(db.admin.query(`SELECT ringfence.protect('ringfence.tenants')`)).rejects.toMatchObject({
      message: "ringfence: ringfence.tenants is not an application's table",
    });
  });

  it('is not for applications', async () => {
    await expect(
      asClinic(db.app, a, (app) => app.query(`SELECT ringfence.protect('shop.orders')`)),
    ).rejects.toMatchObject({ code: '42501' });
  });
});
