import { proposeSlug } from '../../manifests/propose-slug.js';
import type { AskDimension, Sheet } from '../dimension.js';
import { askMember, type Member } from './staff-member.js';

/** Who gives which service, where, and who steps in. */
export const askStaffRouting: AskDimension = async (sheet) => {
  const { prompts, tenant, clinic } = sheet;
  const elsewhere = tenant.clinics
    .filter(({ slug }) => slug !== clinic.slug)
    .flatMap(({ staffRouting }) => staffRouting.staff);
  const staff = await prompts.each<Member>((before) => {
    const taken = new Set(['admin', ...[...elsewhere, ...before].map(({ id }) => id)]);
    return askMember(sheet, before, (name) => proposeSlug(name, 'staff', (id) => taken.has(id)));
  });
  const withFallbacks = staff.length > 1 ? await askFallbacks(sheet, staff) : staff;
  return { staffRouting: { staff: withFallbacks, fallback: await askLastFallback(sheet, withFallbacks) } };
};

const NOBODY = '';

const people = (staff: readonly Member[], nobody: string) => [
  { value: NOBODY, label: nobody },
  ...staff.map(({ id, name }) => ({ value: id, label: name })),
];

const askFallbacks = async ({ prompts, check }: Sheet, staff: readonly Member[]): Promise<Member[]> => {
  let answered = [...staff];
  for (const [place, { id, name }] of staff.entries()) {
    const withFallback = (fallback: string): Member[] =>
      answered.map((member, index) =>
        index === place ? { ...member, fallback: fallback === NOBODY ? null : fallback } : member,
      );
    const fallback = await prompts.choose({
      message: `Who steps in for ${name}?`,
      choices: people(
        staff.filter((other) => other.id !== id),
        'Nobody',
      ),
      byDefault: NOBODY,
      check: (chosen) => check({ staffRouting: { staff: withFallback(chosen) } }, 'staffRouting', 'staff'),
    });
    answered = withFallback(fallback);
  }
  return answered;
};

const askLastFallback = async ({ prompts }: Sheet, staff: readonly Member[]): Promise<string | null> => {
  if (staff.length === 0) return null;
  const fallback = await prompts.choose({
    message: 'Who takes what nobody else does?',
    choices: people(staff, 'The administrator'),
    byDefault: NOBODY,
  });
  return fallback === NOBODY ? null : fallback;
};
