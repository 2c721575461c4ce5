import { RingfenceError } from '../../../tenants/errors.js';
import { type BlindIndex, blindIndex } from '../../keys/blind-index.js';
import { type FieldKey, fieldKey } from '../../keys/field-envelope.js';
import type { TenantKey } from '../../keys/tenant-key.js';
import type { TenantKeys } from '../../keys/tenant-keys.js';
import type { TenantContext } from '../context/tenant-scope.js';

/** The keys of one clinic for one run: derived when they are first needed, wiped with the run. */
export interface ClinicKeys {
  /** The field key of a version, or of the highest. */
  field(version?: number): Promise<FieldKey>;
  index(): Promise<BlindIndex>;
  wipe(): void;
}

export const clinicKeys = (
  tenantKeys: TenantKeys | undefined,
  { tenantId, clinicId }: TenantContext,
): ClinicKeys => {
  const fields = new Map<number | undefined, Promise<FieldKey>>();
  let index: Promise<BlindIndex> | undefined;
  const wiping = new Set<FieldKey>();
  let wiped = false;

  const withKey = async <T>(version: number | undefined, derive: (key: TenantKey) => T): Promise<T> => {
    if (!tenantKeys) {
      throw new RingfenceError('config_invalid', 'sealed columns need the keys of tenants', {
        fix: 'give createAccess its option tenantKeys',
      });
    }
    const key = await tenantKeys.load(tenantId, version);
    try {
      return derive(key);
    } finally {
      key.wipe();
    }
  };
  const deriveField = async (version: number | undefined): Promise<FieldKey> => {
    const key = await withKey(version, (tenantKey) => fieldKey(tenantKey, clinicId));
    if (wiped) key.encryptionKey.fill(0);
    wiping.add(key);
    return key;
  };

  return {
    field: (version) => {
      const known = fields.get(version) ?? deriveField(version);
      fields.set(version, known);
      return known;
    },
    index: () => {
      index ??= withKey(undefined, (tenantKey) => blindIndex(tenantKey, clinicId));
      return index;
    },
    wipe: () => {
      wiped = true;
      for (const key of wiping) key.encryptionKey.fill(0);
    },
  };
};
