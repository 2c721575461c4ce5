import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLANS, type TenantInput, VERTICALS, writeManifest } from '../../manifest/index.js';

const TIME_ZONES = ['Europe/Madrid', 'Atlantic/Canary', 'Europe/Lisbon', 'Europe/Berlin'];

/** The tenant that is onboarded after all the others. */
export const LATECOMER = 'latecomer';
/** Its manifest holds, and it can not be deployed. */
export const HOMELESS = 'homeless';

/** Writes the manifests of a fleet, and two that fail: one is no YAML, one names a cell that there is not. */
export const writeFleet = async (tenants: string, count: number): Promise<void> => {
  mkdirSync(tenants);
  for (let index = 1; index <= count; index++) await writeManifest(tenants, fleetTenant(index));
  await writeManifest(tenants, { ...fleetTenant(1), slug: HOMELESS, domain: null, cell: 'no-such-cell' });
  writeFileSync(join(tenants, 'broken.yaml'), 'slug: broken\nclinics: [\n');
};

export const writeLatecomer = (tenants: string): Promise<string> =>
  writeManifest(tenants, { ...fleetTenant(1), slug: LATECOMER, domain: null });

/** Gives the first tenants another legal name. */
export const editManifests = (tenants: string, count: number): void => {
  for (let index = 1; index <= count; index++) {
    const path = join(tenants, `${slugOf(index)}.yaml`);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^legalName: .*$/m, 'legalName: Renamed, S.L.'));
  }
};

const slugOf = (index: number): string => `clinica-${String(index).padStart(4, '0')}`;

/** Tenants differ in plan, branches, verticals, hours, quotas and backups; the same index gives the same one. */
const fleetTenant = (index: number): TenantInput => {
  const slug = slugOf(index);
  const branches = index % 4 === 0 ? 2 + (index % 3) : 1;
  const pick = <T>(values: readonly [T, ...T[]] | readonly T[], offset = 0): T =>
    values[(index + offset) % values.length] as T;
  return {
    slug,
    legalName: `Clínica ${index}, S.L.`,
    type: branches === 1 ? 'solo' : 'multi-branch',
    plan: pick(PLANS, Math.floor(index / PLANS.length)),
    ...(index % 5 === 0 ? { domain: `${slug}.example` } : {}),
    ...(index % 7 === 0 ? { quotas: { concurrentUsers: 20 + (index % 30) } } : {}),
    backup: { schedule: `${index % 60} ${index % 6} * * *` },
    admin: { name: `Ana ${index}`, email: `ana@${slug}.example` },
    clinics: Array.from({ length: branches }, (_, branch) => ({
      slug: `sede-${branch + 1}`,
      name: `Sede ${branch + 1}`,
      vertical: pick(VERTICALS, branch),
      hours: { timeZone: pick(TIME_ZONES, branch) },
    })),
  };
};
