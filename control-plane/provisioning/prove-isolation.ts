import { probeTenant } from '../../isolation/probe.js';
import { type LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { cellAccess } from '../cells/cell-access.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';

/** `unproven` counts attempts that proved nothing, for example on a table that took no canary row. */
export interface ProvenIsolation {
  readonly checks: number;
  readonly tables: number;
  readonly leaks: number;
  readonly unproven: number;
}

/** Attacks the tenant from a neighbour, and back. @throws RingfenceError `isolation_violated` */
export const proveIsolation = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  registered: RegisteredTenant,
): Promise<ProvenIsolation> => {
  const { admin, app, contextKey } = await cellAccess(runtime, registered.cell);
  const report = await probeTenant(admin, app, {
    tenantId: registered.id,
    clinicIds: manifest.tenant.clinics.map((clinic) => clinic.id),
    contextKey,
    now: runtime.now,
  });
  const [leak] = report.leaks;
  if (leak) {
    throw new RingfenceError(
      'isolation_violated',
      `${leak.table}: ${leak.attempt} reached another tenant (${leak.detail})`,
      {
        fix: 'run `ringfence schema lint` on this cell: it names the hole and the statement that closes it',
      },
    );
  }
  return { checks: report.checks, tables: report.tables, leaks: 0, unproven: report.unproven.length };
};
