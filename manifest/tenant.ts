import type { z } from 'zod';
import { resolve } from './resolve.js';
import { checkClinics } from './rules/clinics.js';
import { checkPeople } from './rules/people.js';
import { checkPlacement } from './rules/placement.js';
import { type Checked, soundness } from './rules/rule.js';
import { type CheckedTenant, tenantShape } from './tenant-shape.js';

/** The rules run even when values are of the wrong form, so that every problem is reported at once. */
const everyRule = (tenant: CheckedTenant, context: z.core.$RefinementCtx<CheckedTenant>): void => {
  const checked: Checked = {
    tenant,
    ...soundness(context.issues),
    report: (path, message) => context.addIssue({ code: 'custom', path: [...path], message }),
  };
  checkPlacement(checked);
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
