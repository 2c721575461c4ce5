import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { edgeProgram } from '../../../../stacks/programs/edge/edge.js';
import type { CloudEngine } from '../../../support/cloud-engine.js';
import { KEYS, testEdge } from '../../../support/cloudflare/edge-inputs.js';
import { openEdgeEngine } from '../../../support/cloudflare/engine.js';
import { RESOURCE_TYPES } from '../../../support/cloudflare/resource-types.js';
import { NAMESPACE, SCRIPT } from '../../../support/cloudflare/stand-in/things.js';

const first = edgeProgram(testEdge(), KEYS);
const next = edgeProgram(testEdge({ hasObjects: true }), KEYS);
const ALL = 12;

describe('an edge, by the real engine on the strict stand-in', () => {
  let engine: CloudEngine;
  const stored = () => engine.stored();
  const done = async (program: typeof first): Promise<string[]> =>
    (await engine.deploy(program)).operations.map(({ action, name }) => `${action} ${name}`);

  beforeAll(async () => {
    engine = await openEdgeEngine();
  });
  afterAll(() => engine.close());

  test('a deployment that fails at the Worker is taken up again, every call failing once', async () => {
    engine.cloud.setFaults({ failures: { [SCRIPT]: 100 } });
    await expect(engine.deploy(first)).rejects.toThrow('rate limited');
    const begun = stored().length;
    expect(stored().some(({ type }) => type === NAMESPACE)).toBe(true);
    expect(stored().some(({ type }) => type === SCRIPT)).toBe(false);
    engine.cloud.setFaults({ failures: { '*': 1 } });
    const { operations, outputs } = await engine.deploy(first);
    expect(operations.map(({ action }) => action)).toEqual(Array(ALL - begun).fill('create'));
    expect(stored()).toHaveLength(ALL);
    expect(new Set(stored().map(({ type }) => type))).toEqual(new Set(Object.keys(RESOURCE_TYPES)));
    expect(outputs).toEqual({ worker: 'ringfence-edge-main' });
    engine.cloud.setFaults({});
  });

  test('its class is made once: Cloudflare refuses the same migration again', async () => {
    await expect(
      engine.deploy(edgeProgram(testEdge({ script: 'TenantLimits, changed' }), KEYS)),
    ).rejects.toThrow("tag precondition failed, got tag '' when expected tag is 'v1'");
    expect(await done(next)).toEqual(['update worker']);
    expect(await done(next)).toEqual([]);
  });
});
