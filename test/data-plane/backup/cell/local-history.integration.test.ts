import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { archiveUntilNow } from '../../../../data-plane/backup/cell/archived-wal.js';
import { historyForgets } from '../../../../data-plane/backup/cell/cell-history.js';
import { localHistory } from '../../../../data-plane/backup/cell/local-history.js';
import { type TenantDigest, tenantDigest } from '../../../../data-plane/backup/tenant/digest.js';
import { restoreBackup } from '../../../../data-plane/backup/tenant/restore/restore.js';
import { takeBackup } from '../../../../data-plane/backup/tenant/take.js';
import { withConnection } from '../../../../data-plane/database/connect.js';
import { archivedSegments } from '../../../../data-plane/database/server/archiving.js';
import { appOf, useArchivingCell } from '../../../support/archiving-cell.js';
import { plantClinic, type TestClinic } from '../../../support/cell-database.js';
import { damage } from '../tenant/damage.js';
import { backupOptions, plantRows, useStore } from '../tenant/fixture.js';

const DAY_MS = 86_400_000;

const cell = useArchivingCell();
const store = await useStore();

const history = (now = () => new Date()) =>
  localHistory({
    dir: cell.dir,
    connect: async () => cell.connection,
    reached: () => undefined,
    now,
  });

/** Every table but the audit log, which a restore only adds to. */
const withoutLog = ({ tables }: TenantDigest): string =>
  tables
    .filter(({ table }) => table !== 'clinical.audit_events')
    .map(({ table, sha256 }) => `${table} ${sha256}`)
    .join('\n');

const digestOf = ({ tenantId }: TestClinic) => tenantDigest(cell.connection, tenantId);

/** Now, with a pause on either side: times have milliseconds. */
const moment = async (): Promise<Date> => {
  await pause(5);
  const at = new Date();
  await pause(5);
  return at;
};

const leftovers = () => existsSync(join(dirname(cell.dataDir), 'copy'));
const archive = () => join(dirname(cell.dataDir), 'archive');

let clinic: TestClinic;
let neighbour: TestClinic;
let early: Date;

test('without a base backup there is nothing to go back to, and the error says what to do', async () => {
  clinic = await plantClinic(cell.admin, 'wronged');
  neighbour = await plantClinic(cell.admin, 'neighbour');
  for (const planted of [clinic, neighbour]) await plantRows(cell, planted);
  early = await moment();
  expect(await history().window()).toBeUndefined();
  await expect(history().inCopyAt(early, async () => undefined)).rejects.toMatchObject({
    code: 'backup_not_found',
    fix: expect.stringContaining('ringfence backups base'),
  });
});

test('a tenant is brought back to a moment between base backups, row by row, and its neighbour is not touched', async () => {
  await history().upkeep(7);
  const states: { at: Date; digest: TenantDigest }[] = [];
  for (const kind of ['deleteOldestVisits', 'changePatients'] as const) {
    await damage(cell.admin, clinic.clinicId, kind);
    const at = await moment();
    states.push({ at, digest: await digestOf(clinic) });
  }
  await damage(cell.admin, clinic.clinicId, 'deleteInvoices');
  await damage(cell.admin, neighbour.clinicId, 'changePatients', 4);
  const untouched = await digestOf(neighbour);
  const [, wanted] = states;
  if (!wanted) throw new Error('no state');

  for (const { at, digest } of states) {
    const found = await history().inCopyAt(at, (admin) => tenantDigest(admin, clinic.tenantId));
    expect(found.digest, at.toISOString()).toBe(digest.digest);
  }
  const options = backupOptions(cell, store, clinic);
  const taken = await history().inCopyAt(wanted.at, (admin) =>
    takeBackup({ ...options, admin, app: appOf(admin) }),
  );
  expect(taken.digest).toBe(wanted.digest.digest);
  await restoreBackup({ ...options, dryRun: false });
  expect(withoutLog(await digestOf(clinic))).toBe(withoutLog(wanted.digest));
  expect((await digestOf(neighbour)).digest).toBe(untouched.digest);
  expect(leftovers()).toBe(false);
  console.log(`moments reached exactly: ${states.length + 1} of ${states.length + 1}`);
});

