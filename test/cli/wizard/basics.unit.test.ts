import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkTenant, parseTenant } from '../../../manifest/index.js';
import { CLEAR, CTRL_C, DOWN, END, ENTER, runWizard, temporaryRoot } from './typist.js';

describe('Enter at every question', () => {
  test('gives a tenant that holds, with the defaults of the manifest', async () => {
    const { tenant, questions } = await runWizard();
    expect(parseTenant(tenant)).toEqual(
      parseTenant({
        slug: 'my-clinic',
        legalName: 'My clinic',
        type: 'solo',
        clinics: [{ slug: 'my-clinic', name: 'My clinic', vertical: 'general' }],
        admin: { name: 'Administrator', email: 'admin@my-clinic.example' },
      }),
    );
    expect(questions.filter((question) => question.includes('configure now or later?'))).toHaveLength(8);
    expect(questions.length).toBeLessThan(30);
  });

  test('with every flag given asks only for what no flag says', async () => {
    const { tenant, questions } = await runWizard([], {
      slug: 'sonrisa',
      legalName: 'Sonrisa, S.L.',
      type: 'solo',
      tier: 'dedicated',
      residency: 'es',
      region: 'eu-south-2',
      plan: 'pro',
      domain: 'sonrisa.example',
      clinics: [{ slug: 'ruzafa', name: 'Ruzafa', vertical: 'dental' }],
      admin: { name: 'Lucía', email: 'lucia@sonrisa.example' },
    });
    expect(questions.filter((question) => !question.includes('now or later?'))).toEqual([
      'City of the clinic',
      'Which feature package?',
      'Mobile phone of the administrator, such as +34600111222',
    ]);
    expect(parseTenant(tenant)).toMatchObject({ region: 'eu-south-2', plan: 'pro', residency: 'es' });
  });
});

describe('several clinics', () => {
  test('a group with branches is asked for two, and for more', async () => {
    const { tenant, questions } = await runWizard([
      ['What kind of organisation', DOWN, ENTER],
      ['Name of clinic 1', 'Centro', ENTER],
      ['What does clinic 1 practise', ENTER],
      ['City of clinic 1', 'Cádiz', ENTER],
      ['Name of clinic 2', 'Centro', ENTER],
      ['What does clinic 2 practise', DOWN, ENTER],
      ['Add another clinic?', 'y'],
    ]);
    expect(tenant.type).toBe('multi-branch');
    expect(tenant.clinics).toMatchObject([
      { name: 'Centro', slug: 'centro', vertical: 'general', city: 'Cádiz' },
      { name: 'Centro', slug: 'centro-2' },
      { name: 'My clinic 3', slug: 'my-clinic-3' },
    ]);
    expect(checkTenant(tenant).ok).toBe(true);
    expect(questions.filter((question) => question.endsWith('now or later?'))).toHaveLength(3);
  });

  test('names that came by flags are not asked for again, and no more are offered', async () => {
    const { tenant, questions } = await runWizard([], {
      type: 'multi-branch',
      clinics: [
        { name: 'Norte', slug: 'norte' },
        { name: 'Sur', slug: 'sur' },
      ],
    });
    expect(tenant.clinics.map(({ slug }) => slug)).toEqual(['norte', 'sur']);
    expect(questions.join('\n')).not.toMatch(/Name of clinic|Add another/);
  });
});

describe('text in any script', () => {
  test('Spanish and Arabic names survive, and slugs are proposed in ASCII', async () => {
    const { tenant } = await runWizard([
      ['Legal name', 'Clínica Ñandú & Peñalver, S.L.P.', ENTER],
      ['Name of the clinic', 'عيادة الأمل لطب الأسنان', ENTER],
      ['City', 'طنجة', ENTER],
      ['Name of the first user', 'د. فاطمة الزهراء', ENTER],
    ]);
    expect(tenant).toMatchObject({
      legalName: 'Clínica Ñandú & Peñalver, S.L.P.',
      slug: 'clinica-nandu-penalver-slp',
      clinics: [{ name: 'عيادة الأمل لطب الأسنان', slug: 'clinic', city: 'طنجة' }],
      admin: { name: 'د. فاطمة الزهراء' },
    });
  });
});

