import { RingfenceError } from '../../../core/errors.js';
import { blindIndex } from '../blind-index.js';
import { decryptField, envelopeKeyVersion, type FieldKey, fieldKey } from '../field-envelope.js';
import type { FieldPlace } from '../field-place.js';
import type { TenantKey } from '../tenant-key.js';
import type { TenantKeys } from '../tenant-keys.js';
import type { WrappedKeyStore } from '../wrapped-key-store.js';

/**
 * Every version of a tenant's key that was not destroyed, ascending; the last one is for writing. The list comes from the store at each call,
 * so that a version made elsewhere a moment ago is in it. They are the caller's to wipe: `usingKeyVersions` does.
 *
 * @throws RingfenceError key_not_found when there is none, or they were destroyed.
 */
export const loadKeyVersions = async (
  keys: TenantKeys,
  store: WrappedKeyStore,
  tenantId: string,
): Promise<readonly TenantKey[]> => {
  const records = (await store.list(tenantId)).filter(({ destroyedAt }) => destroyedAt === null);
  if (records.length === 0) throw new RingfenceError('key_not_found', `tenant ${tenantId} has no key`);
  const loads = await Promise.allSettled(records.map(({ version }) => keys.load(tenantId, version)));
  const failed = loads.find((load) => load.status === 'rejected');
  const opened = loads.flatMap((load) => (load.status === 'fulfilled' ? [load.value] : []));
  if (failed === undefined) return opened;
  for (const key of opened) key.wipe();
  throw failed.reason;
};

/** Opens envelopes of one clinic whatever version of the key they were sealed with, as during a rotation. */
export const anyVersionReader = (
  keys: readonly TenantKey[],
  clinicId: string,
): ((place: FieldPlace, envelope: Buffer) => string) => {
  const derived = new Map<number, FieldKey>();
  return (place, envelope) => {
    const version = envelopeKeyVersion(envelope);
    const tenantKey = keys.find((key) => key.version === version);
    if (tenantKey === undefined)
      throw new RingfenceError('envelope_refused', 'the envelope is for another key');
    const key = derived.get(version) ?? fieldKey(tenantKey, clinicId);
    derived.set(version, key);
    return decryptField(key, place, envelope);
  };
};

/** The values to search a blind index for, one a version: `WHERE phone_index = ANY ($1)`. */
export interface AnyVersionIndex {
  name(name: string): Buffer[];
  phone(phone: string): Buffer[];
}

/** Finds rows of one clinic whatever version of the key they were indexed with, as during a rotation. */
export const anyVersionIndex = (keys: readonly TenantKey[], clinicId: string): AnyVersionIndex => {
  const indexes = keys.map((key) => blindIndex(key, clinicId));
  return {
    name: (name) => indexes.map((index) => index.name(name)),
    phone: (phone) => indexes.map((index) => index.phone(phone)),
  };
};