test('a moment after which nothing happened is reached, and what fails in the copy leaves none', async () => {
  const at = await moment();
  const now = await digestOf(neighbour);
  const unknown = { ...backupOptions(cell, store, clinic), tenantId: randomUUID() };
  const found = await history().inCopyAt(at, async (admin) => {
    await expect(takeBackup({ ...unknown, admin, app: appOf(admin) })).rejects.toMatchObject({
      code: 'tenant_not_found',
    });
    return tenantDigest(admin, neighbour.tenantId);
  });
  expect(found.digest).toBe(now.digest);
  const failing = history().inCopyAt(at, async () => {
    expect(leftovers()).toBe(true);
    throw new Error('the work failed');
  });
  await expect(failing).rejects.toThrow('the work failed');
  expect(leftovers()).toBe(false);
});

test('times outside the window are refused, and the window is named', async () => {
  const window = await history().window();
  const range = `any second from ${window?.from.toISOString()} to`;
  const refused = (at: Date) => history().inCopyAt(at, async () => undefined);
  await expect(refused(early)).rejects.toMatchObject({
    code: 'backup_not_found',
    fix: expect.stringContaining(range),
  });
  await expect(refused(new Date(Date.now() + 60_000))).rejects.toMatchObject({
    code: 'usage',
    fix: expect.stringContaining(range),
  });
});

test('archived WAL and base backups are readable by their owner only', () => {
  const folders = ['archive', 'base'].map((name) => join(dirname(cell.dataDir), name));
  for (const folder of folders) expect(statSync(folder).mode & 0o777, folder).toBe(0o700);
  const files = readdirSync(folders[1] ?? '', { recursive: true, withFileTypes: true });
  for (const file of [...files, ...readdirSync(archive(), { withFileTypes: true })]) {
    if (file.isFile()) expect(statSync(join(file.parentPath, file.name)).mode & 0o077, file.name).toBe(0);
  }
});

test('missing WAL is an error that names the segment, never another moment', async () => {
  const before = archivedSegments(cell.dataDir);
  const at = await moment();
  for (let round = 0; round < 2; round++)
    await withConnection(cell.connection, (client) => archiveUntilNow(client, cell.dataDir));
  const segments = archivedSegments(cell.dataDir).filter((name) => !before.includes(name));
  const gone = join(archive(), `${segments[0]}.gz`);
  renameSync(gone, `${gone}.away`);
  try {
    expect(await history().window()).toBeUndefined();
    await expect(history().inCopyAt(at, async () => undefined)).rejects.toMatchObject({
      code: 'backup_refused',
      message: expect.stringContaining(`lacks ${segments[0]}`),
    });
  } finally {
    renameSync(`${gone}.away`, gone);
  }
  expect(leftovers()).toBe(false);
});

test('the upkeep removes the base backups that no moment of the window needs, and their WAL', async () => {
  const { from } = (await history().window()) ?? {};
  expect(await history().upkeep(7)).toMatchObject({ removedBases: 0, removedSegments: 0 });
  const later = () => new Date(Date.now() + 8 * DAY_MS);
  const upkeep = await history(later).upkeep(7);
  // The one before the newest is the base of the days since.
  expect(upkeep.removedBases).toBe(2);
  expect(upkeep.removedSegments).toBeGreaterThan(0);
  const after = await history().window();
  expect(after?.from.getTime()).toBeGreaterThan(from?.getTime() ?? 0);
  const at = await moment();
  const rows = await history().inCopyAt(at, (admin) => tenantDigest(admin, clinic.tenantId));
  expect(rows.digest).toBe((await digestOf(clinic)).digest);
  expect(historyForgets(new Date(0), 7)).toEqual(new Date(9 * DAY_MS));
});

test('a server that cannot archive is told from one that only takes its time', async () => {
  const folder = archive();
  renameSync(folder, `${folder}.away`);
  try {
    await expect(history().inCopyAt(new Date(), async () => undefined)).rejects.toMatchObject({
      code: 'object_store_unavailable',
    });
  } finally {
    renameSync(`${folder}.away`, folder);
  }
});
