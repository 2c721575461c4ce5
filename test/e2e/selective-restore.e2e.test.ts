import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, names, openCliProject, prepareEngine } from '../support/cli.js';

const SLUG = 'grupo-aurora';
const NEIGHBOUR = 'vecino';
const CELL = 'shared-eu-central-1';
const RESTORE = ['backups', 'restore', SLUG];
const CLINICS = ['centro', 'playa'].map((slug) => ({ slug, name: slug, vertical: 'dental' }) as const);

interface Report {
  readonly backupId: string;
  readonly tables: readonly {
    table: string;
    rows: number;
    place: string;
    inserted: number;
    inBackup: number;
  }[];
}

beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);

describe('selective restore', () => {
  let project: CliProject;
  let patient = '';

  beforeAll(async () => {
    project = openCliProject();
    project.manifest(SLUG, { type: 'multi-branch', clinics: [...CLINICS] });
    project.manifest(NEIGHBOUR);
    await project.deploy();
    await project.json(['demo', 'load', SLUG, '--patients', '20']);
    await project.json(['demo', 'load', NEIGHBOUR, '--patients', '5']);
    await project.json(['backups', 'run', SLUG]);
    const [row] = await project.cell<{ id: string }>(
      CELL,
      `SELECT patient_id AS id FROM clinical.conversations JOIN ringfence.clinics c ON c.id = clinic_id
        WHERE c.slug = 'centro' ORDER BY 1 LIMIT 1`,
    );
    patient = row?.id ?? '';
    await project.cell(
      CELL,
      `DELETE FROM clinical.messages WHERE conversation_id IN
        (SELECT id FROM clinical.conversations WHERE patient_id = $1)`,
      [patient],
    );
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('looks first, brings one patient back, and tells their clinic alone', async () => {
    const where = ['--where', `patient_id=${patient}`];
    const dry = await project.run([...RESTORE, ...where, '--dry-run']);
    expect(dry.stdout).toMatch(/clinical\.patients\s+1\s+1\s+0\s+0\s+0\s+1/);
    expect(dry.stdout).toContain('dry run: nothing was changed');
    const report = await project.json<Report>([...RESTORE, ...where, '--clinic', 'centro', '--yes']);
    const messages = report.tables.find(({ table }) => table === 'clinical.messages');
    expect([messages?.inserted, messages?.inserted === messages?.inBackup]).toEqual([
      expect.any(Number),
      true,
    ]);
    expect(messages?.inserted).toBeGreaterThan(0);
    const events = await project.json<{ clinic: string; detail: { backup: string; where: string[] } }[]>([
      ...['audit', 'query', SLUG, '--action', 'restore'],
    ]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      clinic: 'centro',
      detail: { backup: report.backupId, where: ['patient_id'] },
    });
    const printed = await project.run(['audit', 'query', SLUG, '--action', 'restore']);
    expect(printed.stdout.trim().split('\n').at(-1)).toMatch(/ restore .* \d+$/);
    expect((await project.run(['audit', 'verify', SLUG])).status).toBe(0);
  });

  test('brings back rows of an application’s own tables, whatever they are called and have become', async () => {
    const cell = (text: string) => project.cell<{ id: number; touchedAt: Date }>(CELL, text);
    await cell('CREATE SCHEMA "Shop"; ALTER SCHEMA "Shop" OWNER TO ringfence_owner');
    await cell(`CREATE TABLE "Shop"."OrderLine" (clinic_id uuid NOT NULL, id integer NOT NULL, "of order" integer NOT NULL,
      "touchedAt" timestamptz, PRIMARY KEY (clinic_id, id))`);
    await cell(`SELECT ringfence.protect('"Shop"."OrderLine"')`);
    await cell(`INSERT INTO "Shop"."OrderLine" SELECT c.id, n, n / 2, '2026-01-01Z' FROM ringfence.clinics c JOIN ringfence.tenants t ON t.id = c.tenant_id, generate_series(1, 4) n
      WHERE t.slug = '${SLUG}' AND c.slug = 'centro'`);
    await project.json(['backups', 'run', SLUG]);
    await cell(
      `CREATE FUNCTION "Shop".touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW."touchedAt" := now(); RETURN NEW; END $$`,
    );
    await cell(
      `CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON "Shop"."OrderLine" FOR EACH ROW EXECUTE FUNCTION "Shop".touch()`,
    );
    await cell('DELETE FROM "Shop"."OrderLine" WHERE "of order" = 1');
    await cell(`ALTER TABLE "Shop"."OrderLine" ADD COLUMN "isGift" boolean NOT NULL DEFAULT false`);
    await cell(`SELECT ringfence.protect('"Shop"."OrderLine"')`);
    const chosen = ['--table', 'Shop.OrderLine', '--where', '"of order"=1'];
    const dry = await project.run([...RESTORE, ...chosen, '--dry-run']);
    expect(dry.stdout).toContain('"Shop"."OrderLine".isGift is new');
    await project.json<Report>([...RESTORE, ...chosen, '--yes']);
    await cell('DROP FUNCTION "Shop".touch() CASCADE');
    const rows = await cell('SELECT id, "touchedAt" FROM "Shop"."OrderLine" ORDER BY id');
    expect(rows.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(new Set(rows.map(({ touchedAt }) => touchedAt.toISOString()))).toEqual(
      new Set(['2026-01-01T00:00:00.000Z']),
    );
  });

  test('copies rows into a schema that is dropped again, and into files', async () => {
    const scope = ['--clinic', 'playa', '--table', 'clinical.invoices'];
    const copy = await project.json<Report & { schema: string }>([...RESTORE, ...scope, '--into', 'scratch']);
    const [count] = await project.cell<{ rows: number }>(
      CELL,
      `SELECT count(*)::int AS rows FROM ${copy.schema}.clinical_invoices`,
    );
    expect(count?.rows).toBe(copy.tables[0]?.rows);
    expect((await project.run(['schema', 'lint'])).status).toBe(0);
    const drop = ['backups', 'drop-scratch', SLUG];
    expect((await project.run([...drop, 'clinical'])).status).toBe(6);
    expect((await project.run([...drop, copy.schema])).stdout).toBe(`${copy.schema} was dropped\n`);

    const out = join(project.root, 'csv');
    const files = await project.json<Report>([...RESTORE, ...scope, '--into', 'file', '--out', 'csv']);
    expect(names(out)).toEqual(['clinical.invoices.csv']);
    const file = join(out, 'clinical.invoices.csv');
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength((files.tables[0]?.rows ?? 0) + 1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('takes the last backup of a time, and says which there are', async () => {
    const now = new Date().toISOString();
    expect((await project.run([...RESTORE, '--at', now, '--dry-run'])).status).toBe(0);
    const early = await project.run([...RESTORE, '--at', '2020-01-01', '--dry-run']);
    expect(early.status).toBe(6);
    expect(early.stderr).toMatch(/no verified backup of 2020-01-01T00:00:00.000Z or before/);
    expect(early.stderr).toMatch(/the oldest is of \d{4}-.*, the newest of \d{4}-/);
  });

  describe('to a point in time', () => {
    const rows = async (slug: string) => {
      const [found] = await project.cell<{ digest: string }>(
        CELL,
        `SELECT md5(string_agg(row, ',' ORDER BY row)) AS digest FROM ringfence.clinics c
           JOIN ringfence.tenants t ON t.id = c.tenant_id, LATERAL (
             SELECT m::text AS row FROM clinical.messages m WHERE m.clinic_id = c.id
             UNION ALL SELECT p::text FROM clinical.patients p WHERE p.clinic_id = c.id) rows
          WHERE t.slug = $1`,
        [slug],
      );
      return found?.digest;
    };
    const copy = () => {
      const dataDir = project.servers().find(({ name }) => name === CELL)?.dataDir ?? '';
      return join(dirname(dataDir), 'copy');
    };
    let at = '';

    test('a tenant is as it was at the moment before a mistake; what its neighbour did since stays', async () => {
      const before = await rows(SLUG);
      at = new Date().toISOString();
      const where = `clinic_id IN (SELECT c.id FROM ringfence.clinics c JOIN ringfence.tenants t ON t.id = c.tenant_id
        WHERE t.slug = $1)`;
      await project.cell(CELL, `DELETE FROM clinical.messages WHERE ${where}`, [SLUG]);
      await project.cell(CELL, `UPDATE clinical.patients SET birth_date = NULL WHERE ${where}`, [SLUG]);
      await project.cell(CELL, `UPDATE clinical.patients SET locale = 'ar' WHERE ${where}`, [NEIGHBOUR]);
      const neighbour = await rows(NEIGHBOUR);
      const startedMs = performance.now();
      const report = await project.json<Report & { takenAt: string }>([...RESTORE, '--to', at, '--yes']);
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      expect(report).toMatchObject({ backupId: null, takenAt: at });
      expect([await rows(SLUG), await rows(NEIGHBOUR)]).toEqual([before, neighbour]);
      const [event] = await project.json<{ detail: object }[]>([
        ...['audit', 'query', SLUG, '--action', 'restore', '--limit', '1'],
      ]);
      expect(event?.detail).toMatchObject({ pointInTime: at });
      expect(existsSync(copy())).toBe(false);
      console.log(`restored to a point in time in ${seconds} s`);
    });

    test('a copy that a killed run left goes with the next one', async () => {
      const killed = await project.run([...RESTORE, '--to', at, '--yes'], {
        env: { RINGFENCE_CRASH_AT: 'copy-recovered' },
      });
      expect(killed.signal).toBe('SIGKILL');
      expect(existsSync(copy())).toBe(true);
      const table = ['--table', 'clinical.messages', '--into', 'file', '--out', 'then'];
      expect((await project.run([...RESTORE, '--to', at, ...table])).stdout).toContain(`as it was at ${at}`);
      expect(existsSync(copy())).toBe(false);
      expect(names(join(project.home, 'scratch'))).toEqual([]);
    });

    test('a time outside the window is refused, and the window is named', async () => {
      const early = await project.run([...RESTORE, '--to', '2020-01-01', '--yes']);
      expect(early.status).toBe(6);
      const window = await project.json<{ history: { from: string } }>(['cells', 'status', CELL]);
      expect(early.stderr).toContain(`any second from ${window.history.from} to `);
    });
  });

  test('takes no empty backup by itself, and deletes more than it brings back only when told so', async () => {
    const restore = ['backups', 'restore', NEIGHBOUR];
    const [empty] = await project.json<{ id: string; rows: number }[]>(['backups', 'list', NEIGHBOUR]);
    expect(empty?.rows).toBe(0);
    const none = await project.run([...restore, '--yes']);
    expect([none.status, none.stderr]).toEqual([6, expect.stringContaining('no verified backup with a row')]);

    const older = [...restore, '--backup', empty?.id ?? ''];
    const lines = [...older, '--table', 'clinical.invoice_lines'];
    const patients = () => project.cell(CELL, 'SELECT count(*) FROM clinical.patients');
    const before = await patients();
    const refused = await project.run([...older, '--yes']);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(
      /would delete \d\d+ rows of vecino and bring 0 back; nothing was changed[\s\S]*add --confirm vecino/,
    );
    expect((await project.run([...older, '--confirm', SLUG])).status).toBe(2);
    expect(await patients()).toEqual(before);
    const dry = await project.run([...lines, '--dry-run']);
    expect(dry.stdout).toMatch(new RegExp(`backup ${empty?.id} of .* with 0 rows; dry run`));
    expect(dry.stdout).toMatch(/it would delete \d+ rows and bring 0 back, and needs --confirm vecino/);
    const told = await project.json<{ deleted: number }>([...lines, '--confirm', NEIGHBOUR]);
    expect(told.deleted).toBeGreaterThan(0);

    // Of a table that only an older backup has rows of, that one is taken.
    await project.json(['backups', 'run', NEIGHBOUR]);
    await project.cell(CELL, 'DELETE FROM clinical.invoice_lines');
    await project.json(['backups', 'run', SLUG]);
    const back = await project.json<Report>([...RESTORE, '--table', 'clinical.invoice_lines', '--yes']);
    expect(back.tables[0]?.inserted).toBeGreaterThan(0);
    const gone = await project.run([...lines.slice(0, 3), ...lines.slice(5), '--yes']);
    expect([gone.status, gone.stderr]).toEqual([
      2,
      expect.stringMatching(/have no row in this scope \(1 were/),
    ]);
  });

  test('refuses what it cannot do, and why', async () => {
    const refusals: readonly [args: string[], status: number, message: RegExp][] = [
      [['--clinic', 'luna'], 6, /has no clinic luna[\s\S]*choose from: centro, playa/],
      [['--table', 'clinical.nothing'], 2, /no table clinical.nothing/],
      [['--where', 'patient_id>5'], 2, /a condition is a column, an equals sign/],
      [['--where', "patient_id=x' OR 1=1--"], 2, /a value is not one that/],
      [['--where', 'shoe_size=44'], 2, /no table of the backup has shoe_size/],
      [['--where', 'status=nothing'], 2, /no row in this scope/],
      [['--mode', 'newest'], 2, /no table to restore has a column updated_at/],
      [['--mode', 'newest', '--newest-by', 'status'], 2, /\.status is of the type/],
      [['--newest-by', 'sent_at'], 2, /--newest-by is for --mode newest/],
      [['--into', 'file'], 2, /--out <folder> go together/],
      [['--into', 'scratch', '--mode', 'missing-only'], 2, /--mode is for a restore in place/],
      [['--backup', '12345678', '--at', '2026-01-01'], 2, /give one of/],
      [['--to', '2126-01-01'], 2, /still to come/],
      [['--at', 'yesterday'], 2, /allowed: a day or a time/],
    ];
    for (const [args, status, message] of refusals) {
      const refused = await project.run([...RESTORE, ...args, '--yes']);
      expect(refused.stderr, args.join(' ')).toMatch(message);
      expect(refused.status, args.join(' ')).toBe(status);
    }
    console.log(`restores that cannot be: ${refusals.length} of ${refusals.length} refused`);
  });
});
