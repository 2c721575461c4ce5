import { describe, expect, test } from 'vitest';
import { proposeSlug } from '../../../cli/manifests/propose-slug.js';
import {
  requireComplete,
  type TenantFlags,
  tenantFromFlags,
} from '../../../cli/manifests/tenant-from-flags.js';
import { isSlug, parseTenant, RingfenceError } from '../../../manifest/index.js';

const ADMIN = { adminName: 'Lucía Ferrer', adminEmail: 'lucia@example.com' };

const complete = (flags: TenantFlags, slug?: string) => requireComplete(tenantFromFlags(slug, flags));

const refusal = (action: () => unknown): RingfenceError => {
  try {
    action();
  } catch (error) {
    if (error instanceof RingfenceError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

describe('a tenant from flags alone', () => {
  test('a practice needs its legal name and its administrator; the rest has defaults', () => {
    const tenant = complete({ legalName: 'Clínica Sonrisa, S.L.P.', clinic: [], ...ADMIN });
    expect(tenant).toEqual({
      slug: 'clinica-sonrisa-slp',
      legalName: 'Clínica Sonrisa, S.L.P.',
      type: 'solo',
      clinics: [{ slug: 'clinica-sonrisa-slp', name: 'Clínica Sonrisa, S.L.P.', vertical: 'general' }],
      admin: { name: 'Lucía Ferrer', email: 'lucia@example.com' },
    });
    expect(parseTenant(tenant).region).toBe('eu-central-1');
  });

  test('every flag reaches its place', () => {
    const flags = {
      legalName: 'Hospital',
      type: 'hospital',
      tier: 'dedicated',
      plan: 'enterprise',
      region: 'eu-south-2',
      residency: 'es',
      vertical: 'psychology',
      clinic: ['Salud mental'],
      domain: 'citas.example.com',
      ...ADMIN,
    };
    expect(complete(flags, 'san-telmo')).toMatchObject({
      slug: 'san-telmo',
      type: 'hospital',
      tier: 'dedicated',
      plan: 'enterprise',
      region: 'eu-south-2',
      residency: 'es',
      domain: 'citas.example.com',
      clinics: [{ slug: 'salud-mental', name: 'Salud mental', vertical: 'psychology' }],
    });
    const { region: _, ...elsewhere } = flags;
    expect(complete({ ...elsewhere, cell: 'cell-es' }).cell).toBe('cell-es');
  });

  test('several clinics make a group with branches, each with a slug of its own', () => {
    const tenant = complete({
      legalName: 'Grupo',
      clinic: ['Centro', 'Centro', 'مركز'],
      vertical: 'dental',
      ...ADMIN,
    });
    expect(tenant.type).toBe('multi-branch');
    expect(tenant.clinics.map(({ slug }) => slug)).toEqual(['centro', 'centro-2', 'clinic']);
    expect(parseTenant(tenant).clinics.every(({ vertical }) => vertical === 'dental')).toBe(true);
  });

  test('a vertical without a clinic is that of the one clinic', () => {
    expect(complete({ legalName: 'Sol', vertical: 'dental', ...ADMIN }).clinics).toEqual([
      { slug: 'sol', name: 'Sol', vertical: 'dental' },
    ]);
  });
});

describe('what flags leave open stays open for the wizard', () => {
  test('no flag says nothing', () => {
    expect(tenantFromFlags(undefined, { clinic: [] })).toEqual({});
  });

  test('neither type nor clinics are made up', () => {
    expect(tenantFromFlags('sol', { legalName: 'Sol', adminName: 'Ana' })).toEqual({
      slug: 'sol',
      legalName: 'Sol',
      admin: { name: 'Ana' },
    });
  });
});

describe('missing flags are listed all at once', () => {
  test.each<[string, TenantFlags, string]>([
    ['nothing given', {}, 'missing: --legal-name, --admin-name, --admin-email'],
    ['no address', { legalName: 'Sol', adminName: 'Ana' }, 'missing: --admin-email'],
    [
      'a group without branches',
      { type: 'multi-branch', adminName: 'Ana' },
      'missing: --legal-name, --admin-email, --clinic (twice or more)',
    ],
    ['a hospital without clinics', { type: 'hospital', legalName: 'H', ...ADMIN }, 'missing: --clinic'],
    [
      'a dedicated tier nowhere',
      { tier: 'dedicated', ...ADMIN },
      'missing: --legal-name, --region or --cell',
    ],
  ])('%s', (_what, flags, message) => {
    expect(refusal(() => complete(flags))).toMatchObject({ code: 'usage', message });
  });
});

describe('a wrong flag is refused before anybody is asked, in the words of the manifest', () => {
  test.each<[TenantFlags, string]>([
    [
      { region: 'eu-west-2' },
      '--region: eu-west-2 is London: the United Kingdom is not in the EU; allowed: eu-central-1',
    ],
    [{ region: 'eu-centrl-1' }, '--region: is not one of its values; did you mean "eu-central-1"?'],
    [{ residency: 'mars' }, '--residency: is not one of its values; allowed: eu, es'],
    [{ vertical: 'dentl' }, '--vertical: is not one of its values; did you mean "dental"?'],
    [{ type: 'solo', clinic: ['Norte', 'Sur'] }, '--clinic: are 2; allowed: exactly 1 for type solo'],
    [{ clinic: [' '] }, '--clinic: is empty; allowed: some text'],
    [{ region: 'eu-west-1', cell: 'cell-a' }, '--cell: is given beside region'],
    [{ domain: 'x' }, '--domain: is not a host name'],
    [{ adminEmail: 'x' }, '--admin-email: is not an e-mail address'],
  ])('%j', (flags, message) => {
    const error = refusal(() => tenantFromFlags(undefined, flags));
    expect(error.code).toBe('usage');
    expect(error.message).toContain(message);
  });

  test('all of them at once, and each once', () => {
    const { message } = refusal(() =>
      tenantFromFlags('Bad Slug', { domain: 'x', vertical: 'y', clinic: ['Norte', 'Sur'] }),
    );
    expect(message.split('\n').map((line) => line.split(':')[0])).toEqual(['slug', '--domain', '--vertical']);
  });
});

describe('a proposed slug', () => {
  test.each([
    ['Clínica Ñandú', 'clinica-nandu'],
    ['Straße & Søn — Łódź', 'strasse-son-lodz'],
    ["L'Hospitalet · Sant Martí", 'lhospitalet-sant-marti'],
    ['عيادة الأمل', 'clinic'],
    ['32 Dientes', 'clinic-32-dientes'],
    ['Ok', 'clinic-ok'],
    ['', 'clinic'],
    [`${'a'.repeat(39)} b`, 'a'.repeat(39)],
  ])('%s is %s', (name, slug) => {
    expect(proposeSlug(name, 'clinic')).toBe(slug);
    expect(isSlug(slug)).toBe(true);
  });

  test('is not one that is taken, and stays within its length', () => {
    const taken = new Set<string>();
    for (let count = 0; count < 12; count++) {
      const slug = proposeSlug('x'.repeat(60), 'clinic', (proposed) => taken.has(proposed));
      expect(isSlug(slug) && !taken.has(slug)).toBe(true);
      taken.add(slug);
    }
    expect(taken.size).toBe(12);
  });
});
