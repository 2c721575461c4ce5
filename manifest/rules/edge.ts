import { edgeQuotas } from '../edge.js';
import type { Checked } from './rule.js';

/** A burst below the requests of a second would be their limit. */
export function checkEdge({ tenant, sound, report }: Checked): void {
  if (!sound('edge') || !sound('plan') || tenant.edge?.burst === undefined) return;
  const { requestsPerSecond, burst } = edgeQuotas(tenant);
  if (burst < requestsPerSecond)
    report(['edge', 'burst'], `is below requestsPerSecond; allowed: ${requestsPerSecond} or more`);
}
