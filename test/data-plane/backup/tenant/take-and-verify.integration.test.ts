import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { storedArchive } from '../../../../data-plane/backup/archive/in-store.js';
import { openArchive } from '../../../../data-plane/backup/archive/reader.js';
import { tenantDigest } from '../../../../data-plane/backup/tenant/digest.js';
import { takeBackup } from '../../../../data-plane/backup/tenant/take.js';
import { verifyBackup } from '../../../../data-plane/backup/tenant/verify.js';
import { deriveKey } from '../../../../data-plane/keys/derive-key.js';
import { plantClinic, type TestClinic, useDatabase } from '../../../support/cell-database.js';
import { flipBit } from '../../keys/samples.js';
import { backUp, backupOptions, plantRows, useStore } from './fixture.js';

const database = useDatabase();
const store = await useStore();

const plantTenant = async (slug: string): Promise<TestClinic> => {
  const clinic = await plantClinic(database.admin, slug);
  await plantRows(database, clinic);
  return clinic;
};

/** A second clinic of the tenant, with rows. */
const plantBranch = async ({ tenantId }: TestClinic, state: string): Promise<void> => {
  const branch = { tenantId, clinicId: randomUUID() };
  await database.admin.query(
    `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
     VALUES ($1, $2, $3, 'Sucursal', 'dental', 'Europe/Madrid', $3)`,
    [branch.clinicId, tenantId, state],
  );
  await plantRows(database, branch, 2);
};

describe('A backup', () => {
  it('holds every row of all clinics of its tenant, and verifies', async () => {
    const clinic = await plantTenant('whole');
    await plantBranch(clinic, 'active');
    await plantBranch(clinic, 'closed');
    await plantTenant('whole-neighbour');
    const { options, result } = await backUp(database, store, clinic);
    expect(result.tables.find(({ table }) => table === 'clinical.patients')?.rows).toBe(10);
    expect(result.rows).toBe(result.tables.reduce((sum, { rows }) => sum + rows, 0));
    expect((await store.stat(options.objectKey))?.bytes).toBe(result.storedBytes);
    await expect(verifyBackup(options)).resolves.toEqual({ digest: result.digest, rows: result.rows });
    const { storedBytes, manifestPlace, bases, ...digest } = result;
    await expect(tenantDigest(database.connection, clinic.tenantId)).resolves.toEqual(digest);
    expect(storedBytes).toBeGreaterThan(0);
  });

  it('of a tenant without rows passes', async () => {
    const { options, result } = await backUp(database, store, await plantClinic(database.admin, 'empty'));
    expect(result.rows).toBe(0);
    await expect(verifyBackup(options)).resolves.toEqual({ digest: result.digest, rows: 0 });
  });

  it('of a tenant that is not in the cell fails', async () => {
    const options = backupOptions(database, store, { tenantId: randomUUID(), clinicId: randomUUID() });
    await expect(takeBackup(options)).rejects.toMatchObject({ code: 'tenant_not_found' });
  });

  it('of a suspended tenant passes: nobody sees its rows, and the administrator counts them', async () => {
    const clinic = await plantTenant('suspended');
    await database.admin.query(`UPDATE ringfence.tenants SET state = 'suspended' WHERE id = $1`, [
      clinic.tenantId,
    ]);
    expect((await backUp(database, store, clinic)).result.rows).toBeGreaterThan(0);
  });

  it('of a clinic whose subscription has ended passes in the same way', async () => {
    const clinic = await plantTenant('ended');
    await database.admin.query(`UPDATE clinical.subscriptions SET status = 'EXPIRED' WHERE clinic_id = $1`, [
      clinic.clinicId,
    ]);
    expect((await backUp(database, store, clinic)).result.rows).toBeGreaterThan(0);
  });

  it('fails, and is not kept, when a policy hides the rows of a table from the tenant', async () => {
    const clinic = await plantTenant('hidden');
    const options = backupOptions(database, store, clinic);
    await database.admin.query('DROP POLICY clinic_members ON clinical.patients');
    try {
      await expect(takeBackup(options)).rejects.toMatchObject({
        code: 'backup_empty',
        message: 'the backup has 6 rows of clinical.patients, but its tenant has 0 there',
      });
    } finally {
      await database.admin.query(
        `CREATE POLICY clinic_members ON clinical.patients FOR ALL TO ringfence_app, ringfence_tenant USING (true)`,
      );
    }
    expect(await store.stat(options.objectKey)).toBeUndefined();
  });

  it('fails when a policy hides some of the rows', async () => {
    const clinic = await plantTenant('narrowed');
    await database.admin.query(
      `CREATE POLICY narrowed ON clinical.services AS RESTRICTIVE FOR SELECT TO ringfence_app USING (price_min_eur IS NULL)`,
    );
    try {
      await expect(backUp(database, store, clinic)).rejects.toMatchObject({
        code: 'backup_refused',
        message: 'the backup has 3 rows of clinical.services, but its tenant has 2 there',
      });
    } finally {
      await database.admin.query('DROP POLICY narrowed ON clinical.services');
    }
  });

  it('fails when row-level security binds whoever takes it', async () => {
    const clinic = await plantTenant('bound');
    const options = { ...backupOptions(database, store, clinic), admin: database.appConnection };
    await expect(takeBackup(options)).rejects.toMatchObject({ code: 'database_refused' });
    expect(await store.stat(options.objectKey)).toBeUndefined();
  });

  it('sees one moment: rows that come while it is taken are not in it', async () => {
    const clinic = await plantTenant('moment');
    const before = await tenantDigest(database.connection, clinic.tenantId);
    const options = backupOptions(database, store, clinic);
    const slow = {
      ...store,
      put: async (key: string, source: AsyncIterable<Uint8Array>) => {
        await database.admin.query('DELETE FROM clinical.daily_figures WHERE clinic_id = $1', [
          clinic.clinicId,
        ]);
        return store.put(key, source);
      },
    };
    expect((await takeBackup({ ...options, store: slow })).digest).toBe(before.digest);
  });
});

