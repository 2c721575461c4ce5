import { type SamplePatient, sampleDemo } from '../../data-plane/demo/sample.js';
import { usingKeyVersions } from '../../data-plane/keys/using-keys.js';
import { wrappedKeys } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import { openTenant } from './open-tenant.js';

export interface ClinicSample {
  readonly clinic: string;
  readonly patients: readonly SamplePatient[];
}

/** A few patients of each clinic of a tenant, decrypted. @param limit of one clinic. */
export const sampleTenantDemo = async (
  runtime: Runtime,
  slug: string,
  limit: number,
): Promise<readonly ClinicSample[]> => {
  const { tenant, clinics } = await openTenant(runtime, slug);
  const admin = await runtime.target.adminConnection(tenant.cell);
  const store = wrappedKeys(runtime.control);
  return usingKeyVersions(runtime.target.tenantKeys, store, tenant.id, (keys) =>
    Promise.all(
      clinics.map(async (clinic) => ({
        clinic: clinic.name,
        patients: await sampleDemo(admin, { clinicId: clinic.id, keys, limit }),
      })),
    ),
  );
};
