import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { restoreBackup } from '../../../../data-plane/backup/tenant/restore/restore.js';
import { takeBackup } from '../../../../data-plane/backup/tenant/take.js';
import { verifyBackup } from '../../../../data-plane/backup/tenant/verify.js';
import { withConnection } from '../../../../data-plane/database/connect.js';
import { lintSchema } from '../../../../data-plane/database/lint/lint-schema.js';
import { withdraw } from '../../../../data-plane/enrolment/withdraw.js';
import { eraseFromCell } from '../../../../data-plane/erasure/erase-from-cell.js';
import { inspectCell } from '../../../../data-plane/erasure/inspect-cell.js';
import { useDatabase } from '../../../support/cell-database.js';
import type { DemoTenant } from '../../demo/clinics.js';
import { exportOf, importInto, plantEmpty, useFolder } from '../../transfer/import/scene.js';
import { backupOptions, useStore } from './fixture.js';

const database = useDatabase();
const store = await useStore();
const folder = useFolder();
const run = (text: string, values: unknown[] = []) => database.admin.query(text, values);

const plantRing = async (slug: string): Promise<DemoTenant> => {
  const tenant = await plantEmpty(database, slug);
  await run(
    `WITH p AS (INSERT INTO ring.plans SELECT $1, n, n FROM generate_series(1, 5) n)
     INSERT INTO ring.steps SELECT $1, n, n % 5 + 1, n FROM generate_series(1, 5) n`,
    [tenant.clinics[0].id],
  );
  return tenant;
};
const ringOf = async ({ clinics }: DemoTenant) =>
  (
    await run(
      `SELECT 'plan' AS what, id, first AS refers FROM ring.plans WHERE clinic_id = $1
       UNION ALL SELECT 'step', id, plan FROM ring.steps WHERE clinic_id = $1 ORDER BY 1, 2`,
      [clinics[0].id],
    )
  ).rows;

describe('Tables whose foreign keys refer to each other', () => {
  beforeAll(async () => {
    await run(`
      CREATE SCHEMA ring;
      CREATE TABLE ring.plans (clinic_id uuid NOT NULL, id integer NOT NULL, first integer NOT NULL, PRIMARY KEY (clinic_id, id));
      CREATE TABLE ring.steps (clinic_id uuid NOT NULL, id integer NOT NULL, plan integer NOT NULL, after integer, PRIMARY KEY (clinic_id, id),
        FOREIGN KEY (clinic_id, plan) REFERENCES ring.plans, FOREIGN KEY (clinic_id, after) REFERENCES ring.steps);
      ALTER TABLE ring.plans ADD FOREIGN KEY (clinic_id, first) REFERENCES ring.steps;
      ALTER SCHEMA ring OWNER TO ringfence_owner`);
  });

  it('are protected together, as the hint of each says, and all or none', async () => {
    for (const table of ['ring.plans', 'ring.steps'])
      await expect(run('SELECT ringfence.protect($1)', [table])).rejects.toMatchObject({
        hint: expect.stringContaining('SELECT ringfence.protect_together('),
      });
    await run('CREATE TABLE ring.bare (id integer)');
    await expect(
      run(`SELECT ringfence.protect_together('ring.plans', 'ring.bare', 'ring.steps')`),
    ).rejects.toThrow('ring.bare has no primary key');
    await run('DROP TABLE ring.bare');
    expect((await run(`SELECT FROM ringfence.tenant_tables WHERE schema_name = 'ring'`)).rowCount).toBe(0);
    await run(`SELECT ringfence.protect_together('ring.plans', 'ring.steps')`);
    await run(
      `SELECT ringfence.protect('ring.plans'), ringfence.protect_together('ring.steps', 'ring.plans')`,
    );
    expect(await withConnection(database.connection, lintSchema)).toEqual([]);
    const mayProtect = await run(
      `SELECT has_function_privilege('ringfence_app', 'ringfence.protect_together(regclass[])', 'EXECUTE') AS may`,
    );
    expect(mayProtect.rows).toEqual([{ may: false }]);
  });

  it('are backed up, verified and restored, also where all is lost', async () => {
    const tenant = await plantRing('ring');
    const options = {
      ...backupOptions(database, store, { tenantId: tenant.tenantId, clinicId: tenant.clinics[0].id }),
      key: tenant.key,
    };
    const { digest } = await takeBackup(options);
    await expect(verifyBackup(options)).resolves.toMatchObject({ digest });
    const before = await ringOf(tenant);
    const clinic = [tenant.clinics[0].id];
    await run(`UPDATE ring.plans SET first = 1 WHERE clinic_id = $1`, clinic);
    await run(`DELETE FROM ring.steps WHERE clinic_id = $1 AND id = 5`, clinic);
    await restoreBackup({ ...options, where: [{ column: 'plan', value: '1' }], dryRun: false });
    await restoreBackup({ ...options, dryRun: false });
    expect(await ringOf(tenant)).toEqual(before);
    await run(
      `WITH s AS (DELETE FROM ring.steps WHERE clinic_id = $1) DELETE FROM ring.plans WHERE clinic_id = $1`,
      clinic,
    );
    await restoreBackup({ ...options, dryRun: false });
    expect(await ringOf(tenant)).toEqual(before);
  });

  it('are exported and imported', async () => {
    const tenant = await plantRing('from-ring');
    const zip = join(folder.path, 'ring.zip');
    await exportOf(database, tenant, 'from-ring', zip);
    const to = await plantEmpty(database, 'to-ring');
    const report = await importInto(database, to, zip, { clinicNames: new Map([['from-ring', 'to-ring']]) });
    expect(report.problems).toEqual([]);
    expect(await ringOf(to)).toEqual(await ringOf(tenant));
  });

  it('are erased, and go with their tenant', async () => {
    const erased = await plantRing('erased-ring');
    const subject = {
      tenantId: erased.tenantId,
      clinicIds: erased.clinics.map(({ id }) => id),
      loginRole: 'rf_t_erased-ring',
    };
    await eraseFromCell(database.connection, subject);
    const checks = await withConnection(database.connection, (client) =>
      inspectCell(client, 'cell', subject),
    );
    expect(checks.filter(({ found }) => found > 0)).toEqual([]);
    const removed = await plantRing('removed-ring');
    await withConnection(database.connection, (client) => withdraw(client, removed.tenantId));
    expect(await ringOf(removed)).toEqual([]);
  });
});
