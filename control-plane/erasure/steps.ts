import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import type { Check, SignedCertificate } from '../../data-plane/erasure/certificate.js';
import { endSessions, eraseFromCell } from '../../data-plane/erasure/erase-from-cell.js';
import { countInCell } from '../../data-plane/erasure/inspect-cell.js';
import { isKeyCopy } from '../../data-plane/keys/key-copy.js';
import { purgeRehearsal } from '../backups/rehearse-restore.js';
import { noteErasure } from '../control-backup/erasure-notes.js';
import { purgeControlRehearsal } from '../control-backup/rehearse.js';
import { wrappedKeys } from '../keys/store.js';
import type { OperationTable, Step, Subject } from '../operation/step.js';
import type { Runtime } from '../runtime.js';
import { type Erasure, type Inventory, recordErased, recordErasureBegun } from '../tenants/erasures.js';
import { findTenantById, getKnownTenant } from '../tenants/store.js';
import { certify } from './certify.js';
import { findRemains } from './find-remains.js';
import { deleteObjects, listObjects } from './objects.js';
import { manifestFiles, removeFiles } from './remains.js';
import { stopUse } from './request-erasure.js';
import { type OpenErasure, subjectOf } from './subject.js';
import { destroyKey, forgetRoutes, inEachCell, removeStack, type TakeAway } from './take-away.js';

/** Counts the tenant's data before anything is erased. */
const takeInventory = async (runtime: Runtime, erasure: OpenErasure): Promise<Inventory> => {
  const rows: Record<string, number> = {};
  let scratchCopies = 0;
  for (const cell of erasure.cells) {
    const admin = await runtime.target.adminConnection(cell);
    const counts = await withConnection(admin, (client) => countInCell(client, subjectOf(erasure)));
    for (const [table, count] of Object.entries(counts.rows)) rows[table] = (rows[table] ?? 0) + count;
    scratchCopies += counts.scratchCopies;
  }
  const versions = await wrappedKeys(runtime.control).list(erasure.tenantId);
  return {
    rows,
    clinics: erasure.clinicIds.length,
    keyVersions: versions.length,
    objects: (await listObjects(runtime, erasure)).filter(({ key }) => !isKeyCopy(key)).length,
    scratchCopies,
  };
};

/** The context that the steps of an erasure share. Each step writes its findings into it. */
interface Erasing {
  /** Its record goes on the way. */
  readonly tenant: Subject;
  erasure: OpenErasure;
  checks?: readonly Check[];
  certificate?: SignedCertificate;
  erased?: Erasure;
}

/** A step that takes something away. */
const away = (name: string, work: TakeAway, points: readonly string[] = []): Step<Erasing> => ({
  name,
  points,
  run: (runtime, { erasure }) => work(runtime, erasure),
});

/** From here on the erasure cannot be cancelled. Counts the data for the certificate. */
const begin: Step<Erasing> = {
  name: 'begin',
  isQuiet: true,
  run: async (runtime, erasing) => {
    const { control } = runtime;
    const asked = erasing.erasure;
    // A request whose run was killed has not suspended the tenant yet.
    if (!asked.useStoppedAt) await stopUse(runtime, await getKnownTenant(control, asked.slug), asked);
    const inventory = asked.inventory ?? (await takeInventory(runtime, asked));
    erasing.erasure = { ...(await recordErasureBegun(control, asked.id, inventory)), slug: asked.slug };
  },
};

const look: Step<Erasing> = {
  name: 'look',
  run: async (runtime, erasing) => {
    erasing.checks = await findRemains(runtime, erasing.erasure);
  },
};

const certifyErasure: Step<Erasing> = {
  name: 'certify',
  run: async (runtime, erasing) => {
    const { erasure, checks } = erasing;
    if (!checks) throw new RingfenceError('internal', `nothing was looked for after erasure ${erasure.id}`);
    erasing.certificate = await certify(runtime, erasure, checks);
  },
};

/** The key goes before the archives, so that none can be opened meanwhile. */
export const ERASURE: OperationTable<OpenErasure, Erasing> = {
  kind: 'erase',
  prepare: {
    run: async ({ control }, erasure) => {
      const { tenantId: id, slug } = erasure;
      const known = await findTenantById(control, id);
      return { tenant: { id, slug, state: known?.state ?? 'erased' }, erasure };
    },
  },
  steps: [
    begin,
    away('sessions', inEachCell(endSessions)),
    away('stack', removeStack),
    away('rows', inEachCell(eraseFromCell)),
    away('key', destroyKey),
    // Its rows may be on the server of a rehearsal, and its wrapped key on that of the control database; without the key no
    // rehearsal of it begins any more.
    away('rehearsal', async (runtime) => {
      await purgeRehearsal(runtime);
      await purgeControlRehearsal(runtime);
    }),
    away('backups', deleteObjects, ['erased-object-deleted']),
    away('routes', forgetRoutes),
    away('manifest', async ({ project }, { slug }) => removeFiles(manifestFiles(project, slug))),
    look,
    certifyErasure,
  ],
  conclude: async (runtime, erasing, client) => {
    const { erasure, certificate } = erasing;
    if (!certificate) throw new RingfenceError('internal', `erasure ${erasure.id} has no certificate`);
    erasing.erased = await recordErased(client, erasure, certificate);
    // Comes before the erasure counts: an older control database must not bring back what this one says is gone.
    await noteErasure(runtime, client, erasure.id);
  },
};
