import { RingfenceError } from '../../manifest/index.js';
import { backUpAndVerify, lastVerifiedBackup } from '../backups/backup-tenant.js';
import { ensureCell } from '../cells/cells-up.js';
import { mendCell, readCellDrift } from '../cells/repair-cell.js';
import { deployStack } from '../engine/run/stack-run.js';
import type { OperationTable, Step } from '../operation/step.js';
import { settleTenant } from '../placements/settle-tenant.js';
import { enterState } from '../tenants/enter-state.js';
import { type RegisteredTenant, recordDeployment, recordManifest } from '../tenants/store.js';
import { setStateInCell } from '../tenants/suspend.js';
import { bringRowsBack } from './bring-rows-back.js';
import type { Deployment, DeploymentKind, DeploymentRequest } from './deployment.js';
import { proveIsolation } from './prove-isolation.js';
import { inputsHash, tenantRun, tenantStackHash } from './tenant-run.js';

type DeploymentTable = OperationTable<DeploymentRequest, Deployment>;

/** The tenant's place: its cell, which is made where it does not exist yet, and its record. */
const settle: DeploymentTable['prepare'] = {
  name: 'cell',
  points: ['cell-recorded', 'server-started', 'cell-database-prepared', 'cell-deployed'],
  run: async (runtime, { manifest, options }) => {
    const { cell, registered: tenant } = await settleTenant(runtime.control, manifest.tenant, (request) =>
      ensureCell(runtime, request, options.onChange),
    );
    await mendCell(runtime, cell.name, (difference) => options.onMended?.(difference));
    refuseClosed(tenant);
    return { manifest, options, cell, tenant, found: {} };
  },
};

/** Its isolation cannot be proved while nobody may enter. */
const refuseClosed = ({ slug, state }: RegisteredTenant): void => {
  if (state === 'removing')
    throw new RingfenceError('conflict', `tenant ${slug} is being removed`, {
      fix: `finish that with \`ringfence tenants remove ${slug}\`, then \`ringfence tenants restore-removed ${slug}\` brings it back`,
    });
  if (state !== 'suspended') return;
  throw new RingfenceError('conflict', `tenant ${slug} is suspended`, {
    fix: `let it in again first with \`ringfence tenants resume ${slug} --reason ...\``,
  });
};

const deploy: Step<Deployment> = {
  name: 'deploy',
  points: ['backup-scheduled', 'tenant-key-created', 'tenant-enrolled', 'quota-set'],
  run: async (runtime, { manifest, options, tenant, found }, { recover }) => {
    const startedMs = performance.now();
    const where = { cell: tenant.cell, cellIsUp: true, tenantId: tenant.id };
    const { tenantIds } = await readCellDrift(runtime, tenant.cell);
    const outputs = await deployStack(await runtime.stackRunner(), {
      ...tenantRun(manifest.tenant, where),
      recover,
      refresh: tenantIds.has(tenant.id),
      ...(options.onChange ? { onChange: options.onChange } : {}),
    });
    found.deployMs = Math.round(performance.now() - startedMs);
    found.connection = {
      host: String(outputs.host),
      port: Number(outputs.port),
      database: String(outputs.database),
      user: typeof outputs.user === 'string' ? outputs.user : null,
    };
    await recordManifest(runtime.control, tenant.id, manifest.tenant);
  },
};

/** What a run that was killed had suspended again: isolation is not proved while nobody may enter. */
const admit: Step<Deployment> = {
  name: 'admit',
  isQuiet: true,
  run: async (runtime, { tenant, options: { suspendAgain } }) => {
    if (suspendAgain) await setStateInCell(runtime, tenant, 'active', suspendAgain);
  },
};

const prove: Step<Deployment> = {
  name: 'prove',
  run: async (runtime, { manifest, tenant, found }) => {
    found.isolation = await proveIsolation(runtime, manifest, tenant);
  },
};

const restore: Step<Deployment> = {
  name: 'restore',
  run: async (runtime, { tenant, options: { rows } }) => {
    if (rows) await bringRowsBack(runtime, tenant, rows);
  },
};

const backup: Step<Deployment> = {
  name: 'backup',
  points: ['backup-begun', 'backup-stored', 'backup-verified'],
  run: async (runtime, { tenant, found }) => {
    found.backup = await backUpAndVerify(runtime, tenant);
  },
};

/** Of one that was deployed before, whose schedule takes the next. */
const backupWhereNone: Step<Deployment> = {
  name: 'backup',
  run: async (runtime, { tenant, found }) => {
    const last = await lastVerifiedBackup(runtime, tenant.id);
    found.backup = last ? null : await backUpAndVerify(runtime, tenant);
  },
};

const suspendAgain: Step<Deployment> = {
  name: 'suspend',
  isQuiet: true,
  run: async (runtime, { tenant, options }) => {
    if (options.suspendAgain) await setStateInCell(runtime, tenant, 'suspended', options.suspendAgain);
  },
};

const conclude: DeploymentTable['conclude'] = async (runtime, { manifest, options, tenant }, client) => {
  await recordDeployment(client, tenant.id, {
    inputsHash: inputsHash(manifest, tenant.cell),
    stackHash: tenantStackHash(runtime, tenant.slug),
    security: manifest.tenant.security,
    sla: manifest.tenant.sla,
  });
  if (options.suspendAgain) await enterState(client, tenant.id, 'suspended');
};

const tableOf = (kind: DeploymentKind, steps: readonly Step<Deployment>[]): DeploymentTable => ({
  kind,
  prepare: settle,
  steps,
  conclude,
});

export const DEPLOYMENTS: Readonly<Record<DeploymentKind, DeploymentTable>> = {
  add: tableOf('add', [deploy, prove, backup]),
  apply: tableOf('apply', [deploy, prove, backupWhereNone]),
  'restore-removed': tableOf('restore-removed', [deploy, admit, prove, restore, backup, suspendAgain]),
};
