import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  loadManifest,
  loadManifests,
  parseTenant,
  type TenantInput,
  writeManifest,
} from '../../manifest/index.js';
import { PLANS } from '../../manifest/plans.js';
import { caught, inFolder, smallest, smallestYaml } from './manifests.js';

const disk = vi.hoisted(() => ({ full: false }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeFileSync: typeof fs.writeFileSync = (file, ...given) => {
    if (!disk.full || typeof file !== 'number') return fs.writeFileSync(file, ...given);
    fs.writeSync(file, 'half of');
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  return { ...fs, writeFileSync };
});

afterEach(() => {
  disk.full = false;
});

describe('writeManifest', () => {
  it('writes only what differs from the defaults', async () => {
    await inFolder({}, async (dir) => {
      const path = await writeManifest(dir, parseTenant({ ...smallest(), plan: 'pro' }));
      expect(path).toBe(join(dir, 'uno.yaml'));
      expect(await readFile(path, 'utf8')).toBe(`# Clínica Uno, S.L.
# Whatever is not named here has its default: see docs/manifest.md.
slug: uno
legalName: Clínica Uno, S.L.
type: solo
plan: pro
admin:
  name: Ana
  email: ana@uno.example
clinics:
  - slug: centro
    name: Centro
    vertical: dental
`);
    });
  });

  it('names the schema for editors where there is one', async () => {
    await inFolder({ 'tenant.schema.json': '{}' }, async (dir) => {
      const text = await readFile(await writeManifest(dir, smallest()), 'utf8');
      expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/tenant\.schema\.json\n/);
    });
  });

  it('keeps names in Arabic and Spanish', async () => {
    const legalName = 'عيادة النور للأسنان · Clínica Peñíscola, S.L.';
    await inFolder({}, async (dir) => {
      const path = await writeManifest(dir, {
        ...smallest(),
        legalName,
        admin: { name: 'د. أمينة بنعلي', email: 'amina@uno.example', locale: 'ar-MA' },
      });
      expect(await readFile(path, 'utf8')).toContain(`legalName: ${legalName}\n`);
      const { tenant } = await loadManifest(path);
      expect([tenant.legalName, tenant.admin.name]).toEqual([legalName, 'د. أمينة بنعلي']);
    });
  });

  it('leaves the same manifest as it is, and refuses to overwrite another', async () => {
    await inFolder({}, async (dir) => {
      const path = await writeManifest(dir, smallest());
      const before = await readFile(path, 'utf8');
      expect(await writeManifest(dir, smallest())).toBe(path);
      const failure = await caught(() => writeManifest(dir, { ...smallest(), plan: 'pro' }), dir);
      expect([failure.code, failure.message]).toEqual([
        'conflict',
        'uno.yaml: a manifest of this tenant exists already',
      ]);
      expect(await readFile(path, 'utf8')).toBe(before);
      expect(await readdir(dir)).toEqual(['uno.yaml']);
    });
  });

  it('sees the same tenant under another extension', async () => {
    await inFolder({ 'uno.ts': '' }, async (dir) => {
      const failure = await caught(() => writeManifest(dir, smallest()), dir);
      expect(failure.message).toBe('uno.ts: a manifest of this tenant exists already');
    });
  });

  it('of twenty writers at once one wins', async () => {
    await inFolder({}, async (dir) => {
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          writeManifest(dir, { ...smallest(), keys: { rotationDays: 100 + index } }),
        ),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await loadManifests(dir)).failures).toEqual([]);
      expect(await readdir(dir)).toEqual(['uno.yaml']);
    });
  });

  it('leaves nothing behind on a full disk', async () => {
    await inFolder({}, async (dir) => {
      disk.full = true;
      const failure = await caught(() => writeManifest(dir, smallest()), dir);
      expect([failure.code, failure.message]).toEqual([
        'disk_full',
        'uno.yaml: the disk is full; nothing was written',
      ]);
      expect(await readdir(dir)).toEqual([]);
    });
  });

  it('tells of a folder that is not there, and of a tenant that does not hold', async () => {
    await inFolder({}, async (dir) => {
      const missing = await caught(() => writeManifest(join(dir, 'none'), smallest()), dir);
      expect(missing.code).toBe('tenant_not_found');
      const invalid = await caught(() => writeManifest(dir, { ...smallest(), tier: 'dedicated' }), dir);
      expect(invalid.message).toBe('tier: dedicated needs a place; allowed: give region or cell');
      expect(await readdir(dir)).toEqual([]);
    });
  });
});

