import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { translateDatabaseError } from '../../database/errors.js';
import type { WrappedKeyRecord, WrappedKeyStore } from '../../keys/wrapped-key-store.js';

const COLUMNS = `tenant_id AS "tenantId", version, root_key_id AS "rootKeyId", wrapped,
  created_at AS "createdAt", destroyed_at AS "destroyedAt"`;

/** The wrapped tenant keys of the control database, for an application: it reads them, and makes or destroys none. */
export const tenantKeyRecords = (control: pg.Pool): WrappedKeyStore => {
  const read = async (condition: string, values: unknown[]): Promise<WrappedKeyRecord[]> => {
    const found = control.query<WrappedKeyRecord>(
      `SELECT ${COLUMNS} FROM control.tenant_keys WHERE ${condition}`,
      values,
    );
    return (
      await found.catch((error: unknown) => {
        throw translateDatabaseError(error);
      })
    ).rows;
  };
  const refuse = async (): Promise<never> => {
    throw new RingfenceError('permission_denied', 'an application makes and destroys no tenant keys', {
      fix: 'the control plane does: see `ringfence tenants`',
    });
  };
  return {
    get: async (tenantId, version) =>
      (
        await read('tenant_id = $1 AND ($2::int IS NULL OR version = $2) ORDER BY version DESC LIMIT 1', [
          tenantId,
          version ?? null,
        ])
      )[0],
    list: (tenantId) => read('tenant_id = $1 ORDER BY version', [tenantId]),
    put: refuse,
    markDestroyed: refuse,
  };
};
