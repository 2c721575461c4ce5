import { describe, expect, it } from 'vitest';
import { storeArchive } from '../../../../data-plane/backup/archive/in-store.js';
import { copyOut } from '../../../../data-plane/backup/tenant/copy.js';
import { tenantDigest } from '../../../../data-plane/backup/tenant/digest.js';
import { restoreBackup } from '../../../../data-plane/backup/tenant/restore/restore.js';
import { type Section, tenantSections } from '../../../../data-plane/backup/tenant/sections.js';
import { withSnapshot } from '../../../../data-plane/backup/tenant/snapshot.js';
import { verifyBackup } from '../../../../data-plane/backup/tenant/verify.js';
import type { Connection } from '../../../../data-plane/database/connect.js';
import { deriveKey } from '../../../../data-plane/keys/derive-key.js';
import { plantClinic, type TestClinic, useDatabase } from '../../../support/cell-database.js';
import { flipBit } from '../../keys/samples.js';
import { type BackupOptions, backUp, backupOptions, loseRows, plantRows, useStore } from './fixture.js';

const database = useDatabase();
const store = await useStore();
const refusal = (message: string) => ({
  code: 'backup_refused',
  message: expect.stringContaining(message),
});

const plantTenant = async (slug: string): Promise<TestClinic> => {
  const clinic = await plantClinic(database.admin, slug);
  await plantRows(database, clinic, 2);
  return clinic;
};

/** A well-sealed archive of a tenant whose sections someone changed, as the holder of its key could. */
const forge = async (
  connection: Connection,
  clinic: TestClinic,
  change: (section: Section) => Section | undefined,
  extra: readonly Section[] = [],
): Promise<BackupOptions> => {
  const options = backupOptions(database, store, clinic);
  const { tenantId, key, backupId } = options;
  const archive = {
    key: deriveKey(key, { purpose: 'backup' }),
    header: { tenantId, backupId, keyVersion: key.version },
    schemaVersion: 'forged',
  };
  await withSnapshot(connection, async (client) => {
    const { sections } = await tenantSections(client, tenantId);
    await storeArchive({ store, objectKey: options.objectKey }, archive, async (writer) => {
      for (const section of [...sections.flatMap((known) => change(known) ?? []), ...extra]) {
        const copy = copyOut(client, section.query);
        await writer.section(section.name, section.columns, copy.bytes, copy.rows);
      }
    });
  });
  return options;
};

/** Changes the query of one section. */
const rewriting =
  (name: string, rewrite: (query: string) => string) =>
  (section: Section): Section =>
    section.name === name ? { ...section, query: rewrite(section.query) } : section;

/** Refused by verify and by restore, with no row of anybody changed. */
const expectRefused = async (
  options: BackupOptions,
  message: string,
  others: readonly TestClinic[],
): Promise<void> => {
  const digests = () =>
    Promise.all(
      [options, ...others].map(
        async ({ tenantId }) => (await tenantDigest(database.connection, tenantId)).digest,
      ),
    );
  const before = await digests();
  await expect(verifyBackup(options)).rejects.toMatchObject(refusal(message));
  await expect(restoreBackup({ ...options, dryRun: false })).rejects.toMatchObject(refusal(message));
  expect(await digests()).toEqual(before);
};

