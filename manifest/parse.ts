import { RingfenceError } from '../core/errors.js';
import { formatPath, type Problem, toProblems } from './problems.js';
import { type Tenant, type TenantInput, tenantSchema } from './tenant.js';

export type ParsedTenant =
  | { readonly ok: true; readonly tenant: Tenant }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks anything at all and returns the tenant with its defaults, or every mistake at once. */
export function checkTenant(input: unknown): ParsedTenant {
  const result = tenantSchema.safeParse(input, { reportInput: true });
  return result.success
    ? { ok: true, tenant: result.data }
    : { ok: false, problems: toProblems(result.error.issues) };
}

/** As checkTenant, for values from flags or an API: throws RingfenceError `manifest_invalid`, a line a mistake. */
export function parseTenant(input: unknown): Tenant {
  const result = checkTenant(input);
  if (result.ok) return result.tenant;
  throw invalidManifest(result.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`));
}

/** The error of one manifest: its lines are its message. */
export const invalidManifest = (lines: readonly string[], cause?: unknown): RingfenceError =>
  new RingfenceError('manifest_invalid', lines.join('\n'), {
    fix: 'correct what is named above; docs/manifest.md lists every key',
    ...(cause === undefined ? {} : { cause }),
  });

/** Gives a TypeScript manifest its type: `export default defineTenant({ ... })`. It is checked when loaded. */
export const defineTenant = (tenant: TenantInput): TenantInput => tenant;
