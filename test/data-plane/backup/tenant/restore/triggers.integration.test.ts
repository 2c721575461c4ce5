import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../../../../data-plane/audit/verify.js';
import { restoreBackup } from '../../../../../data-plane/backup/tenant/restore/restore.js';
import type { RestoreSelection } from '../../../../../data-plane/backup/tenant/restore/restore-plan.js';
import { withConnection } from '../../../../../data-plane/database/connect.js';
import {
  plantClinic,
  type TestClinic,
  type TestDatabase,
  useDatabase,
} from '../../../../support/cell-database.js';
import { type ManagedCell, startManagedCell } from '../../../../support/rds/managed-cell.js';
import { backUp, useStore } from '../fixture.js';

const store = await useStore();

/** Tables with whatever an application's triggers do, and constraints that Postgres checks by triggers. */
const TABLES = `
  CREATE SCHEMA app;
  CREATE TABLE app.countries (code text PRIMARY KEY);
  INSERT INTO ringfence.global_tables VALUES ('app', 'countries', 'no clinic owns a country');
  CREATE TABLE app.notes (clinic_id uuid NOT NULL, id integer NOT NULL, text text, country text REFERENCES app.countries,
    updated_at timestamptz, PRIMARY KEY (clinic_id, id));
  CREATE TABLE app.codes (clinic_id uuid NOT NULL, id integer NOT NULL, code text NOT NULL, place integer,
    updated_at timestamptz, PRIMARY KEY (clinic_id, id), UNIQUE (clinic_id, code),
    CONSTRAINT one_place UNIQUE (clinic_id, place) DEFERRABLE);
  CREATE TABLE app.uses (clinic_id uuid NOT NULL, id integer NOT NULL, code text,
    updated_at timestamptz, PRIMARY KEY (clinic_id, id),
    CONSTRAINT uses_code FOREIGN KEY (clinic_id, code) REFERENCES app.codes (clinic_id, code));
  ALTER SCHEMA app OWNER TO ringfence_owner;
  SELECT ringfence.protect('app.' || t) FROM unnest(ARRAY['notes', 'codes', 'uses']) t;
  CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
  CREATE FUNCTION app.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
  CREATE FUNCTION app.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not like this'; END $$;`;
const TRIGGERS = `
  CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON app.notes FOR EACH ROW EXECUTE FUNCTION app.touch();
  CREATE TRIGGER keep BEFORE DELETE ON app.notes FOR EACH ROW EXECUTE FUNCTION app.keep();
  CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON app.codes FOR EACH ROW EXECUTE FUNCTION app.touch();
  CREATE TRIGGER refuse AFTER INSERT OR UPDATE OR DELETE ON app.uses FOR EACH STATEMENT EXECUTE FUNCTION app.refuse();`;
const NO_TRIGGERS = `
  DROP TRIGGER touch ON app.notes; DROP TRIGGER keep ON app.notes; DROP TRIGGER touch ON app.codes; DROP TRIGGER refuse ON app.uses`;

const plantRows = async (admin: pg.Pool, { clinicId }: TestClinic): Promise<void> => {
  await admin.query(`INSERT INTO app.countries VALUES ('ES'), ('FR') ON CONFLICT DO NOTHING`);
  for (const text of [
    `INSERT INTO app.notes SELECT $1, n, 'nota ' || n, 'ES', timestamptz '2026-01-01Z' + n * interval '1 day' FROM generate_series(1, 4) n`,
    `INSERT INTO app.codes SELECT $1, n, 'c' || n, n, timestamptz '2026-01-01Z' FROM generate_series(1, 4) n`,
    `INSERT INTO app.uses SELECT $1, n, 'c' || n, timestamptz '2026-01-01Z' FROM generate_series(1, 4) n`,
  ])
    await admin.query(text, [clinicId]);
};

const ACCIDENT = [
  `UPDATE app.notes SET text = 'changed', updated_at = '2026-01-01Z' WHERE clinic_id = $1 AND id = 2`,
  `DELETE FROM app.uses WHERE clinic_id = $1 AND id = 1`,
  `DELETE FROM app.codes WHERE clinic_id = $1 AND id = 1`,
  `DELETE FROM app.notes WHERE clinic_id = $1 AND id = 3`,
];
const ADDED = [
  `INSERT INTO app.notes VALUES ($1, 9, 'new', 'ES', NULL)`,
  `UPDATE app.codes SET place = CASE place WHEN 3 THEN 4 ELSE 3 END, updated_at = '2025-01-01Z' WHERE clinic_id = $1 AND place IN (3, 4)`,
];

