import { KEY_BYTES } from './key-root.js';
import { lengthPrefixed, u32 } from './length-prefixed.js';
import type { TenantKey } from './tenant-key.js';

/** Purposes with a key for every clinic. */
type ClinicPurpose = 'field' | 'blind-index';

/** Purposes with one key for the whole tenant. */
type TenantPurpose = 'backup' | 'database-login' | 'manifest-mac';

/** The purpose of a derived key. The key version is the tenant key's. */
export type KeyUse =
  | { readonly purpose: ClinicPurpose; readonly clinicId: string }
  | { readonly purpose: TenantPurpose };

/** 32 bytes, HKDF-SHA256 of the tenant key: another purpose, clinic, tenant or version gives an unrelated key. */
export const deriveKey = (tenantKey: TenantKey, use: KeyUse): Buffer => {
  const clinicId = 'clinicId' in use ? use.clinicId : '';
  const info = [
    'ringfence/derived-key/v1',
    use.purpose,
    tenantKey.tenantId,
    clinicId,
    u32(tenantKey.version),
  ];
  return tenantKey.expand(lengthPrefixed(info), KEY_BYTES);
};
