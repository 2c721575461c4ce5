import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edgeProgram } from '../../../../stacks/programs/edge/edge.js';
import type { CloudEngine } from '../../../support/cloud-engine.js';
import { KEYS, testEdge } from '../../../support/cloudflare/edge-inputs.js';
import { openEdgeEngine } from '../../../support/cloudflare/engine.js';

const first = edgeProgram(testEdge(), KEYS);
const next = edgeProgram(testEdge({ hasObjects: true }), KEYS);

/** All that the engine keeps of the project, as text. */
const keptBy = ({ root }: CloudEngine): string =>
  readdirSync(join(root, '.ringfence'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n');

/** What somebody changes by hand in the dashboard. */
const BY_HAND: Readonly<Record<string, object>> = {
  'cloudflare:index/customHostname:CustomHostname': {
    ssl: { method: 'http', type: 'dv', settings: { minTlsVersion: '1.0' } },
  },
  'cloudflare:index/customHostnameFallbackOrigin:CustomHostnameFallbackOrigin': {
    origin: 'elsewhere.clinics.example',
  },
  'cloudflare:index/dnsRecord:DnsRecord': { content: '192.0.2.1', type: 'A' },
  'cloudflare:index/workersCustomDomain:WorkersCustomDomain': { service: 'another' },
  'cloudflare:index/workersKv:WorkersKv': { value: '{}' },
  'cloudflare:index/workersKvNamespace:WorkersKvNamespace': { title: 'another' },
  'cloudflare:index/workersRoute:WorkersRoute': { script: 'another' },
  'cloudflare:index/workersScript:WorkersScript': { content: 'TenantLimits, by hand' },
};

describe('an edge that changes', () => {
  let engine: CloudEngine;
  const stored = () => engine.stored();
  const done = async (program: typeof first): Promise<string[]> =>
    (await engine.deploy(program)).operations.map(({ action, name }) => `${action} ${name}`);

  beforeAll(async () => {
    engine = await openEdgeEngine();
    await engine.deploy(first);
    await engine.deploy(next);
  });
  afterAll(() => engine.close());

  test('the state has its keys sealed, and a new one is an update of the Worker alone', async () => {
    const kept = keptBy(engine);
    expect(kept.includes('ringfence-edge-main-tenants')).toBe(true);
    expect(Object.values(KEYS).filter((key) => kept.includes(key))).toEqual([]);
    const rotated = edgeProgram(testEdge({ hasObjects: true }), { ...KEYS, operator: 'a-new-operator-key' });
    expect(await done(rotated)).toEqual(['update worker']);
    expect(await done(next)).toEqual(['update worker']);
  });

  test('a tenant that comes, or goes, changes what is its own', async () => {
    const { entries } = testEdge();
    const more = { ...entries, 'tres.clinics.example': '{"tenant":"tres"}' };
    expect(await done(edgeProgram(testEdge({ hasObjects: true, entries: more }), KEYS))).toEqual([
      'create entry-tres.clinics.example',
      'create domain-tres.clinics.example',
    ]);
    expect(await done(next)).toEqual([
      'delete domain-tres.clinics.example',
      'delete entry-tres.clinics.example',
    ]);
  });

  test('drift by hand on every resource is found by a look, and mended by the next deployment', async () => {
    const before = stored();
    for (const thing of before) {
      const { attributes } = thing;
      engine.cloud.put({ ...thing, attributes: { ...attributes, ...BY_HAND[thing.type] } });
    }
    const found = await engine.preview(next);
    const changing = found.filter(({ action }) => action === 'update' || action === 'replace');
    expect(new Set(changing.map(({ type, name }) => `${type} ${name}`)).size).toBe(before.length);
    await engine.deploy(next);
    expect(stored()).toEqual(before);
    for (const { type, id } of before.filter(({ type }) => /:Workers(?:Kv|CustomDomain)$/.test(type)))
      engine.cloud.remove(type, id);
    expect(await done(next)).toHaveLength(6);
    expect(stored()).toEqual(before);
    expect(await done(next)).toEqual([]);
  });

  test('it goes whole', async () => {
    await engine.destroy();
    expect(stored()).toEqual([]);
  });
});