const rowsOf = async (admin: pg.Pool, { clinicId }: TestClinic): Promise<unknown[]> =>
  (
    await admin.query(
      `SELECT to_jsonb(t)::text AS row FROM app.notes t WHERE clinic_id = $1 UNION ALL SELECT to_jsonb(t)::text FROM app.codes t WHERE clinic_id = $1
       UNION ALL SELECT to_jsonb(t)::text FROM app.uses t WHERE clinic_id = $1 ORDER BY 1`,
      [clinicId],
    )
  ).rows;
const usedOf = async (admin: pg.Pool, { tenantId }: TestClinic): Promise<unknown> =>
  (
    await admin.query('SELECT rows, storage_bytes FROM ringfence_private.ledgers WHERE tenant_id = $1', [
      tenantId,
    ])
  ).rows[0];
const verify = async (admin: pg.Pool, { tenantId }: TestClinic) => {
  const client = await admin.connect();
  try {
    return (await verifyAudit(client, tenantId, [])).problems;
  } finally {
    client.release();
  }
};

/** A clinic with the rows, and with the triggers once the accident has happened. */
const scene = async (database: TestDatabase, slug: string, accidents: readonly string[]) => {
  const { admin } = database;
  const clinic = await plantClinic(admin, slug);
  await plantRows(admin, clinic);
  const { options } = await backUp(database, store, clinic);
  const [rows, used] = [await rowsOf(admin, clinic), await usedOf(admin, clinic)];
  for (const text of accidents) await admin.query(text, [clinic.clinicId]);
  const restore = async (selection: RestoreSelection = {}) => {
    await admin.query(TRIGGERS);
    try {
      return await restoreBackup({ ...options, ...selection, dryRun: false });
    } finally {
      await admin.query(NO_TRIGGERS);
    }
  };
  return { clinic, rows, used, restore };
};

