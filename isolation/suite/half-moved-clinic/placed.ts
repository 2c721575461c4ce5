import { randomBytes } from 'node:crypto';
import { withConnection } from '../../../data-plane/database/connect.js';
import { enrol } from '../../../data-plane/enrolment/enrol.js';
import type { Enrolment } from '../../../data-plane/enrolment/enrolment.js';
import { CANARY_SLUG_PREFIX, canaryId } from '../canary-ids.js';
import { plantRows } from '../plant.js';
import type { Stage } from '../stage.js';

export interface Placed {
  readonly tenant: Enrolment;
  readonly clinic: { readonly tenantId: string; readonly clinicId: string; readonly marker: string };
}

/** A throw-away tenant with rows, at home in the cell. */
export const atHome = async (stage: Stage): Promise<Placed> => {
  const [tenantId, clinicId] = [canaryId(), canaryId()];
  const tenant = {
    tenantId,
    slug: `${CANARY_SLUG_PREFIX}placed-${randomBytes(6).toString('hex')}`,
    clinics: [{ id: clinicId, slug: 'only', name: 'only', vertical: 'canary', timeZone: 'UTC' }],
  };
  const clinic = { tenantId, clinicId, marker: `canary${clinicId.slice(-12)}` };
  await place(stage, tenant);
  await plantRows(stage.admin, stage.tables, clinic);
  return { tenant, clinic };
};

export const place = (
  stage: Stage,
  tenant: Enrolment,
  options: { readonly isHome?: boolean } = {},
): Promise<void> => withConnection(stage.target.admin, (client) => enrol(client, tenant, options));
