import { type BlindIndex, blindIndex } from '../../keys/blind-index.js';
import { type FieldKey, fieldKey } from '../../keys/field-envelope.js';
import type { TenantKey } from '../../keys/tenant-key.js';

interface ClinicKeys {
  readonly field: FieldKey;
  readonly index: BlindIndex;
}

/** What the rows of a clinic are sealed with. */
export type ImportKeys = (clinicId: string) => ClinicKeys;

/** @param key the tenant's newest version. */
export const importKeys = (key: TenantKey): ImportKeys => {
  const derived = new Map<string, ClinicKeys>();
  return (clinicId) => {
    const known = derived.get(clinicId) ?? {
      field: fieldKey(key, clinicId),
      index: blindIndex(key, clinicId),
    };
    derived.set(clinicId, known);
    return known;
  };
};
