import { describe, expect, test } from 'vitest';
import type { PartialTenant } from '../../../cli/manifests/partial-tenant.js';
import { parseTenant } from '../../../manifest/index.js';
import { type Answer, CLEAR, DOWN, ENTER, runWizard, SPACE } from './typist.js';

const SOLO: PartialTenant = {
  slug: 'sonrisa',
  legalName: 'Clínica Sonrisa',
  type: 'solo',
  clinics: [{ slug: 'ruzafa', name: 'Ruzafa', vertical: 'dental', city: 'Valencia' }],
};

const now = (title: string): Answer => [`${title}: configure now`, DOWN, ENTER];
const EVERY_DIMENSION: readonly Answer[] = [
  'Brand voice',
  'Services and prices',
  'Opening hours',
  'Staff and routing',
  'Knowledge base',
  'Compliance and forbidden claims',
  'Logo and colours',
  'Notifications',
].map(now);

const configure = async (answers: readonly Answer[], known: PartialTenant = SOLO) => {
  const { tenant, screen, questions } = await runWizard(answers, known);
  const { clinics } = parseTenant(tenant);
  return { clinic: clinics[0], clinics, screen, questions };
};

test('Enter at every question of all eight dimensions changes nothing', async () => {
  const { clinic } = await configure(EVERY_DIMENSION);
  const { clinic: left } = await configure([]);
  expect(clinic).toEqual(left);
});

