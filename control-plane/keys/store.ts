import type pg from 'pg';
import { z } from 'zod';
import { inPooledTransaction } from '../../data-plane/database/connect.js';
import type { KeyWrap, KeyWraps } from '../../data-plane/keys/key-wraps.js';
import type { WrappedKeyRecord, WrappedKeyStore } from '../../data-plane/keys/wrapped-key-store.js';
import { readRows } from '../project/read-rows.js';

const keySchema = z.object({
  tenantId: z.guid(),
  version: z.int(),
  rootKeyId: z.string(),
  wrapped: z.instanceof(Buffer).nullable(),
  createdAt: z.date(),
  destroyedAt: z.date().nullable(),
});

const wrapSchema = z.object({
  tenantId: z.guid(),
  version: z.int(),
  rootKeyId: z.string(),
  wrapped: z.instanceof(Buffer),
});

const COLUMNS = `tenant_id AS "tenantId", version, root_key_id AS "rootKeyId", wrapped,
  created_at AS "createdAt", destroyed_at AS "destroyedAt"`;

const readKeys = (rows: readonly unknown[]): WrappedKeyRecord[] =>
  readRows(keySchema, 'control.tenant_keys', rows);

/** Wrapped tenant keys in the control database, outside every tenant's backup set (docs/threats.md 25). */
export const wrappedKeys = (control: pg.Pool): WrappedKeyStore => {
  const get: WrappedKeyStore['get'] = async (tenantId, version) => {
    const { rows } = await control.query(
      `SELECT ${COLUMNS} FROM control.tenant_keys WHERE tenant_id = $1 AND ($2::int IS NULL OR version = $2)
          ORDER BY version DESC LIMIT 1`,
      [tenantId, version ?? null],
    );
    return readKeys(rows)[0];
  };
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
    list: async (tenantId) => {
      const { rows } = await control.query(
        `SELECT ${COLUMNS} FROM control.tenant_keys WHERE tenant_id = $1 ORDER BY version`,
        [tenantId],
      );
      return readKeys(rows);
    },
    markDestroyed: async (tenantId, destroyedAt, version) => {
      await inPooledTransaction(control, async (client) => {
        await client.query(
          `UPDATE control.tenant_keys SET wrapped = NULL, destroyed_at = $2
            WHERE tenant_id = $1 AND destroyed_at IS NULL AND ($3::int IS NULL OR version = $3)`,
          [tenantId, destroyedAt, version ?? null],
        );
        // After the row above: a wrap that was being put holds it, and none is put once it is destroyed.
        await client.query(
          'DELETE FROM control.tenant_key_wraps WHERE tenant_id = $1 AND ($2::int IS NULL OR version = $2)',
          [tenantId, version ?? null],
        );
      });
    },
  };
};

/** The same keys under every root, those in `control.tenant_keys` first. */
export const keyWraps = (control: pg.Pool): KeyWraps => ({
  list: async (tenantId): Promise<KeyWrap[]> => {
    const { rows } = await control.query(
      `SELECT tenant_id AS "tenantId", version, root_key_id AS "rootKeyId", wrapped
           FROM (SELECT *, 1 AS place FROM (SELECT tenant_id, version, root_key_id, wrapped FROM control.tenant_keys) opened
                 UNION ALL SELECT *, 2 FROM control.tenant_key_wraps) wraps
          WHERE tenant_id = $1 AND wrapped IS NOT NULL ORDER BY version, place, root_key_id`,
      [tenantId],
    );
    return readRows(wrapSchema, 'control.tenant_key_wraps', rows);
  },
  put: async ({ tenantId, version, rootKeyId, wrapped }) => {
    await control.query(
      `INSERT INTO control.tenant_key_wraps (tenant_id, version, root_key_id, wrapped)
       SELECT tenant_id, version, $3, $4 FROM control.tenant_keys
        WHERE tenant_id = $1 AND version = $2 AND destroyed_at IS NULL AND root_key_id <> $3 FOR SHARE
       ON CONFLICT DO NOTHING`,
      [tenantId, version, rootKeyId, wrapped],
    );
  },
  replace: async ({ tenantId, version, rootKeyId, wrapped }) => {
    await control.query(
      `WITH opened AS (
         UPDATE control.tenant_keys SET wrapped = $4
          WHERE tenant_id = $1 AND version = $2 AND root_key_id = $3 AND destroyed_at IS NULL)
       UPDATE control.tenant_key_wraps SET wrapped = $4 WHERE tenant_id = $1 AND version = $2 AND root_key_id = $3`,
      [tenantId, version, rootKeyId, wrapped],
    );
  },
  lead: async (tenantId, rootKeyId) => {
    await control.query(
      `WITH coming AS (
         DELETE FROM control.tenant_key_wraps WHERE tenant_id = $1 AND root_key_id = $2 RETURNING *),
       going AS (
         INSERT INTO control.tenant_key_wraps (tenant_id, version, root_key_id, wrapped)
         SELECT tenant_id, version, k.root_key_id, k.wrapped FROM control.tenant_keys k JOIN coming USING (tenant_id, version)
         ON CONFLICT DO NOTHING)
       UPDATE control.tenant_keys k SET root_key_id = coming.root_key_id, wrapped = coming.wrapped
         FROM coming WHERE k.tenant_id = coming.tenant_id AND k.version = coming.version`,
      [tenantId, rootKeyId],
    );
  },
  drop: async (tenantId, rootKeyId) => {
    await control.query('DELETE FROM control.tenant_key_wraps WHERE tenant_id = $1 AND root_key_id = $2', [
      tenantId,
      rootKeyId,
    ]);
  },
});
