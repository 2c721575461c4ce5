import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import type { EnrolledClinic } from '../../data-plane/enrolment/enrolment.js';
import { readEnrolment } from '../../data-plane/enrolment/read-enrolment.js';
import type { Runtime } from '../runtime.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';

/** A deployed tenant with its clinics, as its cell knows them. @throws RingfenceError `tenant_not_found` */
export const openTenant = async (
  runtime: Runtime,
  slug: string,
): Promise<{ tenant: RegisteredTenant; clinics: readonly EnrolledClinic[] }> => {
  const tenant = await getTenant(runtime.control, slug);
  const admin = await runtime.target.adminConnection(tenant.cell);
  const enrolment = await withConnection(admin, (client) => readEnrolment(client, tenant.id));
  if (enrolment) return { tenant, clinics: enrolment.clinics };
  throw new RingfenceError('tenant_not_found', `tenant ${slug} is not enrolled in cell ${tenant.cell}`, {
    fix: `finish its deployment with \`ringfence tenants add ${slug}\``,
  });
};
