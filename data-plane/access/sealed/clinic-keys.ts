import { RingfenceError } from '../../../core/errors.js';
import { type BlindIndex, blindIndex } from '../../keys/blind-index.js';
import { type FieldKey, fieldKey } from '../../keys/field-envelope.js';
import type { TenantKey } from '../../keys/tenant-key.js';
import type { TenantKeys } from '../../keys/tenant-keys.js';
import type { TenantContext } from '../context/tenant-scope.js';

/** The keys of one clinic for one run: derived when they are first needed, wiped with the run. */
export interface ClinicKeys {
  /** The field key of a version, or of the highest. */
  field(version?: number): Promise<FieldKey>;
  /** The blind index of the highest version. */
  index(): Promise<BlindIndex>;
  /** The keys of all remaining versions, the highest first. During a rotation and after a restore a row has any of them. */
  searchIndexes(): Promise<readonly BlindIndex[]>;
  wipe(): void;
}

export const clinicKeys = (
  tenantKeys: TenantKeys | undefined,
  { tenantId, clinicId }: TenantContext,
): ClinicKeys => {
  const fields = new Map<number | undefined, Promise<FieldKey>>();
  let index: Promise<{ newest: BlindIndex; version: number }> | undefined;
  let searched: Promise<readonly BlindIndex[]> | undefined;
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

  const newestIndex = () => {
    index ??= withKey(undefined, (tenantKey) => ({
      newest: blindIndex(tenantKey, clinicId),
      version: tenantKey.version,
    }));
    return index;
  };

  const earlierIndex = (version: number): Promise<BlindIndex | undefined> =>
    withKey(version, (tenantKey) => blindIndex(tenantKey, clinicId)).catch((error: unknown) => {
      if (error instanceof RingfenceError && error.code === 'key_not_found') return undefined;
      throw error;
    });
  const allIndexes = async (): Promise<readonly BlindIndex[]> => {
    const { newest, version } = await newestIndex();
    const before = Array.from({ length: version - 1 }, (_, at) => earlierIndex(version - 1 - at));
    return [newest, ...(await Promise.all(before)).filter((index) => index !== undefined)];
  };

  return {
    field: (version) => {
      const known = fields.get(version) ?? deriveField(version);
      fields.set(version, known);
      return known;
    },
    index: async () => (await newestIndex()).newest,
    searchIndexes: () => {
      searched ??= allIndexes();
      return searched;
    },
    wipe: () => {
      wiped = true;
      for (const key of wiping) key.encryptionKey.fill(0);
    },
  };
};
