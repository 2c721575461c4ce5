import type { ClinicInput } from '../../manifests/partial-tenant.js';
import type { Sheet } from '../dimension.js';
import { splitList } from './texts.js';

export type Member = NonNullable<NonNullable<ClinicInput['staffRouting']>['staff']>[number];

/** One person who works in the clinic; undefined when the name is left empty. */
export const askMember = async (
  { prompts, tenant, clinic, check }: Sheet,
  before: readonly Member[],
  idOf: (name: string) => string,
): Promise<Member | undefined> => {
  const problem = (member: Member, ...at: readonly PropertyKey[]): string | undefined =>
    check({ staffRouting: { staff: [...before, member] } }, 'staffRouting', 'staff', before.length, ...at);
  const name = await prompts.text({
    message: 'Name of a person who works here',
    onEnter: before.length === 0 ? 'nobody yet' : 'nobody else',
    check: (text) => problem({ id: idOf(text), name: text }),
  });
  if (name === '') return undefined;
  const known: Member = { id: idOf(name), name };
  const optional = (message: string, key: 'email' | 'phone'): Promise<string> =>
    prompts.text({ message, check: (text) => problem({ ...known, [key]: text }, key) });
  const role = await prompts.text({
    message: `${name}: role`,
    byDefault: 'professional',
    check: (text) => problem({ ...known, role: text }, 'role'),
  });
  const email = await optional(`${name}: e-mail address`, 'email');
  const phone = await optional(`${name}: phone, such as +34600111222`, 'phone');
  const visiting = await prompts.yes(`${name}: a visiting doctor, who does not sign in?`);
  const specialities = splitList(
    await prompts.text({
      message: `${name}: specialities, with commas between them`,
      check: (text) => problem({ ...known, specialities: splitList(text) }, 'specialities'),
    }),
  );
  const certifications = parseCertifications(
    await prompts.text({
      message: `${name}: certifications (name, number, valid until; name, ...)`,
      check: (text) => problem({ ...known, certifications: parseCertifications(text) }, 'certifications'),
    }),
  );
  const others = tenant.clinics.filter(({ slug }) => slug !== clinic.slug);
  const locations = await chooseIds(
    `${name}: where else?`,
    others.map(({ slug, name: label }) => ({ value: slug as string, label })),
  );
  const services = await chooseIds(
    `${name}: which services?`,
    clinic.services.map(({ id, name: label }) => ({ value: id, label })),
  );
  return {
    ...known,
    role,
    email: email || null,
    phone: phone || null,
    visiting,
    specialities,
    certifications,
    locations,
    services,
  };

  async function chooseIds(message: string, choices: { value: string; label: string }[]): Promise<string[]> {
    return choices.length === 0 ? [] : prompts.chooseSome({ message, choices, byDefault: [] });
  }
};

/** `name, number, date; name, number, date`: the last two may be left out. */
const parseCertifications = (text: string): NonNullable<Member['certifications']> =>
  text
    .split(/[;؛]/)
    .map(splitList)
    .filter((parts) => parts.length > 0)
    .map(([name = '', number, ...validUntil]) => ({
      name,
      number: number ?? null,
      validUntil: validUntil.length === 0 ? null : validUntil.join(', '),
    }));
