import { RingfenceError } from '../../core/errors.js';
import { wakeCell } from '../cells/cells-up.js';
import { erasureFolder } from '../control-backup/signing-key.js';
import { refuseOnHold } from '../holds/refuse-on-hold.js';
import { runOperation } from '../operation/run-operation.js';
import { withLock } from '../project/lock.js';
import type { Runtime } from '../runtime.js';
import { type Erasure, findDoneErasure, findOpenErasure } from '../tenants/erasures.js';
import { findTenant, getKnownTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { writeCertificate } from './certify.js';
import { eraseAgain } from './erase-again.js';
import { ERASURE } from './steps.js';
import type { OpenErasure } from './subject.js';

export interface ErasureOptions {
  readonly onStep?: (step: string) => void;
}

/**
 * Carries out an erasure that is due, or goes on with one that was begun. Then searches every place for the tenant, and
 * certifies the result. Converges after a kill at any point. For an erased tenant it returns that erasure.
 *
 * @throws RingfenceError `erasure_held`; `conflict` before it is due; `erasure_incomplete`, naming what is left;
 * `erasure_not_found` when nobody asked for it.
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

/** Under the lock nobody rotates the key: a rotation would make a new one. */
const carryOut = (runtime: Runtime, erasure: OpenErasure, options: ErasureOptions): Promise<Erasure> =>
  withLock(
    runtime.control,
    `keys/${erasure.slug}`,
    async () => {
      const { tenantId, slug } = erasure;
      await refuseOnHold(runtime, { tenantId, slug }, 'erase');
      if (erasure.state === 'waiting' && erasure.dueAt > runtime.now())
        throw new RingfenceError(
          'conflict',
          `the erasure of tenant ${slug} is due on ${erasure.dueAt.toISOString()}`,
          {
            fix: `run it then, or take it back with \`ringfence tenants erase ${slug} --cancel --reason ...\``,
          },
        );
      for (const cell of erasure.cells) await wakeCell(runtime, cell);
      const { erased } = await runOperation(runtime, ERASURE, erasure, options.onStep);
      if (!erased) throw new RingfenceError('internal', `erasure ${erasure.id} was not recorded`);
      return erased;
    },
    () =>
      new RingfenceError('tenant_busy', `another run rotates the key of tenant ${erasure.slug}`, {
        fix: 'wait until it ends',
      }),
  );
