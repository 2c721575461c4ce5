import { RingfenceError } from '../../manifest/index.js';
import { backUpAndVerify, lastVerifiedBackup } from '../backups/backup-tenant.js';
import { ensureCell, wakeCell } from '../cells/cells-up.js';
import { mendCell, readCellDrift } from '../cells/repair-cell.js';
import { recordBegun } from '../deployments/record-deployment.js';
import { endDeployment, recordApplied } from '../deployments/store.js';
import { deployStack } from '../engine/run/stack-run.js';
import { refuseKeysAbroad } from '../keys/refuse-keys-abroad.js';
import type { OperationTable, Step } from '../operation/step.js';
import { settleTenant } from '../placements/settle-tenant.js';
import { enterState } from '../tenants/enter-state.js';
import { refuseNewerHome } from '../tenants/newer-home.js';
import { inhabitedCells } from '../tenants/placements.js';
import { type RegisteredTenant, recordDeployed } from '../tenants/store.js';
import { setStateInCell } from '../tenants/suspend.js';
import { bringRowsBack } from './bring-rows-back.js';
import type { DeploymentKind, DeploymentRequest, Provisioning } from './deployment.js';
import { proveIsolation } from './prove-isolation.js';
import { deployedRun, inputsHash, tenantStackHash } from './tenant-run.js';

type DeploymentTable = OperationTable<DeploymentRequest, Provisioning>;

/** Settles the tenant's place: finds or makes its cell, and records it. */
const settle: DeploymentTable['prepare'] = {
  name: 'cell',
  points: ['cell-recorded', 'server-started', 'cell-database-prepared', 'cell-deployed'],
  run: async (runtime, { manifest, options }) => {
    const { cell, registered: tenant } = await settleTenant(runtime.control, manifest.tenant, (request) =>
      ensureCell(runtime, request, options.onChange),
    );
    await mendCell(runtime, cell.name, (difference) => options.onMended?.(difference));
    for (const further of inhabitedCells(tenant).slice(1)) await wakeCell(runtime, further);
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

const deploy: Step<Provisioning> = {
  name: 'deploy',
  points: ['backup-scheduled', 'tenant-key-created', 'tenant-enrolled', 'quota-set'],
  run: async (runtime, provisioning, { id: operation, recover }) => {
    const { manifest, options, tenant, found } = provisioning;
    const startedMs = performance.now();
    await refuseNewerHome(runtime, tenant);
    await refuseKeysAbroad(runtime, manifest.tenant, inhabitedCells(tenant));
    const subject = { tenantId: tenant.id };
    const number = await recordBegun(runtime, subject, {
      inputs: manifest.tenant,
      inputsHash: inputsHash(manifest, tenant),
      why: options.why,
      operation,
    });
    provisioning.deployment = number;
    const { tenantIds } = await readCellDrift(runtime, tenant.cell);
    const outputs = await deployStack(await runtime.stackRunner(), {
      ...deployedRun(manifest.tenant, tenant, { number }),
      recover,
      // An inspection of its home does not tell whether it is closed elsewhere.
      refresh: options.refresh === true || tenantIds.has(tenant.id) || inhabitedCells(tenant).length > 1,
      ...(options.onChange ? { onChange: options.onChange } : {}),
    });
    found.deployMs = Math.round(performance.now() - startedMs);
    found.connection = {
      host: String(outputs.host),
      port: Number(outputs.port),
      database: String(outputs.database),
      user: typeof outputs.user === 'string' ? outputs.user : null,
    };
    await recordApplied(runtime.control, subject, number);
  },
};

/** Opens a tenant that a killed run had suspended again: isolation cannot be proved while nobody may enter. */
const admit: Step<Provisioning> = {
  name: 'admit',
  isQuiet: true,
  run: async (runtime, { tenant, options: { suspendAgain } }) => {
    if (suspendAgain) await setStateInCell(runtime, tenant, 'active', suspendAgain);
  },
};

const prove: Step<Provisioning> = {
  name: 'prove',
  run: async (runtime, { manifest, tenant, found }) => {
    found.isolation = await proveIsolation(runtime, manifest, tenant);
  },
};

const restore: Step<Provisioning> = {
  name: 'restore',
  run: async (runtime, { tenant, options: { rows } }) => {
    if (rows) await bringRowsBack(runtime, tenant, rows);
  },
};

const backup: Step<Provisioning> = {
  name: 'backup',
  points: ['backup-begun', 'backup-stored', 'backup-verified'],
  run: async (runtime, { tenant, found }) => {
    found.backup = await backUpAndVerify(runtime, tenant);
  },
};

/** For a tenant that was deployed before; its schedule takes the next one. */
const backupWhereNone: Step<Provisioning> = {
  name: 'backup',
  run: async (runtime, { tenant, found }) => {
    const last = await lastVerifiedBackup(runtime, tenant.id);
    found.backup = last ? null : await backUpAndVerify(runtime, tenant);
  },
};

const suspendAgain: Step<Provisioning> = {
  name: 'suspend',
  isQuiet: true,
  run: async (runtime, { tenant, options }) => {
    if (options.suspendAgain) await setStateInCell(runtime, tenant, 'suspended', options.suspendAgain);
  },
};

/** From the same moment on the tenant counts as deployed this way. */
const conclude: DeploymentTable['conclude'] = async (runtime, provisioning, client) => {
  const { manifest, options, tenant, deployment } = provisioning;
  await recordDeployed(client, tenant.id, manifest.tenant);
  if (options.suspendAgain) await enterState(client, tenant.id, 'suspended');
  if (deployment === undefined) return;
  const checkpointHash = await tenantStackHash(runtime, tenant.slug);
  await endDeployment(client, { tenantId: tenant.id }, deployment, { outcome: 'done', checkpointHash });
};

const fail: DeploymentTable['fail'] = async ({ control }, { tenant, deployment }, errorCode) => {
  if (deployment === undefined) return;
  await endDeployment(control, { tenantId: tenant.id }, deployment, { outcome: 'failed', errorCode });
};

const tableOf = (kind: DeploymentKind, steps: readonly Step<Provisioning>[]): DeploymentTable => ({
  kind,
  prepare: settle,
  steps,
  conclude,
  fail,
});

export const DEPLOYMENTS: Readonly<Record<DeploymentKind, DeploymentTable>> = {
  add: tableOf('add', [deploy, prove, backup]),
  apply: tableOf('apply', [deploy, prove, backupWhereNone]),
  'restore-removed': tableOf('restore-removed', [deploy, admit, prove, restore, backup, suspendAgain]),
};
