import { describe, expect, it } from 'vitest';
import { tenantDigest } from '../../../../data-plane/backup/tenant/digest.js';
import { restoreBackup } from '../../../../data-plane/backup/tenant/restore/restore.js';
import { takeBackup } from '../../../../data-plane/backup/tenant/take.js';
import { verifyBackup } from '../../../../data-plane/backup/tenant/verify.js';
import { plantClinic, useDatabase } from '../../../support/cell-database.js';
import { DAMAGES, type Damage, damage } from './damage.js';
import { backUp, backupOptions, plantRows, useStore } from './fixture.js';

const database = useDatabase();
const store = await useStore();
const PATIENTS = 800;

describe('An incremental backup', () => {
  it('after every kind of change verifies, restores, and is smaller than a full one', async () => {
    const clinic = await plantClinic(database.admin, 'increments');
    await plantRows(database, clinic, PATIENTS);
    await plantRows(database, await plantClinic(database.admin, 'increments-neighbour'));
    const full = await backUp(database, store, clinic);
    expect(full.result.bases).toEqual([]);
    const taken = [full];
    for (const kind of Object.keys(DAMAGES) as Damage[]) {
      await damage(database.admin, clinic.clinicId, kind);
      const before = taken.at(-1) as typeof full;
      const previous = {
        backupId: before.options.backupId,
        manifestPlace: before.result.manifestPlace,
      };
      const options = backupOptions(database, store, clinic);
      const result = await takeBackup({ ...options, previous });
      const now = await tenantDigest(database.connection, clinic.tenantId);
      expect(result, kind).toMatchObject({ digest: now.digest, rows: now.rows });
      expect(result.bases, kind).toContain(full.options.backupId);
      taken.push({ options, result });
    }
    const sizes = taken.map(({ result }) => result.storedBytes);
    console.log(`full ${sizes[0]} bytes, then ${sizes.slice(1).join(', ')}`);
    expect(Math.max(...sizes.slice(1))).toBeLessThan((sizes[0] as number) / 2);
    for (const { options, result } of taken)
      await expect(verifyBackup(options)).resolves.toEqual({ digest: result.digest, rows: result.rows });

    const tables = ['clinical.patients', 'clinical.invoices', 'clinical.invoice_lines'];
    for (const { options, result } of [taken[3], taken[9], taken[0]] as typeof taken) {
      await restoreBackup({ ...options, dryRun: false });
      const live = await tenantDigest(database.connection, clinic.tenantId, tables);
      expect(live.tables).toEqual(result.tables.filter(({ table }) => tables.includes(table)));
    }
  });

  it('of a tenant that lost every row holds none of them', async () => {
    const clinic = await plantClinic(database.admin, 'emptied');
    await plantRows(database, clinic, 200);
    const full = await backUp(database, store, clinic);
    for (const table of ['invoice_lines', 'invoices'])
      await database.admin.query(`DELETE FROM clinical.${table} WHERE clinic_id = $1`, [clinic.clinicId]);
    const options = backupOptions(database, store, clinic);
    const previous = { backupId: full.options.backupId, manifestPlace: full.result.manifestPlace };
    const result = await takeBackup({ ...options, previous });
    expect(result.tables.find(({ table }) => table === 'clinical.invoices')?.rows).toBe(0);
    await expect(verifyBackup(options)).resolves.toMatchObject({ digest: result.digest });
  });

  it('is refused once an archive that it needs is gone, and nothing is changed', async () => {
    const clinic = await plantClinic(database.admin, 'broken-chain');
    await plantRows(database, clinic, 200);
    const full = await backUp(database, store, clinic);
    await damage(database.admin, clinic.clinicId, 'changePatients');
    const options = backupOptions(database, store, clinic);
    const previous = { backupId: full.options.backupId, manifestPlace: full.result.manifestPlace };
    await takeBackup({ ...options, previous });
    await store.delete(full.options.objectKey);
    const before = await tenantDigest(database.connection, clinic.tenantId);
    await expect(restoreBackup({ ...options, dryRun: false })).rejects.toMatchObject({
      code: 'backup_refused',
      message: expect.stringContaining(`backup ${full.options.backupId}, which it builds on, is gone`),
    });
    await expect(tenantDigest(database.connection, clinic.tenantId)).resolves.toEqual(before);
  });
});