describe('An archive that is not the tenant’s backup', () => {
  it('is refused when one bit was changed', async () => {
    const { options } = await backUp(database, store, await plantTenant('bit'));
    const parts: Buffer[] = [];
    for await (const part of await store.get(options.objectKey)) parts.push(part);
    const bytes = Buffer.concat(parts);
    await store.put(
      options.objectKey,
      (async function* () {
        yield flipBit(bytes, bytes.length * 4);
      })(),
    );
    await expect(verifyBackup(options)).rejects.toMatchObject({ code: 'backup_refused' });
  });

  it('is refused when it is another tenant’s, or another backup', async () => {
    const own = await backUp(database, store, await plantTenant('own'));
    const other = await backUp(database, store, await plantTenant('other'));
    const { objectKey, backupId } = other.options;
    for (const changes of [{ objectKey, backupId }, { objectKey }, { backupId }])
      await expect(verifyBackup({ ...own.options, ...changes })).rejects.toMatchObject({
        code: 'backup_refused',
      });
  });

  it('is told when it is not there', async () => {
    const options = backupOptions(database, store, await plantTenant('absent'));
    await expect(verifyBackup(options)).rejects.toMatchObject({ code: 'backup_not_found' });
  });

  it('that was taken says first which clinics and columns it has', async () => {
    const { options } = await backUp(database, store, await plantTenant('sealed'));
    const opened = await openArchive({
      source: storedArchive(store, options.objectKey),
      key: deriveKey(options.key, { purpose: 'backup' }),
      expected: options,
    });
    expect(opened.manifest.sections.map(({ name }) => name).slice(0, 2)).toEqual([
      'ringfence.clinics',
      'ringfence.columns',
    ]);
  });
});
