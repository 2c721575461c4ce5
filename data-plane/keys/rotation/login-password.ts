import type pg from 'pg';
import { scramVerifier } from '../../database/scram.js';
import { deriveKey } from '../derive-key.js';
import type { TenantKey } from '../tenant-key.js';

/** The password of a tenant's own login (docs/formats.md, derived key). */
export const loginPassword = (key: TenantKey): string =>
  deriveKey(key, { purpose: 'database-login' }).toString('base64url');

/** Gives the tenant's own login the password of this key version. Its open connections stay. */
export const setLoginPassword = async (client: pg.Client, key: TenantKey): Promise<void> => {
  const { rows } = await client.query<{ login: string }>(
    'SELECT login_role AS login FROM ringfence.tenants WHERE id = $1 AND login_role IS NOT NULL',
    [key.tenantId],
  );
  for (const { login } of rows) {
    await client.query(
      `ALTER ROLE ${client.escapeIdentifier(login)} PASSWORD ${client.escapeLiteral(scramVerifier(loginPassword(key)))}`,
    );
  }
};
