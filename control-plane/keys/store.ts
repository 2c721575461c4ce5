import type pg from 'pg';
import type { WrappedKeyRecord, WrappedKeyStore } from '../../data-plane/keys/wrapped-key-store.js';

const COLUMNS = `tenant_id AS "tenantId", version, root_key_id AS "rootKeyId", wrapped,
  created_at AS "createdAt", destroyed_at AS "destroyedAt"`;

/** Wrapped tenant keys in the control database, outside every tenant's backup set (docs/threats.md 25). */
export const wrappedKeys = (control: pg.Pool): WrappedKeyStore => {
  const get: WrappedKeyStore['get'] = async (tenantId, version) =>
    (
      await control.query<WrappedKeyRecord>(
        `SELECT ${COLUMNS} FROM control.tenant_keys WHERE tenant_id = $1 AND ($2::int IS NULL OR version = $2)
          ORDER BY version DESC LIMIT 1`,
        [tenantId, version ?? null],
      )
    ).rows[0];
  return {
    get,
    put: async (record) => {
      await control.query(
        `INSERT INTO control.tenant_keys (tenant_id, version, root_key_id, wrapped, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
        [record.tenantId, record.version, record.rootKeyId, record.wrapped, record.createdAt],
      );
      return (await get(record.tenantId, record.version)) ?? record;
    },
    list: async (tenantId) =>
      (
        await control.query<WrappedKeyRecord>(
          `SELECT ${COLUMNS} FROM control.tenant_keys WHERE tenant_id = $1 ORDER BY version`,
          [tenantId],
        )
      ).rows,
    markDestroyed: async (tenantId, destroyedAt, version) => {
      await control.query(
        `UPDATE control.tenant_keys SET wrapped = NULL, destroyed_at = $2
          WHERE tenant_id = $1 AND destroyed_at IS NULL AND ($3::int IS NULL OR version = $3)`,
        [tenantId, destroyedAt, version ?? null],
      );
    },
  };
};