describe('An archive that someone with the key made by hand', () => {
  it('restores when it keeps to what a backup holds', async () => {
    const clinic = await plantTenant('honest');
    const options = await forge(database.connection, clinic, (section) => section);
    await expect(restoreBackup({ ...options, dryRun: false })).resolves.toBeDefined();
  });

  it('is refused with rows of another tenant’s clinic', async () => {
    const [clinic, victim] = [await plantTenant('planter'), await plantTenant('victim')];
    const swap = rewriting('clinical.patients', (query) =>
      query.replaceAll(clinic.clinicId, victim.clinicId),
    );
    const options = await forge(database.connection, clinic, swap);
    const message = 'clinical.patients has rows of a clinic that it is not of';
    await expectRefused(options, message, [victim]);
    await loseRows(database, clinic);
    await expectRefused(options, message, [victim]);
  });

  it('is refused when it claims another tenant’s clinic', async () => {
    const [clinic, victim] = [await plantTenant('claimer'), await plantTenant('claimed')];
    const theirs = rewriting('ringfence.clinics', (query) => query.replace(clinic.tenantId, victim.tenantId));
    const relabelled = rewriting(
      'ringfence.clinics',
      () => `SELECT '${victim.clinicId}'::uuid AS id, '${clinic.tenantId}'::uuid AS tenant_id`,
    );
    await expectRefused(await forge(database.connection, clinic, theirs), 'a clinic of another tenant', [
      victim,
    ]);
    await expectRefused(
      await forge(database.connection, clinic, relabelled),
      'is not one of this tenant’s clinics',
      [victim],
    );
  });

  it('is refused with a clinic that is not enrolled, or none', async () => {
    const clinic = await plantTenant('clinicless');
    const unknown = rewriting('ringfence.clinics', (query) =>
      query.replace('SELECT id', 'SELECT gen_random_uuid() AS id'),
    );
    const without = (section: Section) => (section.name === 'ringfence.clinics' ? undefined : section);
    await expectRefused(
      await forge(database.connection, clinic, unknown),
      'is not one of this tenant’s clinics',
      [],
    );
    await expectRefused(
      await forge(database.connection, clinic, without),
      'does not say which clinics and columns it has',
      [],
    );
  });

  it.each([
    'ringfence.tenants',
    'ringfence_private.context_keys',
    'edge.secrets',
    'pg_catalog.pg_authid',
    'nothing',
  ])('is refused with a section named %s', async (name) => {
    const clinic = await plantTenant(`unknown-${name.replace(/[._]/g, '-')}`);
    const extra = { name, columns: ['id'], query: 'SELECT 1' };
    const options = await forge(database.connection, clinic, (section) => section, [extra]);
    await expectRefused(options, `this cell has no tenant table ${name}`, []);
  });

  it('is refused with a key that is there twice', async () => {
    const clinic = await plantTenant('twice');
    const twice = rewriting('clinical.staff', (query) => `(${query}) UNION ALL (${query})`);
    await expectRefused(
      await forge(database.connection, clinic, twice),
      'section clinical.staff does not load',
      [],
    );
  });

  it('is refused with bytes that are no rows of the table', async () => {
    const clinic = await plantTenant('garbled');
    const garbled = (section: Section): Section =>
      section.name === 'clinical.staff' ? { ...section, query: 'SELECT 1::int AS n' } : section;
    await expectRefused(
      await forge(database.connection, clinic, garbled),
      'section clinical.staff does not load',
      [],
    );
  });

  it('is refused with columns that the table has not', async () => {
    const clinic = await plantTenant('columns');
    const fewer = (section: Section): Section =>
      section.name === 'clinical.subscriptions'
        ? {
            ...section,
            columns: ['clinic_id', 'plan'],
            query: section.query.replace(/SELECT .* FROM/s, 'SELECT clinic_id, plan FROM'),
          }
        : section;
    await expectRefused(
      await forge(database.connection, clinic, fewer),
      'clinical.subscriptions has not the columns of its table',
      [],
    );
  });
});

