import type { z } from 'zod';
import { type CellName, type ClinicId, deriveClinicId, type Slug } from '../core/ids.js';
import { defaultRegion } from '../core/regions.js';
import { DEFAULT_SIZE } from '../core/sizes.js';
import type { CheckedClinic } from './clinic.js';
import { forbiddenClaimsOf } from './dimensions/compliance.js';
import { PLAN_PACKAGE } from './features.js';
import { PLAN_SLA } from './plans.js';
import { planQuotas, QUOTA_NAMES, type Quotas } from './quotas.js';
import { checkClinics } from './rules/clinics.js';
import { checkEdge } from './rules/edge.js';
import { checkKeys } from './rules/keys.js';
import { checkPeople } from './rules/people.js';
import { checkPlacement } from './rules/placement.js';
import { type Checked, soundness } from './rules/rule.js';
import { type CheckedTenant, tenantShape } from './tenant-shape.js';

/** Fills in the defaults that depend on other values: plan, residency, vertical, opening hours. */
function resolve({ region, cell, size, ...tenant }: CheckedTenant) {
  const promise = PLAN_SLA[tenant.plan];
  return {
    ...tenant,
    slug: tenant.slug as Slug,
    ...placement(tenant, region, cell),
    ...(tenant.tier === 'dedicated' ? { size: size ?? DEFAULT_SIZE } : {}),
    features: { ...tenant.features, package: tenant.features.package ?? PLAN_PACKAGE[tenant.plan] },
    sla: {
      uptimePercent: tenant.sla.uptimePercent ?? promise.uptimePercent,
      rpoMinutes: tenant.sla.rpoMinutes ?? promise.rpoMinutes,
      rtoMinutes: tenant.sla.rtoMinutes ?? promise.rtoMinutes,
      maintenanceWindow: tenant.sla.maintenanceWindow,
    },
    quotas: resolveQuotas(tenant),
    clinics: tenant.clinics.map((clinic) => resolveClinic(tenant.slug, clinic)),
  };
}

/** Exactly one of the two is set: the cell that was named, or a region to find or make a cell in. */
function placement(
  tenant: Pick<CheckedTenant, 'residency'>,
  region: CheckedTenant['region'],
  cell: CheckedTenant['cell'],
) {
  if (cell !== undefined) return { cell: cell as CellName };
  return { region: region ?? defaultRegion(tenant.residency) };
}

function resolveQuotas(tenant: CheckedTenant): Quotas {
  const quotas = planQuotas(tenant.plan);
  for (const name of QUOTA_NAMES) quotas[name] = tenant.quotas[name] ?? quotas[name];
  return quotas;
}

function resolveClinic(tenant: string, clinic: CheckedClinic) {
  const { hours, staffRouting, compliance } = clinic;
  const claims = [...forbiddenClaimsOf(clinic.vertical), ...compliance.forbiddenClaims];
  return {
    ...clinic,
    slug: clinic.slug as Slug,
    id: (clinic.id ?? deriveClinicId(tenant, clinic.slug)) as ClinicId,
    hours: { ...hours, handOff: hours.handOff ?? hours.weekly },
    staffRouting: {
      ...staffRouting,
      staff: staffRouting.staff.map((member) => ({ ...member, login: member.login ?? !member.visiting })),
    },
    compliance: { ...compliance, forbiddenClaims: [...new Set(claims)] },
  };
}

/** The rules run even when values are of the wrong form, so that every problem is reported at once. */
const everyRule = (tenant: CheckedTenant, context: z.core.$RefinementCtx<CheckedTenant>): void => {
  const checked: Checked = {
    tenant,
    ...soundness(context.issues),
    report: (path, message) => context.addIssue({ code: 'custom', path: [...path], message }),
  };
  checkPlacement(checked);
  checkEdge(checked);
  checkKeys(checked);
  checkClinics(checked);
  checkPeople(checked);
};

/** The schema of a tenant manifest. Its output has every default filled in. */
export const tenantSchema = tenantShape.superRefine(everyRule, { when: () => true }).transform(resolve);

/** What a manifest may hold: only slug, legalName, type, admin and clinics are obligatory. */
export type TenantInput = z.input<typeof tenantSchema>;
/** A tenant with every default filled in; it is itself a valid TenantInput, and parsing it changes nothing. */
export type Tenant = z.output<typeof tenantSchema>;
/** A clinic with every default filled in. */
export type Clinic = Tenant['clinics'][number];
