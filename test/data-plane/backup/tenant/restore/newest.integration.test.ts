import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../../../data-plane/backup/tenant/restore/restore.js';
import type { RestoreSelection } from '../../../../../data-plane/backup/tenant/restore/restore-plan.js';
import { plantClinic, type TestClinic, useDatabase } from '../../../../support/cell-database.js';
import { backUp, plantRows, useStore } from '../fixture.js';

const database = useDatabase();
const store = await useStore();
const run = (text: string, ...values: unknown[]) => database.admin.query(text, values);

/** Names of items to their text and time. */
type Items = Record<string, readonly [text: string, time: string | null]>;

beforeAll(async () => {
  // `touch` is what many an application has.
  await run(`
    CREATE SCHEMA app;
    CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
    CREATE TABLE app.shelves (clinic_id uuid, id uuid, PRIMARY KEY (clinic_id, id));
    CREATE TABLE app.items (clinic_id uuid, name text, shelf uuid, text text, updated_at timestamptz, seen date, local timestamp,
      version bigint, PRIMARY KEY (clinic_id, name), FOREIGN KEY (clinic_id, shelf) REFERENCES app.shelves (clinic_id, id));
    CREATE TRIGGER touch BEFORE UPDATE ON app.items FOR EACH ROW EXECUTE FUNCTION app.touch();
    CREATE TABLE app.boxes (clinic_id uuid, id uuid, text text, updated_at timestamptz, PRIMARY KEY (clinic_id, id));
    CREATE TABLE app.things (clinic_id uuid, id uuid, box uuid, updated_at timestamptz, PRIMARY KEY (clinic_id, id),
      FOREIGN KEY (clinic_id, box) REFERENCES app.boxes (clinic_id, id) ON DELETE CASCADE);
    ALTER SCHEMA app OWNER TO ringfence_owner;
    SELECT ringfence.protect(name) FROM unnest(ARRAY['app.shelves', 'app.items', 'app.boxes', 'app.things']::regclass[]) AS name;`);
});

/** Makes the items of a clinic these and no others. */
const setItems = async ({ clinicId }: TestClinic, items: Items, column = 'updated_at'): Promise<void> => {
  await run('DELETE FROM app.items WHERE clinic_id = $1', clinicId);
  for (const [name, [text, time]] of Object.entries(items))
    await run(
      `INSERT INTO app.items (clinic_id, name, text, ${column}) VALUES ($1, $2, $3, $4)`,
      clinicId,
      name,
      text,
      time,
    );
};

const textsOf = async ({ clinicId }: TestClinic): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await run('SELECT name, text FROM app.items WHERE clinic_id = $1 ORDER BY name', clinicId)).rows.map(
      (row) => [row.name, row.text],
    ),
  );

const BACKUP: Items = {
  'a earlier': ['old', '2026-01-01T10:00:00Z'],
  'b later': ['old', '2026-01-01T10:00:00.000002Z'],
  'c same': ['old', '2026-01-01T10:00:00Z'],
  'd none here': ['old', '2026-01-01T10:00:00Z'],
  'e none there': ['old', null],
  'f none at all': ['old', null],
  'g missing': ['old', '2026-01-01T10:00:00Z'],
  'h missing, none': ['old', null],
};
const LIVE: Items = {
  'a earlier': ['new', '2026-01-02T10:00:00Z'],
  'b later': ['new', '2026-01-01T10:00:00.000001Z'],
  'c same': ['new', '2026-01-01T11:00:00+01:00'],
  'd none here': ['new', null],
  'e none there': ['new', '2025-01-01T10:00:00Z'],
  'f none at all': ['new', null],
  'i added': ['new', '2026-01-02T10:00:00Z'],
};
const EXPECTED = {
  'a earlier': 'new',
  'b later': 'old',
  'c same': 'new',
  'd none here': 'old',
  'e none there': 'new',
  'f none at all': 'new',
  'g missing': 'old',
  'h missing, none': 'old',
  'i added': 'new',
};
const ITEMS: RestoreSelection = { mode: 'newest', tables: ['app.items'] };

