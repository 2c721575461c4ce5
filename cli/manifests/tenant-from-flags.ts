import {
  checkTenant,
  formatPath,
  type Problem,
  RingfenceError,
  type TenantInput,
  type Vertical,
} from '../../manifest/index.js';
import type { ClinicInput, PartialTenant } from './partial-tenant.js';
import { proposeSlug } from './propose-slug.js';

/** The flags of `tenants add` that say something about the tenant, as commander hands them over. */
export interface TenantFlags {
  readonly legalName?: string;
  readonly type?: string;
  readonly tier?: string;
  readonly plan?: string;
  readonly region?: string;
  readonly residency?: string;
  readonly cell?: string;
  readonly vertical?: string;
  /** One name for each --clinic. */
  readonly clinic?: readonly string[];
  readonly domain?: string;
  readonly adminName?: string;
  readonly adminEmail?: string;
}

/** The vertical of a clinic whose flags name none: only the claims that nobody may make are forbidden. */
const DEFAULT_VERTICAL: Vertical = 'general';

/**
 * The part of a manifest that the flags determine. The rest stays open for the wizard or `requireComplete`. @throws
 * RingfenceError `usage` with every flag whose value no manifest may hold.
 */
export const tenantFromFlags = (slug: string | undefined, flags: TenantFlags): PartialTenant => {
  const names = flags.clinic ?? [];
  const type = flags.type ?? (names.length > 1 ? 'multi-branch' : undefined);
  const clinics = clinicsFromFlags(names, flags.vertical);
  const admin = given({ name: flags.adminName, email: flags.adminEmail });
  const { legalName, tier, plan, region, residency, cell, domain } = flags;
  const partial = given({
    slug: slug ?? (legalName === undefined ? undefined : proposeSlug(legalName, 'clinic')),
    ...given({ legalName, type, tier, plan, region, residency, cell, domain }),
    clinics: clinics.length > 0 ? clinics : undefined,
    admin: Object.keys(admin).length > 0 ? admin : undefined,
  });
  refuseWrongFlags(partial, names.length);
  return partial as PartialTenant;
};

/**
 * Fills in obvious defaults (type, slug, the one clinic of a practice).
 * @throws RingfenceError `usage` that lists every flag that is missing.
 */
export const requireComplete = (partial: PartialTenant): TenantInput => {
  const { legalName, admin, type = 'solo' } = partial;
  const clinics = completeClinics(partial, type);
  const placed = partial.tier !== 'dedicated' || partial.region !== undefined || partial.cell !== undefined;
  const missing = [
    ...(legalName === undefined ? ['--legal-name'] : []),
    ...(admin?.name === undefined ? ['--admin-name'] : []),
    ...(admin?.email === undefined ? ['--admin-email'] : []),
    ...missingClinics(type, clinics.length),
    ...(placed ? [] : ['--region or --cell']),
  ];
  const [name, email] = [admin?.name, admin?.email];
  if (legalName === undefined || name === undefined || email === undefined || missing.length > 0) {
    throw new RingfenceError('usage', `missing: ${missing.join(', ')}`, {
      fix: 'give them, or a manifest with --file, or run in a terminal to be asked',
    });
  }
  return {
    ...partial,
    slug: partial.slug ?? proposeSlug(legalName, 'clinic'),
    legalName,
    type,
    admin: { ...admin, name, email },
    clinics,
  };
};

const clinicsFromFlags = (names: readonly string[], vertical: string | undefined): unknown[] => {
  const slugs = new Set<string>();
  const clinics = names.map((name) => {
    const slug = proposeSlug(name, 'clinic', (proposed) => slugs.has(proposed));
    slugs.add(slug);
    return { name, slug, ...given({ vertical }) };
  });
  return clinics.length === 0 && vertical !== undefined ? [{ vertical }] : clinics;
};

/** Every clinic that has a name. A practice or hospital without any has one, named as its legal entity. */
const completeClinics = ({ clinics = [{}], legalName }: PartialTenant, type: string): ClinicInput[] =>
  clinics.flatMap(({ name = type === 'solo' ? legalName : undefined, slug, vertical, ...clinic }) =>
    name === undefined
      ? []
      : [
          {
            ...clinic,
            name,
            slug: slug ?? proposeSlug(name, 'clinic'),
            vertical: vertical ?? DEFAULT_VERTICAL,
          },
        ],
  );

const missingClinics = (type: string, count: number): string[] => {
  if (type === 'multi-branch' && count < 2) return ['--clinic (twice or more)'];
  return type === 'hospital' && count < 1 ? ['--clinic'] : [];
};

/** The flag for a place in the manifest. Clinics without names and a tier without a place can wait. */
const flagOf = ({ path, at }: Problem, clinicCount: number): string | undefined => {
  const [key] = path;
  if (at === 'parent' || key === 'tier') return undefined;
  if (key === 'clinics') {
    if (path[2] === 'vertical') return '--vertical';
    return path.length > 1 || clinicCount > 1 ? '--clinic' : undefined;
  }
  return FLAGS[formatPath(path)];
};

const FLAGS: Readonly<Record<string, string>> = {
  slug: 'slug',
  legalName: '--legal-name',
  type: '--type',
  plan: '--plan',
  region: '--region',
  residency: '--residency',
  cell: '--cell',
  domain: '--domain',
  'admin.name': '--admin-name',
  'admin.email': '--admin-email',
};

const refuseWrongFlags = (partial: unknown, clinicCount: number): void => {
  const result = checkTenant(partial);
  if (result.ok) return;
  const lines = result.problems.flatMap((problem) => {
    const flag = flagOf(problem, clinicCount);
    return flag === undefined ? [] : [`${flag}: ${problem.message}`];
  });
  if (lines.length > 0) throw new RingfenceError('usage', [...new Set(lines)].join('\n'));
};

/** The entries that have a value. */
const given = (values: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
