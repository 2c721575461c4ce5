import { join } from 'node:path';
import { asAdministrator, openPool, withConnection } from '../../../data-plane/database/connect.js';
import { runningLocalServer } from '../../../data-plane/database/server/local-server.js';
import { localKeyring } from '../../../data-plane/keys/local-keyring.js';
import { assertKeysFit, probeFields } from '../../../data-plane/keys/rotation/probe-fields.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { usingKeyVersions } from '../../../data-plane/keys/using-keys.js';
import { CELL_DATABASE } from '../../../stacks/names.js';
import { wrappedKeys } from '../../keys/store.js';
import { CONTROL_DATABASE, controlDir } from '../../project/control-database.js';
import { listTenants } from '../../tenants/store.js';
import type { Check } from '../types.js';

/** A look is some 20 ms a tenant. */
const TENANTS_MAX = 25;

/**
 * Whether the keys that the control database has are those that rows were sealed with, in local cells that run. A control database
 * that was brought back to before a rotation is found here.
 */
export const checkRows: Check = async ({ project }) => {
  const name = 'rows';
  const server = runningLocalServer(controlDir(project));
  if (!server) return { name, status: 'ok', detail: 'the control database does not run: nothing was opened' };
  const control = openPool({ ...server, database: CONTROL_DATABASE }, { max: 1, name: 'ringfence doctor' });
  const store = wrappedKeys(control);
  const keys = tenantKeys({ root: localKeyring(join(project.home, 'keyring')), store });
  try {
    const deployed = (await listTenants(control))
      .filter(({ deployedAt }) => deployedAt !== null)
      .sort((a, b) => Number(b.deployedAt) - Number(a.deployedAt));
    let opened = 0;
    for (const tenant of deployed.slice(0, TENANTS_MAX)) {
      const cell = runningLocalServer(join(project.home, 'cells', tenant.cell));
      if (!cell) continue;
      const probe = await usingKeyVersions(keys, store, tenant.id, (versions) =>
        withConnection(asAdministrator({ ...cell, database: CELL_DATABASE }), (client) =>
          probeFields(client, tenant.id, versions),
        ),
      );
      assertKeysFit(probe);
      opened += probe.opened;
    }
    const looked = Math.min(deployed.length, TENANTS_MAX);
    return {
      name,
      status: 'ok',
      detail: `${opened} sealed values of ${looked} of ${deployed.length} tenants were opened`,
    };
  } finally {
    keys.close();
    await control.end();
  }
};
