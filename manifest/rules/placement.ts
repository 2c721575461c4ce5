import { residencyProblem } from '../../core/regions.js';
import type { Checked } from './rule.js';

/** Type, tier, size, region, cell and residency have to agree. */
export function checkPlacement({ tenant, sound, reachable, report }: Checked): void {
  if (sound('region') && sound('cell')) {
    const { region, cell } = tenant;
    if (region !== undefined && cell !== undefined) {
      report(['cell'], 'is given beside region; allowed: only one of region and cell');
    }
    if (sound('tier') && tenant.tier === 'dedicated' && region === undefined && cell === undefined) {
      report(['tier'], 'dedicated needs a place; allowed: give region or cell');
    }
  }
  if (sound('size') && sound('tier') && tenant.size !== undefined && tenant.tier !== 'dedicated') {
    report(['size'], 'is for tier dedicated; allowed: leave it out, a shared cell has many tenants');
  }
  if (sound('region') && sound('residency') && tenant.region !== undefined) {
    const problem = residencyProblem(tenant.region, tenant.residency);
    if (problem !== undefined) report(['region'], problem);
  }
  if (!sound('type') || !reachable('clinics')) return;
  const { type, clinics } = tenant;
  if (type === 'solo' && clinics.length > 1) {
    report(['clinics'], `are ${clinics.length}; allowed: exactly 1 for type solo`);
  }
  if (type === 'multi-branch' && clinics.length < 2) {
    report(['clinics'], 'are fewer than 2; allowed: at least 2 for type multi-branch');
  }
}
