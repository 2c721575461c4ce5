import { RingfenceError } from '../../core/errors.js';
import { inTransaction } from '../../data-plane/database/connect.js';
import { wakeCell } from '../cells/cells-up.js';
import { noteErasure } from '../control-backup/erasure-notes.js';
import { erasureFolder } from '../control-backup/signing-key.js';
import { refuseHeld } from '../holds/refuse-held.js';
import { recordOperation } from '../operation/record-operation.js';
import { recordStep } from '../operation/store.js';
import { withLock } from '../project/lock.js';
import type { Runtime } from '../runtime.js';
import {
  type Erasure,
  findDoneErasure,
  findOpenErasure,
  recordErased,
  recordErasureBegun,
} from '../tenants/erasures.js';
import { findTenant, getKnownTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { certify, writeCertificate } from './certify.js';
import { eraseAgain } from './erase-again.js';
import { takeInventory } from './inventory.js';
import { lookForRemains } from './look.js';
import { stopUse } from './request-erasure.js';
import { ERASURE_STEPS, type ErasureStep } from './steps.js';
import type { OpenErasure } from './subject.js';

export interface ErasureOptions {
  readonly onStep?: (step: ErasureStep['name'] | 'look' | 'certify') => void;
}

/**
 * Carries out an erasure that is due, or goes on with one that was begun. Everything that could be found of the tenant
 * is looked for afterwards, and a certificate says so. Converges from wherever a run was killed; for a tenant that is
 * erased already, it returns that erasure.
 *
 * @throws RingfenceError `erasure_held`; `conflict` before it is due; `erasure_incomplete`, naming what is left;
 *   `erasure_not_found` when nobody asked for it.
 */
export const eraseTenant = (runtime: Runtime, slug: string, options: ErasureOptions = {}): Promise<Erasure> =>
  withTenant(runtime, slug, async () => {
    const open = await findOpenErasure(runtime.control, slug);
    const erased = open
      ? await carryOut(runtime, { ...open, slug }, options)
      : await alreadyErased(runtime, slug);
    if (erased.certificate) writeCertificate(erased.certificate, erasureFolder(runtime.project));
    runtime.reached('certificate-written');
    return erased;
  });

const alreadyErased = async (runtime: Runtime, slug: string): Promise<Erasure> => {
  const { control } = runtime;
  const done = (await findTenant(control, slug)) ? undefined : await findDoneErasure(control, slug);
  if (done) {
    // An older copy of a part may have brought something back.
    await eraseAgain(runtime);
    return done;
  }
  await getKnownTenant(control, slug);
  throw new RingfenceError('erasure_not_found', `no erasure of tenant ${slug} is asked for`, {
    fix: `ask for it with \`ringfence tenants erase ${slug} --reason ...\``,
  });
};

/** Nobody rotates its key meanwhile, which would make one anew. */
const carryOut = (runtime: Runtime, erasure: OpenErasure, options: ErasureOptions): Promise<Erasure> =>
  withLock(
    runtime.control,
    `keys/${erasure.slug}`,
    async () => {
      const { tenantId, slug } = erasure;
      await refuseHeld(runtime, { tenantId, slug }, 'erase');
      if (erasure.state === 'waiting' && erasure.dueAt > runtime.now())
        throw new RingfenceError(
          'conflict',
          `the erasure of tenant ${slug} is due on ${erasure.dueAt.toISOString()}`,
          {
            fix: `run it then, or take it back with \`ringfence tenants erase ${slug} --cancel --reason ...\``,
          },
        );
      for (const cell of erasure.cells) await wakeCell(runtime, cell);
      return recordOperation(runtime, { tenantId, slug, kind: 'erase' }, (operation) =>
        takeSteps(runtime, erasure, {
          ...options,
          onStep: async (step) => {
            options.onStep?.(step);
            await recordStep(runtime.control, operation, step);
          },
        }),
      );
    },
    () =>
      new RingfenceError('tenant_busy', `another run rotates the key of tenant ${erasure.slug}`, {
        fix: 'wait until it ends',
      }),
  );

const takeSteps = async (
  runtime: Runtime,
  asked: OpenErasure,
  options: {
    readonly onStep: (step: ErasureStep['name'] | 'look' | 'certify') => Promise<void>;
  },
): Promise<Erasure> => {
  const { control } = runtime;
  const { slug } = asked;
  // A request whose run was killed has not suspended the tenant yet.
  if (!asked.useStoppedAt) await stopUse(runtime, await getKnownTenant(control, slug), asked);
  const inventory = asked.inventory ?? (await takeInventory(runtime, asked));
  const erasure = { ...(await recordErasureBegun(control, asked.id, inventory)), slug };
  runtime.reached('erasure-begun');
  for (const step of ERASURE_STEPS) {
    await options.onStep(step.name);
    await step.run(runtime, erasure);
    runtime.reached(`erased-${step.name}`);
  }
  await options.onStep('look');
  const checks = await lookForRemains(runtime, erasure);
  await options.onStep('certify');
  const certificate = await certify(runtime, erasure, checks);
  runtime.reached('erasure-certified');
  const client = await control.connect();
  const erased = await inTransaction(client, async () => {
    const recorded = await recordErased(client, erasure, certificate);
    // Before it counts: an older control database must not bring back what this one says is gone.
    await noteErasure(runtime, client, recorded.id);
    return recorded;
  }).finally(() => client.release());
  runtime.reached('erasure-recorded');
  return erased;
};
