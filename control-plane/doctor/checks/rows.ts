import { join } from 'node:path';
import type pg from 'pg';
import { CELL_DATABASE } from '../../../data-plane/database/cell-database.js';
import { asAdministrator, withConnection } from '../../../data-plane/database/connect.js';
import { runningLocalServer } from '../../../data-plane/database/server/local-server.js';
import type { KeyRoot } from '../../../data-plane/keys/key-root.js';
import { assertKeysFit, probeFields } from '../../../data-plane/keys/rotation/probe-fields.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { usingKeyVersions } from '../../../data-plane/keys/using-keys.js';
import { everyKeyRoot } from '../../../targets/index.js';
import { wrappedKeys } from '../../keys/store.js';
import type { Project } from '../../project/project.js';
import { listTenants } from '../../tenants/store.js';
import type { Check, DoctorCheck } from '../types.js';
import { describeNotLookedAt, findLocalCells, hasStopped, START_FIX } from './find-local-cells.js';
import { withControl } from './with-control.js';

/** Each tenant takes some 20 ms. */
const TENANTS_MAX = 25;
const NAME = 'rows';

/**
 * Checks in running local cells that the control database has the keys that sealed the rows. Finds a control database from
 * before a key rotation.
 */
export const checkRows: Check = ({ project, env }) => {
  const root = everyKeyRoot({ home: project.home, env, reached: () => undefined, say: () => undefined });
  return withControl({ project, env }, NAME, 'nothing was opened', (control) =>
    openSome(control, project, root),
  );
};

const openSome = async (control: pg.Pool, project: Project, root: KeyRoot): Promise<DoctorCheck> => {
  const store = wrappedKeys(control);
  const keys = tenantKeys({ root, store });
  try {
    const deployed = (await listTenants(control))
      .filter(({ deployedAt }) => deployedAt !== null)
      .sort((a, b) => Number(b.deployedAt) - Number(a.deployedAt));
    let opened = 0;
    let looked = 0;
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
      looked++;
    }
    const cells = await findLocalCells(control, project);
    const detail = `${opened} sealed values of ${looked} of ${deployed.length} tenants were opened${describeNotLookedAt(cells)}`;
    return hasStopped(cells)
      ? { name: NAME, status: 'warn', detail, fix: START_FIX }
      : { name: NAME, status: 'ok', detail };
  } finally {
    keys.close();
  }
};
