// A tenant in TypeScript: `loadManifest` reads a .ts file as it reads a .yaml one, under the same rules.
// In a project of your own the first line is: import { defineTenant } from 'ringfence';
import { defineTenant } from '../manifest/index.js';

const weekday = [{ open: '08:30', close: '20:30' }];

export default defineTenant({
  slug: 'clinic',
  legalName: 'Fisioterapia Muñoz, S.L.P.',
  type: 'multi-branch',
  plan: 'growth',
  admin: { name: 'Marta Muñoz', email: 'marta@fisiomunoz.example' },
  clinics: ['Gijón', 'Oviedo'].map((city) => ({
    slug: city === 'Gijón' ? 'gijon' : 'oviedo',
    name: `Fisioterapia Muñoz ${city}`,
    city,
    vertical: 'physiotherapy',
    hours: { weekly: { monday: weekday, wednesday: weekday, friday: weekday } },
  })),
});
