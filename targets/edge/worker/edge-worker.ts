import type { ExecutionContext } from '@cloudflare/workers-types';
import { BoundedMap } from './bounded-map.js';
import type { Environment, ObjectOf } from './environment.js';
import { findTenant, knownTenant } from './find-tenant.js';
import { forward } from './forward.js';
import { createGate, type Gate, type Passing, proveSeat, takeSeat, takeToken } from './gate.js';
import { log } from './log.js';
import { report } from './operator.js';
import { closed } from './refused.js';
import { userOf } from './user-of.js';

const TENANTS_MAX = 10_000;
const REFUSED_USER = 401;

/** A Worker that lets requests through to the origin of their tenant's cell, as far as its limits go. */
export const edgeWorker = (objectOf: ObjectOf, sendOn: typeof forward = forward) => {
  const gates = new BoundedMap<string, Gate>(TENANTS_MAX);

  const gateOf = (tenant: string): Gate => {
    const known = gates.get(tenant);
    if (known !== undefined) return known;
    const gate = createGate();
    gates.set(tenant, gate);
    return gate;
  };

  return {
    fetch: async (
      request: Request,
      environment: Environment,
      context: ExecutionContext,
    ): Promise<Response> => {
      if (!environment.OPERATOR_KEY || !environment.ORIGIN_KEY) return closed('edge_config_invalid');
      const host = new URL(request.url).hostname;
      if (host === environment.OPERATOR_HOST) return report(request, environment, objectOf);
      const known = knownTenant(host);
      const found = known ? { entry: known } : await findTenant(environment, host);
      if ('closed' in found) return closed(found.closed);
      const { entry } = found;
      const passing: Passing = {
        gate: gateOf(entry.tenant),
        entry,
        object: () => objectOf(environment, entry),
        context,
      };
      const user = await userOf(request.headers);
      try {
        const refused = (user && (await takeSeat(passing, user))) || (await takeToken(passing));
        if (refused) return refused;
      } catch (cause) {
        log('limits_unavailable', entry.tenant, cause);
        return closed('limits_unavailable');
      }
      try {
        const { response, costMicroEur } = await sendOn(request, entry, environment);
        if (costMicroEur > 0) passing.gate.purse.addCost(costMicroEur);
        if (user) proveSeat(passing, user, response.status !== REFUSED_USER);
        return response;
      } catch (cause) {
        log('origin_unavailable', entry.tenant, cause);
        return closed('origin_unavailable');
      }
    },
  };
};