test('all eight dimensions, in Spanish and Arabic', async () => {
  const { clinic, screen } = await configure([
    ...EVERY_DIMENSION,
    ['Which tone', DOWN, ENTER],
    ['What should the assistant', 'Tutea al paciente · خاطب المريض بلطف', ENTER],
    ['what a patient asks', '¿Duele?', ENTER],
    ['right voice', 'Casi nunca.', ENTER],

    ['Name of a service', 'Limpieza dental', ENTER],
    ['Limpieza dental: description', 'Con ultrasonidos', ENTER],
    ['Limpieza dental: minutes', '45', ENTER],
    ['Limpieza dental: price', '55 - 75,50', ENTER],
    ['tell patients the price', DOWN, ENTER],
    ['Name of a service', 'تنظيف الأسنان', ENTER],
    ['price or range', '60', ENTER],

    ['Time zone', 'Atlantic/Canary', ENTER],
    ['Open on Monday', '9:30-14:00, 16-20:00', ENTER],
    ['Open on Friday', '09:30-15:00', ENTER],
    ['Open on Saturday', '10:00-13:00', ENTER],
    ['closed (YYYY', '2027-03-19', ENTER],
    ['What day is it?', 'San José', ENTER],
    ['take over a conversation', DOWN, ENTER],
    ['A person answers on Saturday', 'closed', ENTER],

    ['Name of a person', 'Dra. Lucía Ferrer', ENTER],
    ['Lucía Ferrer: role', 'odontóloga', ENTER],
    ['Lucía Ferrer: e-mail', 'lucia@sonrisa.example', ENTER],
    ['Lucía Ferrer: phone', '+34600111222', ENTER],
    ['Lucía Ferrer: specialities', 'estética dental, تقويم الأسنان', ENTER],
    ['Lucía Ferrer: certifications', 'Colegio de Valencia, 46001234, 2028-06-30; Máster', ENTER],
    ['Lucía Ferrer: which services', SPACE, ENTER],
    ['Name of a person', 'د. يوسف حداد', ENTER],
    ['visiting doctor', ENTER],
    ['يوسف حداد: a visiting', 'y'],
    ['Who steps in for Dra. Lucía', DOWN, ENTER],
    ['nobody else does', DOWN, ENTER],

    ['ask often', '¿Atendéis urgencias?', ENTER],
    ['Its answer', 'Sí.', ENTER],
    ['Title of a policy', 'Cancelación', ENTER],
    ['What does it say', 'Hasta 24 horas antes.', ENTER],
    ['How does one get there', 'Metro Bailén', ENTER],
    ['Where can one park', 'Gran Vía', ENTER],
    ['new patient', 'Trae tu DNI', ENTER],

    ['Something else that must never', 'blanqueamiento sin sensibilidad', ENTER],
    ['A disclaimer', 'No sustituye a la consulta.', ENTER],
    ['register of health', '46-C2590-0001', ENTER],

    ['Address of the logo', 'https://sonrisa.example/logo.svg', ENTER],
    ['Primary colour', '#0ea5a4', ENTER],
    ['Signature', 'Clínica Sonrisa', ENTER],

    ['Which channels are in use', DOWN, SPACE, ENTER],
    ['Slack channel', '#citas', ENTER],
    ['Somebody is told when', DOWN, DOWN, DOWN, ENTER],
    ['Who is told', DOWN, ENTER],
    ['Over which channels', DOWN, SPACE, ENTER],
    ['Who is next', DOWN, ENTER],
    ['how many minutes', '20', ENTER],
  ]);
  const jornada = [
    { open: '09:30', close: '14:00' },
    { open: '16:00', close: '20:00' },
  ];
  expect(clinic).toMatchObject({
    brandVoice: {
      tone: 'familiar',
      prompt: 'Tutea al paciente · خاطب المريض بلطف',
      examples: [{ question: '¿Duele?', answer: 'Casi nunca.' }],
    },
    services: [
      {
        id: 'limpieza-dental',
        name: 'Limpieza dental',
        description: 'Con ultrasonidos',
        durationMinutes: 45,
        price: { min: 55, max: 75.5, currency: 'EUR' },
        priceVisibility: 'public',
      },
      {
        id: 'service',
        name: 'تنظيف الأسنان',
        durationMinutes: 30,
        price: { min: 60, max: 60 },
        priceVisibility: 'private',
      },
    ],
    hours: {
      timeZone: 'Atlantic/Canary',
      weekly: {
        monday: jornada,
        thursday: jornada,
        friday: [{ open: '09:30', close: '15:00' }],
        saturday: [{ open: '10:00', close: '13:00' }],
        sunday: [],
      },
      holidays: [{ date: '2027-03-19', name: 'San José' }],
      handOff: { monday: jornada, friday: [{ open: '09:30', close: '15:00' }], saturday: [] },
    },
    staffRouting: {
      staff: [
        {
          id: 'dra-lucia-ferrer',
          role: 'odontóloga',
          email: 'lucia@sonrisa.example',
          phone: '+34600111222',
          specialities: ['estética dental', 'تقويم الأسنان'],
          certifications: [
            { name: 'Colegio de Valencia', number: '46001234', validUntil: '2028-06-30' },
            { name: 'Máster', number: null, validUntil: null },
          ],
          services: ['limpieza-dental'],
          fallback: 'staff',
          login: true,
        },
        { id: 'staff', name: 'د. يوسف حداد', visiting: true, login: false, fallback: null },
      ],
      fallback: 'dra-lucia-ferrer',
    },
    knowledgeBase: {
      faq: [{ question: '¿Atendéis urgencias?', answer: 'Sí.' }],
      policies: [{ title: 'Cancelación', text: 'Hasta 24 horas antes.' }],
      directions: 'Metro Bailén',
      parking: 'Gran Vía',
      firstVisit: 'Trae tu DNI',
    },
    compliance: {
      disclaimers: ['No sustituye a la consulta.'],
      healthRegistration: '46-C2590-0001',
    },
    branding: {
      logo: 'https://sonrisa.example/logo.svg',
      colours: { primary: '#0ea5a4', secondary: '#134e4a' },
      emailSignature: 'Clínica Sonrisa',
    },
    notifications: {
      channels: ['email', 'slack'],
      slackChannel: '#citas',
      rules: [
        { person: 'admin', event: 'backup-failed', channels: ['email'] },
        { person: 'admin', event: 'isolation-alert', channels: ['email'] },
        {
          person: 'dra-lucia-ferrer',
          event: 'conversation-handed-off',
          channels: ['email', 'slack'],
          escalation: { afterMinutes: 20, to: 'admin' },
        },
      ],
    },
  });
  expect(clinic?.compliance.forbiddenClaims).toEqual(
    expect.arrayContaining(['implants for life', 'blanqueamiento sin sensibilidad']),
  );
  expect(screen).toContain('- implants for life');
});

