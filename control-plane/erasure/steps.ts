import { inTransaction } from '../../data-plane/database/connect.js';
import { endSessions, eraseFromCell } from '../../data-plane/erasure/erase-from-cell.js';
import { tenantStack } from '../../stacks/names.js';
import { purgeRehearsal } from '../backups/rehearse-restore.js';
import { outliveAbandonedRun } from '../engine/run/abandoned-run.js';
import { wrappedKeys } from '../keys/store.js';
import { stateDir } from '../project/project.js';
import type { Runtime } from '../runtime.js';
import { findTenant, forgetTenant, recordState } from '../tenants/store.js';
import { deleteObjects } from './objects.js';
import { manifestFiles, removeFiles, removeJobs, stackFiles } from './remains.js';
import { type OpenErasure, subjectOf } from './subject.js';

/** One thing that an erasure does. Each can be done again, whole or from anywhere within. */
export interface ErasureStep {
  readonly name: 'sessions' | 'stack' | 'rows' | 'key' | 'rehearsal' | 'backups' | 'routes' | 'manifest';
  readonly run: (runtime: Runtime, erasure: OpenErasure) => Promise<void>;
}

const inEachCell =
  (work: typeof endSessions | typeof eraseFromCell) =>
  async ({ target }: Runtime, erasure: OpenErasure): Promise<void> => {
    for (const cell of erasure.cells) await work(await target.adminConnection(cell), subjectOf(erasure));
  };

/** What the engine knows goes; what it made is taken away by the steps after this one. */
const removeStack: ErasureStep['run'] = async ({ control, project }, { tenantId, slug }) => {
  const tenant = await findTenant(control, slug);
  if (tenant?.id === tenantId && tenant.state !== 'removed') await recordState(control, tenantId, 'removing');
  await outliveAbandonedRun(stateDir(project), tenantStack(slug));
  removeFiles(stackFiles(project, slug));
};

const destroyKey: ErasureStep['run'] = async ({ control, target }, { tenantId }) => {
  if ((await wrappedKeys(control).list(tenantId)).length > 0) await target.tenantKeys.destroy(tenantId);
};

const forgetRoutes: ErasureStep['run'] = async ({ control }, { tenantId, slug }) => {
  const client = await control.connect();
  try {
    await inTransaction(client, async () => {
      await forgetTenant(client, tenantId);
      await removeJobs(client, slug);
    });
  } finally {
    client.release();
  }
};

/** In the order in which they are done: the key goes before the archives, so that none can be opened meanwhile. */
export const ERASURE_STEPS: readonly ErasureStep[] = [
  { name: 'sessions', run: inEachCell(endSessions) },
  { name: 'stack', run: removeStack },
  { name: 'rows', run: inEachCell(eraseFromCell) },
  { name: 'key', run: destroyKey },
  // Its rows may be on the server of a rehearsal; without the key none begins any more.
  { name: 'rehearsal', run: purgeRehearsal },
  { name: 'backups', run: deleteObjects },
  { name: 'routes', run: forgetRoutes },
  {
    name: 'manifest',
    run: async ({ project }, { slug }) => removeFiles(manifestFiles(project, slug)),
  },
];