describe('A restore of what is newest', () => {
  it('keeps the later one of two rows, brings back what is missing, and leaves what was added', async () => {
    const clinic = await plantClinic(database.admin, 'newest');
    await setItems(clinic, BACKUP);
    const { options } = await backUp(database, store, clinic);
    await setItems(clinic, LIVE);
    const dry = await restoreBackup({ ...options, ...ITEMS, dryRun: true });
    const { rows: untouched } = await run('SELECT text FROM app.items WHERE clinic_id = $1', clinic.clinicId);
    expect(new Set(untouched.map(({ text }) => text))).toEqual(new Set(['new']));
    expect(await restoreBackup({ ...options, ...ITEMS, dryRun: false })).toEqual(dry);
    expect(dry.tables).toEqual([
      {
        table: 'app.items',
        inBackup: 8,
        live: 7,
        inserted: 2,
        updated: 2,
        deleted: 0,
        unchanged: 5,
      },
    ]);
    expect(await textsOf(clinic)).toEqual(EXPECTED);
    const { rows } = await run(
      `SELECT updated_at AS at FROM app.items WHERE clinic_id = $1 AND name = 'b later'`,
      clinic.clinicId,
    );
    expect(rows).toEqual([{ at: new Date(BACKUP['b later']?.[1] ?? '') }]);
    const events = await run(
      `SELECT detail FROM clinical.audit_events WHERE clinic_id = $1 AND action = 'restore'`,
      clinic.clinicId,
    );
    expect(events.rows).toMatchObject([
      {
        detail: {
          mode: 'newest',
          newestBy: 'updated_at',
          rows: { 'app.items': { inserted: 2, updated: 2, deleted: 0 } },
        },
      },
    ]);
    const again = await restoreBackup({ ...options, ...ITEMS, dryRun: false });
    expect(again.tables).toMatchObject([{ inserted: 0, updated: 0, unchanged: 9 }]);
  });

  it.each([
    ['seen', '2026-01-02', '2026-01-01'],
    ['local', '2026-01-01 10:00:01', '2026-01-01 10:00:00'],
  ])('takes %s for the time when it is named', async (column, later, earlier) => {
    const clinic = await plantClinic(database.admin, `by-${column}`);
    const by = { ...ITEMS, newestBy: column };
    await setItems(clinic, { x: ['old', later], y: ['old', earlier] }, column);
    const { options } = await backUp(database, store, clinic);
    await setItems(clinic, { x: ['new', earlier], y: ['new', later] }, column);
    await restoreBackup({ ...options, ...by, dryRun: false });
    expect(await textsOf(clinic)).toEqual({ x: 'old', y: 'new' });
  });

  it('refuses tables that do not say when, unless none of their rows has two versions', async () => {
    const clinic = await plantClinic(database.admin, 'without');
    await plantRows(database, clinic);
    await setItems(clinic, { x: ['old', '2026-01-02T00:00:00Z'] });
    const { options } = await backUp(database, store, clinic);
    const all = { ...options, mode: 'newest', dryRun: false } as const;
    await run('DELETE FROM clinical.invoice_lines WHERE clinic_id = $1', clinic.clinicId);
    await setItems(clinic, { x: ['new', '2026-01-01T00:00:00Z'] });
    const { tables } = await restoreBackup({ ...all, dryRun: true });
    expect(tables.find(({ table }) => table === 'clinical.invoice_lines')?.inserted).toBe(6);
    await run(
      `UPDATE clinical.services SET name = 'renamed' WHERE clinic_id = $1 AND name <> 'Limpieza 1'`,
      clinic.clinicId,
    );
    await expect(restoreBackup(all)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/: 2 of clinical\.services$/),
      fix: expect.stringContaining('--table'),
    });
    expect(await textsOf(clinic)).toEqual({ x: 'new' });

    const lines = { ...all, tables: ['clinical.invoice_lines'] };
    await expect(restoreBackup(lines)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('has a column updated_at'),
      fix: expect.stringContaining('--newest-by'),
    });
    await expect(restoreBackup({ ...all, ...ITEMS, newestBy: 'version' })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('app.items.version is of the type bigint'),
    });
    await expect(restoreBackup({ ...all, newestBy: 'no such' })).rejects.toMatchObject({ code: 'usage' });
    const log = await restoreBackup({ ...all, tables: ['clinical.audit_events'] });
    expect(log.tables).toMatchObject([{ table: 'clinical.audit_events', inserted: 0 }]);
  });

  it('brings the missing rows back that newer ones refer to, and not those of rows that stay', async () => {
    const clinic = await plantClinic(database.admin, 'shelves');
    const shelves = [randomUUID(), randomUUID()];
    await setItems(clinic, { x: ['old', '2026-01-02T00:00:00Z'], y: ['old', '2026-01-01T00:00:00Z'] });
    for (const [at, shelf] of shelves.entries()) {
      await run('INSERT INTO app.shelves VALUES ($1, $2)', clinic.clinicId, shelf);
      await run(
        `ALTER TABLE app.items DISABLE TRIGGER touch;
         UPDATE app.items SET shelf = '${shelf}' WHERE clinic_id = '${clinic.clinicId}' AND name = '${at === 0 ? 'x' : 'y'}';
         ALTER TABLE app.items ENABLE TRIGGER touch`,
      );
    }
    const { options } = await backUp(database, store, clinic);
    await setItems(clinic, { x: ['new', '2026-01-01T00:00:00Z'], y: ['new', '2026-01-02T00:00:00Z'] });
    await run('DELETE FROM app.shelves WHERE clinic_id = $1', clinic.clinicId);
    await restoreBackup({ ...options, ...ITEMS, dryRun: false });
    const { rows } = await run('SELECT id FROM app.shelves WHERE clinic_id = $1', clinic.clinicId);
    expect(rows).toEqual([{ id: shelves[0] }]);
    expect(await textsOf(clinic)).toEqual({ x: 'old', y: 'new' });
  });

  it('leaves rows of other tables that go with a deleted one', async () => {
    const clinic = await plantClinic(database.admin, 'boxes');
    const box = randomUUID();
    await run(`INSERT INTO app.boxes VALUES ($1, $2, 'old', '2026-01-02Z')`, clinic.clinicId, box);
    const { options } = await backUp(database, store, clinic);
    await run(`UPDATE app.boxes SET text = 'new', updated_at = '2026-01-01Z' WHERE id = $1`, box);
    await run(`INSERT INTO app.things VALUES ($1, $2, $3, NULL)`, clinic.clinicId, randomUUID(), box);
    await restoreBackup({ ...options, mode: 'newest', tables: ['app.boxes'], dryRun: false });
    const { rows } = await run(
      'SELECT text, (SELECT count(*)::int FROM app.things t WHERE t.box = b.id) AS things FROM app.boxes b WHERE id = $1',
      box,
    );
    expect(rows).toEqual([{ text: 'old', things: 1 }]);
  });

  it('never goes over what somebody changes meanwhile', async () => {
    const clinic = await plantClinic(database.admin, 'meanwhile');
    await setItems(clinic, { x: ['old', '2026-01-02T00:00:00Z'], y: ['old', '2026-01-02T00:00:00Z'] });
    const { options } = await backUp(database, store, clinic);
    await setItems(clinic, { x: ['new', '2026-01-01T00:00:00Z'], y: ['new', '2026-01-01T00:00:00Z'] });
    const someone = await database.admin.connect();
    try {
      await someone.query('BEGIN');
      await someone.query(`UPDATE app.items SET text = 'mine' WHERE clinic_id = $1 AND name = 'x'`, [
        clinic.clinicId,
      ]);
      const restore = restoreBackup({ ...options, ...ITEMS, dryRun: false });
      const waiting = () =>
        run(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
      await expect.poll(async () => (await waiting()).rowCount).toBe(1);
      await someone.query('COMMIT');
      expect((await restore).tables).toMatchObject([{ updated: 1, unchanged: 1 }]);
    } finally {
      someone.release();
    }
    expect(await textsOf(clinic)).toEqual({ x: 'mine', y: 'old' });
  });

  it('changes nothing when a trigger that always fires makes another row of one that it writes', async () => {
    const clinic = await plantClinic(database.admin, 'touched');
    await setItems(clinic, { x: ['old', '2026-01-02T00:00:00Z'] });
    const { options } = await backUp(database, store, clinic);
    await setItems(clinic, { x: ['new', '2026-01-01T00:00:00Z'] });
    await run(`CREATE TRIGGER made BEFORE INSERT ON app.items FOR EACH ROW EXECUTE FUNCTION app.touch();
      ALTER TABLE app.items ENABLE ALWAYS TRIGGER made`);
    try {
      await expect(restoreBackup({ ...options, ...ITEMS, dryRun: false })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('app.items would not be'),
      });
    } finally {
      await run('DROP TRIGGER made ON app.items');
    }
    expect(await textsOf(clinic)).toEqual({ x: 'new' });
  });
});
