import { RingfenceError } from '../../../core/errors.js';
import { type BlindIndex, blindIndex } from '../../keys/blind-index.js';
import { type FieldKey, fieldKey } from '../../keys/field-envelope.js';
import type { TenantKey } from '../../keys/tenant-key.js';
import { CUSTOMER_HELD_TTL_MS, type TenantKeys } from '../../keys/tenant-keys.js';
import type { TenantContext } from '../context/tenant-scope.js';

/**
 * The keys of one clinic for one run: derived when they are first needed, and again after 20 seconds, so that a long run ends with the
 * customer's key; wiped with the run.
 */
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
  now: () => Date,
): ClinicKeys => {
  const fields = new Map<number | undefined, () => Promise<FieldKey>>();
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

  const newestIndex = whileFresh(now, () =>
    withKey(undefined, (tenantKey) => ({
      newest: blindIndex(tenantKey, clinicId),
      version: tenantKey.version,
    })),
  );

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
      const known = fields.get(version) ?? whileFresh(now, () => deriveField(version));
      fields.set(version, known);
      return known();
    },
    index: async () => (await newestIndex()).newest,
    searchIndexes: whileFresh(now, allIndexes),
    wipe: () => {
      wiped = true;
      for (const key of wiping) key.encryptionKey.fill(0);
    },
  };
};

/** What `make` gave, until it is as old as an open key of a customer may be. */
const whileFresh = <T>(now: () => Date, make: () => Promise<T>): (() => Promise<T>) => {
  let made: { readonly value: Promise<T>; readonly untilMs: number } | undefined;
  return () => {
    const nowMs = now().getTime();
    if (made === undefined || made.untilMs <= nowMs)
      made = { value: make(), untilMs: nowMs + CUSTOMER_HELD_TTL_MS };
    return made.value;
  };
};
