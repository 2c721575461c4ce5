import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import example from '../../examples/clinic.js';
import { loadManifest, loadManifests, parseTenant } from '../../manifest/index.js';
import { manifestJsonSchema } from '../../manifest/json-schema.js';
import { smallest } from './manifests.js';

describe('the manifests of the project', () => {
  it('load without a mistake', async () => {
    const { manifests, failures } = await loadManifests('tenants');
    expect(failures).toEqual([]);
    expect(
      manifests.map(({ tenant }) => [tenant.slug, tenant.tier, tenant.region, tenant.clinics.length]),
    ).toEqual([
      ['clinica-sonrisa', 'shared', 'eu-central-1', 1],
      ['grupo-aurora', 'shared', 'eu-central-1', 6],
      ['hospital-san-telmo', 'dedicated', 'eu-south-2', 4],
    ]);
  });

  it('may be written in TypeScript', async () => {
    const { tenant } = await loadManifest('examples/clinic.ts');
    expect(tenant).toEqual(parseTenant(example));
    expect(tenant.clinics.map((clinic) => clinic.name)).toEqual([
      'Fisioterapia Muñoz Gijón',
      'Fisioterapia Muñoz Oviedo',
    ]);
  });
});

describe('the smallest manifest', () => {
  it('gets the defaults: the EU, Madrid, private prices, the starter plan', () => {
    const tenant = parseTenant(smallest());
    expect(tenant).toMatchObject({
      tier: 'shared',
      residency: 'eu',
      region: 'eu-central-1',
      plan: 'starter',
      domain: null,
      features: { package: 'basic', modules: [] },
      keys: { rotationDays: 90 },
      backup: { schedule: '15 2 * * *', timeZone: 'Europe/Madrid', retentionDays: 14 },
      quotas: { connections: 5, rows: 500_000 },
      sla: { uptimePercent: 99.5, maintenanceWindow: { weekday: 'sunday', timeZone: 'Europe/Madrid' } },
    });
    const [clinic] = tenant.clinics;
    expect(clinic?.hours.timeZone).toBe('Europe/Madrid');
    expect(clinic?.hours.handOff).toEqual(clinic?.hours.weekly);
    expect(clinic?.brandVoice.tone).toBe('professional');
    expect(clinic?.compliance.forbiddenClaims).toContain('painless treatment');
    expect(clinic?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('keeps the price of a service private', () => {
    const [clinic] = smallest().clinics;
    const tenant = parseTenant({
      ...smallest(),
      clinics: [{ ...clinic, services: [{ id: 'limpieza', name: 'Limpieza', price: { min: 50, max: 70 } }] }],
    });
    expect(tenant.clinics[0]?.services[0]).toMatchObject({
      priceVisibility: 'private',
      price: { min: 50, max: 70, currency: 'EUR' },
    });
  });

  it('is read again from its own result without a change', () => {
    const tenant = parseTenant(smallest());
    expect(parseTenant(tenant)).toEqual(tenant);
  });
});

it('tenants/tenant.schema.json is what `npm run schema` writes', async () => {
  const committed: unknown = JSON.parse(await readFile('tenants/tenant.schema.json', 'utf8'));
  expect(committed).toEqual(JSON.parse(JSON.stringify(manifestJsonSchema())));
});

it('docs/manifest.md names every key of the schema', async () => {
  const text = await readFile('docs/manifest.md', 'utf8');
  const missing = keysOf(manifestJsonSchema()).filter((key) => !new RegExp(`\\b${key}\\b`).test(text));
  expect(missing).toEqual([]);
});

/** The names of all properties, at any depth. */
function keysOf(schema: unknown): string[] {
  if (schema === null || typeof schema !== 'object') return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(keysOf)];
}
