import type { SuiteCase } from '../../isolation/suite/case.js';
import { held, leaked } from '../../isolation/suite/judge.js';
import { probeKeys } from '../keys/probe-keys.js';
import type { Runtime } from '../runtime.js';
import { listTenants } from '../tenants/store.js';

/** Cases that open the cell's rows with the keys of the control database. */
export const keyCases = (runtime: Runtime, cell: string): SuiteCase[] => [
  {
    id: 'wrong-key/deployed/rows-open',
    isolation: [24],
    tried: 'Opening sealed values of every column of every tenant of the cell, with the tenant’s own keys',
    expected: 'each opens',
    run: async () => {
      let opened = 0;
      for (const tenant of await listTenants(runtime.control)) {
        if (tenant.cell !== cell || tenant.deployedAt === null) continue;
        const probe = await probeKeys(runtime, tenant);
        const [first] = probe.refused;
        if (first)
          return leaked(
            `${tenant.slug}: no key opens ${first.column}, which asks for version ${first.keyVersion}`,
          );
        opened += probe.opened;
      }
      return held(`${opened} values opened`);
    },
  },
];
