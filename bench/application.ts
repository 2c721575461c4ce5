import { generateKeyPairSync, sign } from 'node:crypto';
import { type Access, type AccessOptions, createAccess, type Located } from '../data-plane/access/index.js';
import type { BenchCell, BenchTenant } from './cell.js';

const ISSUER = 'https://id.example';
const AUDIENCE = 'https://clinic.example';

/** An application on the access library, with an identity provider and a directory in memory. */
export interface Application {
  readonly access: Access;
  /** A token of the tenant's owner for its clinic. */
  token(tenant: BenchTenant): string;
}

export const openApplication = (
  cell: BenchCell,
  tenants: readonly BenchTenant[],
  options: Partial<AccessOptions> = {},
): Application => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const located = new Map(
    tenants.map(({ clinicId, tenantId }): [string, Located] => [
      clinicId,
      {
        cell: cell.name,
        connection: cell.app,
        contextKey: cell.contextKey,
        clinicId,
        tenantId,
        state: 'active',
        security: { mfaRequired: false, sessionMinutes: null, allowedNetworks: [] },
      },
    ]),
  );
  const access = createAccess({
    directory: {
      locate: async (clinicId) => located.get(clinicId),
      forget: () => undefined,
      close: async () => undefined,
    },
    keys: { keys: [{ ...publicKey.export({ format: 'jwk' }), kty: 'EC' }] },
    issuer: ISSUER,
    audience: AUDIENCE,
    ...options,
  });
  return {
    access,
    token: ({ userId, clinicId }) => {
      const nowSeconds = Math.floor(Date.now() / 1_000);
      const body = [
        { alg: 'ES256', typ: 'at+jwt' },
        {
          iss: ISSUER,
          aud: AUDIENCE,
          sub: userId,
          clinic_id: clinicId,
          iat: nowSeconds,
          exp: nowSeconds + 3_600,
        },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      const signature = sign('sha256', Buffer.from(body), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `${body}.${signature.toString('base64url')}`;
    },
  };
};
