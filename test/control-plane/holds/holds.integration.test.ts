import { describe, expect, it } from 'vitest';
import { refuseOnHold } from '../../../control-plane/holds/refuse-on-hold.js';
import { type Hold, isActive, listHolds, recordHold } from '../../../control-plane/holds/store.js';
import { holdTenant, listTenantHolds, releaseHold } from '../../../control-plane/holds/tenant-holds.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import type { Caller } from '../../../core/caller.js';
import { useDatabase } from '../../support/cell-database.js';
import { registered } from '../registry.js';

const control = useDatabase('control');
let nowMs = Date.parse('2026-03-01T12:00:00Z');
const as = (who: string): Caller => ({
  who,
  door: 'cli',
  correlationId: '5c2e0f4e-6b1a-4c3d-9e8f-7a6b5c4d3e2f',
});
const runtime = {
  caller: as('ana'),
  get control() {
    return control.admin;
  },
  now: () => new Date(nowMs),
  beforeChange: async () => undefined,
  hasChanged: () => undefined,
  reached: () => undefined,
} as unknown as Runtime;
const LEGAL = { kind: 'legal-hold', reason: 'lawsuit 12/2026', until: null } as const;
const operationsOf = async (tenantId: string): Promise<string[]> =>
  (
    await control.admin.query<{ line: string }>(
      `SELECT kind || ' ' || state || coalesce(' ' || error_code, '') AS line FROM control.operations
        WHERE tenant_id = $1 ORDER BY started_at`,
      [tenantId],
    )
  ).rows.map(({ line }) => line);

describe('a legal hold', () => {
  it('is active until it is released or its time is up', () => {
    const now = new Date(nowMs);
    const hold = { releasedAt: null, until: null } as Hold;
    expect(isActive(hold, now)).toBe(true);
    expect(isActive({ ...hold, until: new Date(nowMs + 1) }, now)).toBe(true);
    expect(isActive({ ...hold, until: now }, now)).toBe(false);
    expect(isActive({ ...hold, releasedAt: now }, now)).toBe(false);
  });

  it('keeps a tenant from erasure and removal; each refusal is recorded', async () => {
    const { id, slug } = await registered(control.admin, 'retenida');
    const tenant = { tenantId: id, slug };
    await refuseOnHold(runtime, tenant, 'erase');
    const hold = await holdTenant(runtime, slug, LEGAL);
    nowMs += 1;
    await holdTenant(runtime, slug, { ...LEGAL, kind: 'retention-duty', until: new Date(nowMs + 60_000) });
    await expect(refuseOnHold(runtime, tenant, 'erase')).rejects.toMatchObject({
      code: 'erasure_held',
      message: expect.stringMatching(
        /may not be erased: retention-duty .*until 2026-03-01T12:01:00.*legal-hold .*lawsuit 12\/2026/,
      ),
    });
    await expect(refuseOnHold(runtime, tenant, 'remove')).rejects.toMatchObject({
      message: expect.stringContaining('may not be removed'),
    });
    nowMs += 60_000;
    await releaseHold(runtime, slug, hold.id.slice(0, 8), { reason: 'settled' });
    await refuseOnHold(runtime, tenant, 'erase');
    expect(await operationsOf(id)).toEqual([
      'hold done',
      'hold done',
      'erase failed erasure_held',
      'remove failed erasure_held',
      'release-hold done',
    ]);
  });

  it('is released once, and stays in the list with who, when and why', async () => {
    const { slug } = await registered(control.admin, 'liberada');
    const { id } = await holdTenant(runtime, slug, LEGAL);
    await expect(releaseHold(runtime, slug, id.slice(0, 7), { reason: 'x' })).rejects.toMatchObject({
      code: 'hold_not_found',
      fix: `choose from: ${id}`,
    });
    await releaseHold({ ...runtime, control: control.admin, caller: as('eva') }, slug, id, {
      reason: 'settled',
    });
    await expect(releaseHold(runtime, slug, id, { reason: 'again' })).rejects.toMatchObject({
      code: 'hold_not_found',
      fix: 'it has none',
    });
    expect(await listTenantHolds(runtime, slug)).toMatchObject([
      { id, placedBy: 'ana', releasedBy: 'eva', releaseReason: 'settled', active: false },
    ]);
  });

  it('ends in the future, and is of one tenant', async () => {
    const [one, other] = [
      await registered(control.admin, 'primera'),
      await registered(control.admin, 'segunda'),
    ];
    await expect(holdTenant(runtime, 'primera', { ...LEGAL, until: new Date(nowMs) })).rejects.toMatchObject({
      code: 'usage',
    });
    await recordHold(control.admin, one.id, {
      kind: 'legal-hold',
      reason: 'x',
      placedBy: 'ana',
      placedAt: new Date(nowMs),
      until: null,
    });
    expect(await listHolds(control.admin, one.id)).toHaveLength(1);
    expect(await listHolds(control.admin, other.id)).toEqual([]);
  });
});