describe('A restore of tables with triggers of their own', () => {
  const database = useDatabase();
  beforeAll(() => database.admin.query(TABLES));

  it.each<[string, readonly string[], RestoreSelection]>([
    ['replace', [...ACCIDENT, ...ADDED], {}],
    ['replace by a condition', [...ACCIDENT, ...ADDED], { where: [{ column: 'clinic_id', value: '' }] }],
    ['missing-only', [`DELETE FROM app.notes WHERE clinic_id = $1 AND id < 3`], { mode: 'missing-only' }],
    ['newest', ACCIDENT, { mode: 'newest', tables: ['app.notes', 'app.codes', 'app.uses'] }],
    [
      'of all, where nothing is left',
      ['app.uses', 'app.codes', 'app.notes'].map((table) => `DELETE FROM ${table} WHERE clinic_id = $1`),
      {},
    ],
  ])('brings every row back byte by byte, and books it: %s', async (title, accidents, selection) => {
    const slug = `triggers-${title.replaceAll(/[^a-z]+/g, '-').slice(0, 20)}`;
    const { clinic, rows, used, restore } = await scene(database, slug, accidents);
    const where = selection.where && [{ column: 'clinic_id', value: clinic.clinicId }];
    expect(await restore(where ? { where } : selection)).toMatchObject({ triggers: 'off' });
    expect(await rowsOf(database.admin, clinic)).toEqual(rows);
    expect(await usedOf(database.admin, clinic)).toEqual(used);
    expect(await verify(database.admin, clinic)).toEqual([]);
  });

  it('tells the audit log of it in the words of its triggers', async () => {
    const events = async ({ clinicId }: TestClinic) =>
      (
        await database.admin.query(
          `SELECT action, subject, detail FROM clinical.audit_events
            WHERE clinic_id = $1 AND subject LIKE 'app.%' AND action IN ('insert', 'update', 'delete') AND at = (SELECT max(at) FROM clinical.audit_events WHERE clinic_id = $1)
            ORDER BY subject, action`,
          [clinicId],
        )
      ).rows;
    const statement = `WITH a AS (DELETE FROM app.notes WHERE clinic_id = $1 AND id = 9),
      b AS (INSERT INTO app.notes VALUES ($1, 3, 'nota 3', 'ES', '2026-01-04Z'))
      UPDATE app.notes SET text = 'nota 2', updated_at = '2026-01-03Z' WHERE clinic_id = $1 AND id = 2`;
    const accidents = [ACCIDENT[0], ACCIDENT[3], ADDED[0]] as string[];
    const byHand = await scene(database, 'by-hand', accidents);
    await database.admin.query(statement, [byHand.clinic.clinicId]);
    const restored = await scene(database, 'by-restore', accidents);
    await restored.restore();
    const told = await events(restored.clinic);
    expect(told).toHaveLength(3);
    expect(told).toEqual(await events(byHand.clinic));
  });

  it.each<[string, readonly string[], RestoreSelection, constraint: string]>([
    [
      'a row that it refers to is gone',
      [
        `UPDATE app.notes SET country = 'FR' WHERE clinic_id = $1`,
        `UPDATE app.notes SET country = 'FR' WHERE country = 'ES' AND $1::uuid IS NOT NULL`,
        `DELETE FROM app.countries WHERE code = 'ES' AND $1::uuid IS NOT NULL`,
      ],
      {},
      'notes_country_fkey',
    ],
    [
      'a row refers to a value that goes',
      [
        `INSERT INTO app.codes VALUES ($1, 5, 'c5', 5)`,
        `UPDATE app.uses SET code = 'c5' WHERE clinic_id = $1 AND id = 4`,
        `UPDATE app.codes SET code = 'x4' WHERE clinic_id = $1 AND id = 4`,
        `UPDATE app.uses SET code = 'x4' WHERE clinic_id = $1 AND id = 4`,
        `DELETE FROM app.codes WHERE clinic_id = $1 AND id = 5`,
      ],
      { tables: ['app.codes'] },
      'uses_code',
    ],
    [
      'a deferrable key has the value twice',
      [
        `UPDATE app.codes SET place = 40 WHERE clinic_id = $1 AND id = 4`,
        `INSERT INTO app.codes VALUES ($1, 5, 'c5', 4)`,
        `DELETE FROM app.uses WHERE clinic_id = $1 AND id = 4`,
        `DELETE FROM app.codes WHERE clinic_id = $1 AND id = 4`,
      ],
      { tables: ['app.codes'], mode: 'missing-only' },
      'one_place',
    ],
  ])('is a conflict where %s, and nothing is changed', async (_, accidents, selection, constraint) => {
    const { clinic, restore } = await scene(database, constraint.replaceAll('_', '-'), accidents);
    const before = [await rowsOf(database.admin, clinic), await usedOf(database.admin, clinic)];
    await expect(restore(selection)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(constraint),
    });
    expect([await rowsOf(database.admin, clinic), await usedOf(database.admin, clinic)]).toEqual(before);
  });
});

describe('A restore in a managed cell', () => {
  let cell: ManagedCell;
  beforeAll(async () => {
    cell = await startManagedCell();
    await cell.admin.query(TABLES);
  });
  afterAll(() => cell?.stop());

  it('keeps triggers from changing rows where the provider lets it', async () => {
    const { clinic, rows, used, restore } = await scene(cell, 'managed', [...ACCIDENT, ...ADDED]);
    expect(await restore()).toMatchObject({ triggers: 'off' });
    expect([await rowsOf(cell.admin, clinic), await usedOf(cell.admin, clinic)]).toEqual([rows, used]);
    expect(await verify(cell.admin, clinic)).toEqual([]);
  });

  it('is refused where it does not and a trigger changes rows, and says why; else it works', async () => {
    await cell.postgres.asProvider(async (provider) => {
      await withConnection(provider, (client) =>
        client.query('REVOKE SET ON PARAMETER session_replication_role FROM rds_superuser'),
      );
    });
    const touched = await scene(cell, 'managed-touched', [ACCIDENT[0] ?? '']);
    const changed = await rowsOf(cell.admin, touched.clinic);
    await expect(touched.restore({ tables: ['app.notes'] })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('app.notes'),
      fix: expect.stringContaining('session_replication_role'),
    });
    expect(await rowsOf(cell.admin, touched.clinic)).toEqual(changed);
    const calm = await scene(cell, 'managed-calm', [ADDED[1] ?? '']);
    const { options } = await backUp(cell, store, calm.clinic);
    await cell.admin.query(`DELETE FROM app.notes WHERE clinic_id = $1`, [calm.clinic.clinicId]);
    expect(await restoreBackup({ ...options, dryRun: false })).toMatchObject({ triggers: 'fired' });
    expect(await verify(cell.admin, calm.clinic)).toEqual([]);
  });
});
