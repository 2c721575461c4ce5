import type { ClinicInput } from '../../manifests/partial-tenant.js';
import { proposeSlug } from '../../manifests/propose-slug.js';
import type { AskDimension, Sheet } from '../dimension.js';

type Service = NonNullable<ClinicInput['services']>[number];

/** What the clinic offers. A price is private unless the person says otherwise. */
export const askServices: AskDimension = async (sheet) => ({
  services: await sheet.prompts.each<Service>((before) => askService(sheet, before)),
});

const askService = async (
  { prompts, check }: Sheet,
  before: readonly Service[],
): Promise<Service | undefined> => {
  const problem = (service: Service, ...at: readonly PropertyKey[]): string | undefined =>
    check({ services: [...before, service] }, 'services', before.length, ...at);
  const idOf = (name: string): string =>
    proposeSlug(name, 'service', (id) => before.some((other) => other.id === id));
  const name = await prompts.text({
    message: 'Name of a service',
    onEnter: before.length === 0 ? 'none' : 'no more',
    check: (text) => problem({ id: idOf(text), name: text }),
  });
  if (name === '') return undefined;
  const service: Service = { id: idOf(name), name };
  const description = await prompts.text({
    message: `${name}: description`,
    check: (text) => problem({ ...service, description: text }, 'description'),
  });
  const minutes = await prompts.text({
    message: `${name}: minutes`,
    byDefault: '30',
    check: (text) => problem({ ...service, durationMinutes: Number(text) }, 'durationMinutes'),
  });
  const price = parsePrice(
    await prompts.text({
      message: `${name}: price or range in euros, such as 55-75`,
      check: (text) => problem({ ...service, price: parsePrice(text) }, 'price'),
    }),
  );
  const priceVisibility =
    price === null
      ? ('private' as const)
      : await prompts.choose({
          message: `${name}: may the assistant tell patients the price?`,
          choices: [
            { value: 'private', label: 'No, it is private' },
            { value: 'public', label: 'Yes, it is public' },
          ],
          byDefault: 'private',
        });
  return { ...service, description, durationMinutes: Number(minutes), price, priceVisibility };
};

/** Reads `55-75`, `55 - 75,50` or `60`. Any other text becomes numbers that the schema refuses. */
const parsePrice = (text: string): NonNullable<Service['price']> | null => {
  if (text === '') return null;
  const [min, max = min, ...more] = text.split(/\s*[-–]\s*/).map(parseAmount);
  return { min: min ?? Number.NaN, max: more.length > 0 ? Number.NaN : (max ?? Number.NaN) };
};

const parseAmount = (text: string): number =>
  text === '' ? Number.NaN : Number(text.replace(/\s|€|EUR/g, '').replace(',', '.'));