describe('a wrong answer is asked again', () => {
  test.each<[string, Answer[], string]>([
    [
      'Services and prices',
      [
        ['Name of a service', 'Implante', ENTER],
        ['price or range', '75-55', ENTER],
        ['price or range', CLEAR, ENTER],
      ],
      'This has min above max; allowed: min up to max',
    ],
    [
      'Services and prices',
      [
        ['Name of a service', 'Implante', ENTER],
        ['price or range', 'cheap', ENTER],
        ['price or range', CLEAR, '10-20-30', ENTER],
        ['price or range', CLEAR, ENTER],
      ],
      'This is not a finite number',
    ],
    [
      'Services and prices',
      [
        ['Name of a service', 'Implante', ENTER],
        ['minutes', '3', ENTER],
        ['minutes', CLEAR, ENTER],
      ],
      'This is below its minimum; allowed: at least 5',
    ],
    [
      'Opening hours',
      [
        ['Open on Monday', '14:00-09:00', ENTER],
        ['Open on Monday', CLEAR, '09:00-14:00, 13:00-18:00', ENTER],
        ['Open on Monday', CLEAR, ENTER],
      ],
      'This closes before it opens',
    ],
    [
      'Opening hours',
      [
        ['Open on Monday', 'all day', ENTER],
        ['Open on Monday', CLEAR, ENTER],
      ],
      'This is not a time of day',
    ],
    [
      'Opening hours',
      [
        ['Time zone', 'Europe/Nowhere', ENTER],
        ['Time zone', CLEAR, ENTER],
        ['closed (YYYY', '19/03/2027', ENTER],
        ['closed (YYYY', CLEAR, ENTER],
      ],
      'This is not a date; allowed: YYYY-MM-DD',
    ],
    [
      'Logo and colours',
      [
        ['Primary colour', 'red', ENTER],
        ['Primary colour', CLEAR, ENTER],
        ['Address of the logo', 'http://x', ENTER],
        ['Address of the logo', CLEAR, ENTER],
      ],
      'This is not a colour',
    ],
    [
      'Notifications',
      [
        ['Which channels are in use', SPACE, DOWN, DOWN, SPACE, ENTER],
        ['Which channels are in use', ENTER],
      ],
      'sms does not reach this person; give an address for it',
    ],
  ])('%s: %#', async (title, answers, words) => {
    const { screen, clinic } = await configure([now(title), ...answers]);
    expect(screen).toContain(words);
    expect(clinic).toBeDefined();
  });
});

test('without any channel nobody is told anything', async () => {
  const { clinic } = await configure([now('Notifications'), ['Which channels are in use', SPACE, ENTER]]);
  expect(clinic?.notifications).toMatchObject({ channels: [], rules: [] });
});

test('people of one branch work in another one, and nobody is entered twice', async () => {
  const { clinics, questions } = await configure(
    [
      ['Norte: configure', DOWN, ENTER],
      ['Sur: configure', DOWN, ENTER],
      ['Staff and routing', DOWN, ENTER],
      ['Name of a person', 'Ana', ENTER],
      ['Ana: where else', SPACE, ENTER],
      ['Name of a person', ENTER],
      ['Staff and routing', DOWN, ENTER],
      ['Name of a person', 'Ana', ENTER],
    ],
    {
      type: 'multi-branch',
      clinics: [
        { slug: 'norte', name: 'Norte' },
        { slug: 'sur', name: 'Sur' },
      ],
    },
  );
  expect(questions.filter((question) => question.startsWith('Brand voice'))).toHaveLength(2);
  expect(clinics.map(({ staffRouting }) => staffRouting.staff)).toMatchObject([
    [{ id: 'ana', locations: ['sur'] }],
    [{ id: 'ana-2', locations: [] }],
  ]);
});

test('two people cannot step in for each other', async () => {
  const { clinic, screen } = await configure([
    now('Staff and routing'),
    ['Name of a person', 'Ana', ENTER],
    ['Name of a person', 'Eva', ENTER],
    ['Who steps in for Ana', DOWN, ENTER],
    ['Who steps in for Eva', DOWN, ENTER],
    ['Who steps in for Eva', ENTER],
  ]);
  expect(screen).toContain('leads back to the same person');
  expect(clinic?.staffRouting.staff).toMatchObject([{ fallback: 'eva' }, { fallback: null }]);
});