describe('a wrong answer is refused at once in the words of the manifest, and asked again', () => {
  test('slug, host name, e-mail address and phone', async () => {
    const { tenant, screen } = await runWizard([
      ['Short name (slug): names', 'No Good', ENTER],
      ['Short name (slug): names', CLEAR, 'good', ENTER],
      ['Host name', 'http://x', ENTER],
      ['Host name', CLEAR, 'good.example', ENTER],
      ['E-mail address of the administrator', 'nobody', ENTER],
      ['E-mail address of the administrator', CLEAR, ENTER],
      ['Mobile phone', '600', ENTER],
      ['Mobile phone', CLEAR, '+34600111222', ENTER],
    ]);
    expect(tenant).toMatchObject({
      slug: 'good',
      domain: 'good.example',
      admin: { email: 'admin@good.example', phone: '+34600111222' },
    });
    for (const words of [
      'This is not a slug; allowed: 3 to 40 characters',
      'This is not a host name; allowed:',
      'This is not an e-mail address; allowed:',
      'This is not a phone number; allowed:',
    ]) {
      expect(screen).toContain(words);
    }
  });

  test('London is not in the European Union', async () => {
    const { tenant, screen } = await runWizard([
      ['In which AWS region?', ...Array<string>(7).fill(DOWN), ENTER],
      ['In which AWS region?', DOWN, ENTER],
    ]);
    expect(screen).toContain(
      'eu-west-2 is London: the United Kingdom is not in the EU; allowed: eu-central-1',
    );
    expect(tenant.region).toBe('eu-west-1');
  });

  test('a residency that excludes the region of a flag', async () => {
    const { tenant, screen } = await runWizard(
      [
        ['Where may rows', DOWN, ENTER],
        ['Where may rows', DOWN, DOWN, ENTER],
      ],
      { region: 'eu-central-1' },
    );
    expect(screen).toContain('eu-central-1 is Frankfurt: Germany is not Spain');
    expect(tenant).toMatchObject({ residency: 'de', region: 'eu-central-1' });
  });

  test('the slug of a manifest that exists', async () => {
    const root = temporaryRoot();
    mkdirSync(join(root, 'tenants'));
    writeFileSync(join(root, 'tenants', 'my-clinic.yaml'), 'slug: my-clinic\n');
    const { tenant, screen } = await runWizard(
      [
        ['Short name (slug): names', 'my-clinic', ENTER],
        ['Short name (slug): names', CLEAR, ENTER],
      ],
      {},
      root,
    );
    expect(screen).toContain('There is a tenant of this name already');
    expect(tenant.slug).toBe('my-clinic-2');
  });
});

describe('a person who stops', () => {
  test.each([
    ['the first question', 'Legal name', CTRL_C],
    ['a choice', 'Which tier?', CTRL_C],
    ['the last question', 'Notifications: configure', CTRL_C],
    ['the end of the input', 'Which plan?', END],
  ])('at %s writes nothing', async (_where, question, key) => {
    const root = temporaryRoot();
    await expect(runWizard([[question, key]], {}, root)).rejects.toMatchObject({
      code: 'cancelled',
      exitStatus: 8,
    });
    expect(readdirSync(root)).toEqual([]);
  });
});

test('the quotas of each plan are shown, and the package follows the plan', async () => {
  const { tenant, screen } = await runWizard([['Which plan?', DOWN, DOWN, ENTER]]);
  expect(screen).toMatch(/growth\s+20 GiB\s+2,000,000\s+1,200\s+50\s+EUR 200/);
  expect(tenant).toMatchObject({ plan: 'pro', features: { package: 'standard' } });
});

test('NO_COLOR is heeded', async () => {
  const colours = '\u001B[36m';
  vi.stubEnv('FORCE_COLOR', '1');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect((await runWizard()).raw).toContain(colours);
  const { raw, screen } = await runWizard([], {}, undefined, { NO_COLOR: '1' });
  expect(raw).not.toContain(colours);
  expect(screen).toContain('Legal name of the clinic or group');
});

test('a slug that was given proposes the legal name', async () => {
  const { tenant } = await runWizard([], { slug: 'clinica-del-sol-2' });
  expect(tenant).toMatchObject({ slug: 'clinica-del-sol-2', legalName: 'Clinica Del Sol 2' });
});
