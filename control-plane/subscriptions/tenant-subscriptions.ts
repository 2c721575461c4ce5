import { RingfenceError } from '../../core/errors.js';
import { maySubscriptionTransition, type SubscriptionState } from '../../core/lifecycle.js';
import { inTransaction, withConnection } from '../../data-plane/database/connect.js';
import { endClinicSessions } from '../../data-plane/enrolment/end-sessions.js';
import {
  type ClinicSubscription,
  putSubscription,
  readSubscriptions,
} from '../../data-plane/enrolment/subscriptions.js';
import type { Runtime } from '../runtime.js';
import { inTenantCell } from '../tenants/in-tenant-cell.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';

export const tenantSubscriptions = (runtime: Runtime, slug: string): Promise<ClinicSubscription[]> =>
  inTenantCell(runtime, slug, (client, { id }) => readSubscriptions(client, id));

/**
 * Sets the subscription of one clinic, or of all that may take the step.
 * @throws RingfenceError `clinic_not_found`; `conflict` for a step that the lifecycle does not have.
 */
export const setSubscription = (
  runtime: Runtime,
  slug: string,
  request: { readonly clinic?: string; readonly status: SubscriptionState; readonly until: Date | null },
): Promise<ClinicSubscription[]> =>
  withTenant(runtime, slug, async () => {
    const tenant = await getTenant(runtime.control, slug);
    const admin = await runtime.target.adminConnection(tenant.cell);
    return withConnection(admin, async (client) => {
      const changed = await inTransaction(client, async () => {
        const all = await readSubscriptions(client, tenant.id);
        const chosen = all.filter(({ clinic }) => request.clinic === undefined || clinic === request.clinic);
        if (chosen.length === 0) {
          throw new RingfenceError('clinic_not_found', `tenant ${slug} has no clinic ${request.clinic}`, {
            fix: `choose from: ${all.map(({ clinic }) => clinic).join(', ')}`,
          });
        }
        for (const { clinic, status } of chosen) {
          if (status !== request.status && !maySubscriptionTransition(status, request.status)) {
            throw new RingfenceError(
              'conflict',
              `the subscription of ${clinic} is ${status} and cannot become ${request.status}`,
            );
          }
          const clinicId = tenant.clinicIds[clinic];
          if (clinicId === undefined) throw new RingfenceError('internal', `clinic ${clinic} has no id`);
          await putSubscription(client, clinicId, {
            status: request.status,
            plan: tenant.plan,
            until: request.until,
          });
        }
        return chosen.flatMap(({ clinic }) => tenant.clinicIds[clinic] ?? []);
      });
      // Running transactions entered under the former subscription.
      if (request.status !== 'ACTIVE' && request.status !== 'TRIAL') await endClinicSessions(client, changed);
      return readSubscriptions(client, tenant.id);
    });
  });
