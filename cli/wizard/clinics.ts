import { type TenantInput, VERTICALS } from '../../manifest/index.js';
import type { ClinicInput, PartialTenant } from '../manifests/partial-tenant.js';
import { proposeSlug } from '../manifests/propose-slug.js';
import { problemAt } from './check.js';
import type { Prompts } from './prompts.js';

const LEAST: Readonly<Record<TenantInput['type'], number>> = { solo: 1, 'multi-branch': 2, hospital: 1 };

/** Asks for the branches of the tenant: the known ones, as many as its type needs, and more if the person likes. */
export const askClinics = async (
  prompts: Prompts,
  known: PartialTenant,
  { legalName, type }: Pick<TenantInput, 'legalName' | 'type'>,
): Promise<ClinicInput[]> => {
  const given = known.clinics ?? [];
  const named = given.some(({ name }) => name !== undefined);
  const clinics: ClinicInput[] = [];
  const wanted = async (): Promise<boolean> => {
    if (clinics.length < Math.max(given.length, LEAST[type])) return true;
    return type !== 'solo' && !named && (await prompts.yes('Add another clinic?'));
  };
  while (await wanted()) {
    const title = type === 'solo' ? 'the clinic' : `clinic ${clinics.length + 1}`;
    clinics.push(await askClinic(prompts, given[clinics.length] ?? {}, { clinics, legalName, title }));
  }
  return clinics;
};

const askClinic = async (
  prompts: Prompts,
  known: Partial<ClinicInput>,
  { clinics, legalName, title }: { clinics: readonly ClinicInput[]; legalName: string; title: string },
): Promise<ClinicInput> => {
  const place = clinics.length;
  const check = (clinic: Partial<ClinicInput>, key: keyof ClinicInput): string | undefined =>
    problemAt({ clinics: [...clinics, clinic] }, 'clinics', place, key);
  const name =
    known.name ??
    (await prompts.text({
      message: `Name of ${title}`,
      byDefault: place === 0 ? legalName : `${legalName} ${place + 1}`,
      check: (text) => check({ name: text }, 'name'),
    }));
  const slug =
    known.slug ??
    (await prompts.text({
      message: `Short name (slug) of ${title}`,
      byDefault: proposeSlug(name, 'clinic', (proposed) => clinics.some((other) => other.slug === proposed)),
      check: (text) => check({ slug: text }, 'slug'),
    }));
  const vertical =
    known.vertical ??
    (await prompts.choose({
      message: `What does ${title} practise? It decides what may never be claimed`,
      choices: VERTICALS.map((value) => ({ value })),
      byDefault: clinics.at(-1)?.vertical ?? 'general',
    }));
  const city =
    known.city ??
    (await prompts.text({ message: `City of ${title}`, check: (text) => check({ city: text }, 'city') }));
  return { ...known, name, slug, vertical, city: city || null };
};
