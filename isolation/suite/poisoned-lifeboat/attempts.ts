import { RingfenceError } from '../../../core/errors.js';
import { restoreBackup } from '../../../data-plane/backup/tenant/restore/restore.js';
import type { ArchivePlace } from '../../../data-plane/backup/tenant/take.js';
import { verifyBackup } from '../../../data-plane/backup/tenant/verify.js';
import type { Outcome } from '../case.js';
import { digestRows } from '../digest.js';
import { held, leaked, unproven } from '../judge.js';
import { memoryStore } from '../memory-store.js';
import type { Stage } from '../stage.js';
import { type Archive, backUp } from './archives.js';

/** The basis of every case: a backup that does restore. Without it a refusal proves nothing. */
export interface Lifeboat {
  /** Two backups of the attacked tenant, and one of another. */
  readonly first: Archive;
  readonly second: Archive;
  readonly foreign: Archive;
  /** True when the sound backup verifies and restores. */
  readonly restores: boolean;
}

export const lifeboat = (stage: Stage): Promise<Lifeboat> =>
  stage.once('lifeboat', async () => {
    const first = await backUp(stage, stage.a.tenantId);
    const second = await backUp(stage, stage.a.tenantId);
    const foreign = await backUp(stage, stage.b.tenantId);
    const { admin } = stage.target;
    const restores = await verifyBackup({ ...first.place, admin })
      .then(() => restoreBackup({ ...first.place, admin, dryRun: true }))
      .then(() => true)
      .catch(() => false);
    return { first, second, foreign, restores };
  });

const everybody = ({ a, branch, b }: Stage): string[] => [a.clinicId, branch.clinicId, b.clinicId];

const refusal = async (work: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof RingfenceError ? error.code : 'internal';
  }
};

/** Offers an archive to verification and to restore: both must refuse it, and no row may have been written. */
export const mustBeRefused = async (stage: Stage, place: ArchivePlace): Promise<Outcome> => {
  const { admin } = stage.target;
  const before = await digestRows(stage, everybody(stage), { versions: true });
  const verified = await refusal(() => verifyBackup({ ...place, admin }));
  const restored = await refusal(() => restoreBackup({ ...place, admin, dryRun: false }));
  if (verified === undefined || restored === undefined)
    return leaked(restored === undefined ? 'it was restored' : 'it passed the verification');
  if ((await digestRows(stage, everybody(stage), { versions: true })) !== before)
    return leaked('it was refused, but rows were written before');
  return verified === 'backup_refused' && restored === 'backup_refused'
    ? held('refused (backup_refused), every row as it was')
    : unproven(`ended with ${verified} and ${restored}`);
};

/** The same for altered bytes under the place of a sound archive. */
export const bytesMustBeRefused = async (
  stage: Stage,
  place: ArchivePlace,
  variants: readonly Buffer[],
): Promise<Outcome> => {
  if (!(await lifeboat(stage)).restores) return unproven('a sound backup does not restore here either');
  const store = memoryStore();
  const before = await digestRows(stage, everybody(stage), { versions: true });
  let last = held('nothing was tried');
  for (const [at, bytes] of variants.entries()) {
    await store.put(place.objectKey, inOnePart(bytes));
    // Offers all to the verification, and one to the restore as well, which opens archives in the same way.
    const code = await refusal(() => verifyBackup({ ...place, store, admin: stage.target.admin }));
    if (code === undefined) return leaked(`number ${at + 1} of ${variants.length} passed`);
    if (code !== 'backup_refused')
      return unproven(`number ${at + 1} of ${variants.length} ended with ${code}`);
    if (at === 0) last = await mustBeRefused(stage, { ...place, store });
    if (last.verdict !== 'held') return last;
  }
  if ((await digestRows(stage, everybody(stage), { versions: true })) !== before)
    return leaked('refused, but rows were written');
  return variants.length === 1
    ? last
    : held(`${variants.length} tried, all refused (backup_refused), every row as it was`);
};

async function* inOnePart(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
