import type { TenantInput } from '../../manifest/index.js';
import type { PartialTenant } from '../manifests/partial-tenant.js';
import { proposeSlug } from '../manifests/propose-slug.js';
import { problemAt } from './check.js';
import type { Choice, Prompts } from './prompts.js';

const TYPES: readonly Choice<TenantInput['type']>[] = [
  { value: 'solo', label: 'One clinic', hint: '1 to 10 people' },
  { value: 'multi-branch', label: 'Several branches', hint: '10 to 50 people' },
  { value: 'hospital', label: 'Hospital or care group', hint: 'more than 50 people' },
];

/** Asks who the tenant is. `exists` says whether a slug already has a manifest. */
export const askIdentity = async (
  prompts: Prompts,
  known: PartialTenant,
  exists: (slug: string) => boolean,
): Promise<Pick<TenantInput, 'legalName' | 'slug' | 'type'>> => {
  const legalName =
    known.legalName ??
    (await prompts.text({
      message: 'Legal name of the clinic or group',
      byDefault: known.slug === undefined ? 'My clinic' : titleOf(known.slug),
      check: (name) => problemAt({ legalName: name }, 'legalName'),
    }));
  const slug =
    known.slug ??
    (await prompts.text({
      message: 'Short name (slug): names the manifest and never changes',
      byDefault: proposeSlug(legalName, 'clinic', exists),
      check: (text) =>
        problemAt({ slug: text }, 'slug') ??
        (exists(text) ? 'There is a tenant of this name already; choose another' : undefined),
    }));
  const type =
    known.type ??
    (await prompts.choose<TenantInput['type']>({
      message: 'What kind of organisation is it?',
      choices: TYPES,
      byDefault: 'solo',
    }));
  return { legalName, slug, type };
};

const titleOf = (slug: string): string =>
  slug.replace(
    /(^|-)([a-z0-9])/g,
    (_, hyphen: string, letter: string) => `${hyphen === '' ? '' : ' '}${letter.toUpperCase()}`,
  );