describe('the hash', () => {
  const hashOf = (yaml: string): Promise<string> =>
    inFolder({ 'uno.yaml': yaml }, async (dir) => (await loadManifest(join(dir, 'uno.yaml'))).hash);

  it('does not see comments, the order of keys, or a default that is spelt out', async () => {
    const hash = await hashOf(smallestYaml('uno'));
    const lines = smallestYaml('uno').trimEnd().split('\n');
    const reordered = [...lines.slice(4), ...lines.slice(0, 4).reverse()].join('\n');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf(`# why\n${reordered}\n`)).toBe(hash);
    expect(await hashOf(`${smallestYaml('uno')}tier: shared\nbackup: { retentionDays: 14 }\n`)).toBe(hash);
  });

  it('sees every change of content', async () => {
    const changes = ['plan: growth', 'domain: a.example', 'region: eu-west-1', 'keys: { rotationDays: 30 }'];
    const hashes = await Promise.all(
      ['', ...changes].map((line) => hashOf(`${smallestYaml('uno')}${line}\n`)),
    );
    expect(new Set(hashes).size).toBe(changes.length + 1);
  });
});

const text = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((value) => value.trim() !== '' && !/[\p{Cc}\p{Cs}]/u.test(value));
const prose = fc.array(text, { maxLength: 3 }).map((lines) => lines.join('\n'));
const slug = fc.stringMatching(/^[a-z][a-z0-9]{2,12}$/);

const tenants: fc.Arbitrary<TenantInput> = fc.record({
  slug,
  legalName: text,
  type: fc.constant('hospital' as const),
  plan: fc.constantFrom(...PLANS),
  residency: fc.constantFrom('eu' as const, 'es' as const, 'any' as const),
  quotas: fc.record({ rows: fc.integer({ min: 1_000, max: 10_000_000 }) }, { requiredKeys: [] }),
  admin: fc.record({ name: text, email: fc.constant('ana@uno.example') }),
  clinics: fc.uniqueArray(
    fc.record({
      slug,
      name: text,
      vertical: fc.constantFrom('dental' as const, 'psychology' as const, 'general' as const),
      brandVoice: fc.record({
        tone: fc.constantFrom('familiar' as const, 'playful' as const),
        prompt: prose,
      }),
      compliance: fc.record({ forbiddenClaims: fc.array(text, { maxLength: 3 }) }),
      knowledgeBase: fc.record({
        faq: fc.array(fc.record({ question: text, answer: text }), { maxLength: 3 }),
        parking: prose,
      }),
      hours: fc.record({
        timeZone: fc.constantFrom('Europe/Madrid', 'UTC', 'Europe/Kyiv'),
        weekly: fc.record({ monday: fc.constant([{ open: '10:00', close: '24:00' }]) }),
      }),
    }),
    { minLength: 1, maxLength: 3, selector: (clinic) => clinic.slug },
  ),
});

it('any tenant that is written loads back equal', async () => {
  await inFolder({}, async (root) => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(tenants, async (input) => {
        const dir = join(root, String(run++));
        await mkdir(dir);
        const { tenant } = await loadManifest(await writeManifest(dir, input));
        expect(tenant).toEqual(parseTenant(input));
      }),
      { numRuns: 80 },
    );
  });
});

it('a file that already has the name is never touched', async () => {
  await inFolder({}, async (dir) => {
    await writeFile(join(dir, 'uno.yaml'), 'not yaml: [');
    const failure = await caught(() => writeManifest(dir, smallest()), dir);
    expect(failure.code).toBe('conflict');
    expect(await readFile(join(dir, 'uno.yaml'), 'utf8')).toBe('not yaml: [');
  });
});
