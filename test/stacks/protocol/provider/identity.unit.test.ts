import { expect, test } from 'vitest';
import type { Target } from '../../../../stacks/protocol/provider/dependencies.js';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import { ringfenceProvider } from '../../../../stacks/protocol/provider/ringfence-provider.js';

const { resources } = ringfenceProvider({} as Target);
const OF_CELL = { cell: 'another' };
const OF_TENANT = { tenantId: '0d5b1d5e-6a55-4d0b-8a3b-0d6d3c1e7f22' };
const STATE = { cell: 'one', tenantId: '5f0c8a52-2f7e-4a0f-9d0a-6f4f1b6f9d11' };

const OTHERS: Readonly<Record<string, readonly Properties[]>> = {
  BackupSchedule: [OF_TENANT],
  CellDatabase: [OF_CELL],
  LocalReplica: [OF_CELL],
  LocalServer: [OF_CELL],
  RootKey: [OF_CELL],
  ServerSettings: [OF_CELL],
  TenantEnrolment: [OF_CELL, OF_TENANT],
  // Wrapped for each of the tenant's cells.
  TenantKey: [OF_TENANT],
  TenantLogin: [OF_CELL, OF_TENANT],
  TenantQuota: [OF_CELL, OF_TENANT],
};

test('no resource is replaced because the program names another cell or tenant', () => {
  expect(Object.keys(resources)).toEqual(Object.keys(OTHERS).map((type) => `ringfence:index:${type}`));
  for (const [type, others] of Object.entries(OTHERS))
    for (const other of others)
      expect(() => resources[`ringfence:index:${type}`]?.diff(STATE, { ...STATE, ...other }), type).toThrow(
        'nothing that may have rows is replaced',
      );
});
