import { wrappedKeys } from '../../control-plane/keys/store.js';
import { sampleDemo } from '../../data-plane/demo/sample.js';
import { usingKeyVersions } from '../../data-plane/keys/using-keys.js';
import { openTenant } from '../runtime/tenant-data.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence demo show <tenant>`: a few invented patients in clear text. */
export const demoShow = async (context: Context, options: { limit: number }, slug: string): Promise<void> => {
  await withRuntime(context, async (runtime) => {
    const { tenant, clinics } = await openTenant(runtime, slug);
    const admin = await runtime.target.adminConnection(tenant.cell);
    const store = wrappedKeys(runtime.control);
    const samples = await usingKeyVersions(runtime.target.tenantKeys, store, tenant.id, (keys) =>
      Promise.all(
        clinics.map(async (clinic) => ({
          clinic: clinic.name,
          patients: await sampleDemo(admin, { clinicId: clinic.id, keys, limit: options.limit }),
        })),
      ),
    );
    context.result(samples, () =>
      samples
        .map(({ clinic, patients }) => {
          const lines = patients.map(
            (patient) =>
              `  ${patient.patientName} (${patient.locale}) ${patient.phone}\n    ${patient.medicalHistory}\n`,
          );
          return `${clinic}\n${lines.join('') || '  no patients yet\n'}`;
        })
        .join(''),
    );
  });
};