describe('A restore that does not come to its end', () => {
  const readAll = async (objectKey: string): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const part of await store.get(objectKey)) parts.push(part);
    return Buffer.concat(parts);
  };

  it('changes nothing when the archive was altered or is another tenant’s', async () => {
    const [clinic, other] = [await plantTenant('altered'), await plantTenant('foreign')];
    const { options } = await backUp(database, store, clinic);
    const foreign = await backUp(database, store, other);
    const bytes = await readAll(options.objectKey);
    await database.admin.query('DELETE FROM clinical.daily_figures WHERE clinic_id = $1', [clinic.clinicId]);
    for (const bit of [100, bytes.length * 4, bytes.length * 8 - 1]) {
      await store.put(
        options.objectKey,
        (async function* () {
          yield flipBit(bytes, bit);
        })(),
      );
      await expectRefused(options, 'the archive is refused', [other]);
    }
    const { objectKey, backupId } = foreign.options;
    await expectRefused({ ...options, objectKey, backupId }, 'another tenant’s', [other]);
  });

  it('leaves an empty tenant empty when its connection ends while its tables are filled', async () => {
    const clinic = await plantTenant('ended-filling');
    const { options } = await backUp(database, store, clinic);
    await loseRows(database, clinic);
    const before = await tenantDigest(database.connection, clinic.tenantId);
    // As the command asks for everything.
    const restoring = restoreBackup({ ...options, where: [], store: stalledStore(), dryRun: false });
    const outcome = expect(restoring).rejects.toMatchObject({ code: 'database_unavailable' });
    await endBackendAt('COPY clinical');
    await outcome;
    expect(await tenantDigest(database.connection, clinic.tenantId)).toEqual(before);
    await restoreBackup({ ...options, dryRun: false });
  });

  it.each(['COPY pg_temp', 'WITH d0 AS'])(
    'leaves everything as it was when its connection ends at %s',
    async (statement) => {
      const clinic = await plantTenant(statement === 'WITH d0 AS' ? 'ended-writing' : 'ended-loading');
      const { options } = await backUp(database, store, clinic);
      await database.admin.query('DELETE FROM clinical.daily_figures WHERE clinic_id = $1', [
        clinic.clinicId,
      ]);
      await database.admin.query(`UPDATE clinical.services SET name = 'changed' WHERE clinic_id = $1`, [
        clinic.clinicId,
      ]);
      const before = await tenantDigest(database.connection, clinic.tenantId);
      // A row that another transaction holds makes the restore wait where it can be ended.
      const blocker = await database.admin.connect();
      try {
        await blocker.query('BEGIN');
        if (statement === 'WITH d0 AS')
          await blocker.query('SELECT FROM clinical.services WHERE clinic_id = $1 FOR UPDATE', [
            clinic.clinicId,
          ]);
        const source = statement === 'WITH d0 AS' ? store : stalledStore();
        const restoring = restoreBackup({ ...options, store: source, dryRun: false });
        const outcome = expect(restoring).rejects.toMatchObject({ code: 'database_unavailable' });
        await endBackendAt(statement);
        await outcome;
      } finally {
        await blocker.query('ROLLBACK');
        blocker.release();
      }
      expect(await tenantDigest(database.connection, clinic.tenantId)).toEqual(before);
      const left = await database.admin.query(`SELECT FROM pg_class WHERE relname LIKE 'backup\\_%'`);
      expect(left.rowCount).toBe(0);
      await restoreBackup({ ...options, dryRun: false });
    },
  );

  /** A store whose archive takes its time, once it has been read whole, in the middle of a section. */
  const stalledStore = () => {
    let reads = 0;
    return {
      ...store,
      get: async (objectKey: string, startByte = 0) => {
        const source = await store.get(objectKey, startByte);
        reads += 1;
        if (reads < 8) return source;
        return (async function* () {
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          yield* source;
        })();
      },
    };
  };

  const endBackendAt = async (statement: string): Promise<void> => {
    for (let attempt = 0; attempt < 500; attempt++) {
      const { rowCount } = await database.admin.query(
        `WITH victim AS MATERIALIZED (
           SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND starts_with(query, $1) AND state = 'active' AND pid <> pg_backend_pid()
              AND ($1 <> 'WITH d0 AS' OR wait_event_type = 'Lock'))
         SELECT pg_terminate_backend(pid) FROM victim`,
        [statement],
      );
      if (rowCount !== 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('the restore never came to this statement');
  };
});

describe('The tenant’s own work during a restore', () => {
  it('fails the restore when it holds its clinic too long', async () => {
    const clinic = await plantTenant('busy');
    const { options } = await backUp(database, store, clinic);
    const blocker = await database.admin.connect();
    try {
      await blocker.query('BEGIN');
      await blocker.query('SELECT FROM ringfence.clinics WHERE id = $1 FOR KEY SHARE', [clinic.clinicId]);
      const restoring = restoreBackup({ ...options, dryRun: false, lockTimeoutMs: 50 });
      await expect(restoring).rejects.toMatchObject({ code: 'tenant_busy' });
    } finally {
      await blocker.query('ROLLBACK');
      blocker.release();
    }
  });
});
