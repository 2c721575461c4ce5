import { openPool } from '../../../data-plane/database/connect.js';
import { runningLocalServer } from '../../../data-plane/database/server/local-server.js';
import { certificatesHere } from '../../erasure/certificates-here.js';
import { CONTROL_DATABASE, controlDir } from '../../project/control-database.js';
import { findTenantById } from '../../tenants/store.js';
import type { Check } from '../types.js';

/** Whether a tenant that this project certified as erased is known to the control database again. */
export const checkErasures: Check = async ({ project }) => {
  const name = 'erasures';
  const certificates = certificatesHere(project);
  const server = runningLocalServer(controlDir(project));
  if (!server || certificates.length === 0)
    return { name, status: 'ok', detail: `${certificates.length} certificates, nothing to compare` };
  const control = openPool({ ...server, database: CONTROL_DATABASE }, { max: 1, name: 'ringfence doctor' });
  try {
    const back: string[] = [];
    for (const { id, tenantId } of certificates) {
      const tenant = await findTenantById(control, tenantId);
      if (tenant)
        back.push(`tenant ${tenant.slug} is here again, though certificate ${id} says that it was erased`);
    }
    return back.length === 0
      ? { name, status: 'ok', detail: `${certificates.length} erased tenants are not known any more` }
      : {
          name,
          status: 'fail',
          detail: back.join('; '),
          fix: 'run `ringfence control reconcile`: it erases them again',
        };
  } finally {
    await control.end();
  }
};
