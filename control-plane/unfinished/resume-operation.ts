import { RingfenceError } from '../../core/errors.js';
import type { LoadedManifest } from '../../manifest/index.js';
import { eraseTenant } from '../erasure/erase-tenant.js';
import { moveTenant } from '../moves/move-tenant.js';
import { rollbackMove } from '../moves/rollback-move.js';
import { findOpenMove } from '../moves/store.js';
import type { OperationRecord } from '../operation/history.js';
import type { OperationKind } from '../operation/kinds.js';
import { deployTenant } from '../provisioning/deploy-tenant.js';
import type { DeploymentOptions } from '../provisioning/deployment.js';
import { restoreRemoved } from '../provisioning/restore-removed.js';
import { removeTenant } from '../removal/remove-tenant.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { getUnfinished } from './get-unfinished.js';

export interface Resumption extends Pick<DeploymentOptions, 'onStep' | 'onChange' | 'onMended'> {
  /** The manifest of a tenant, as the project has it now. */
  readonly manifestOf: (slug: string) => Promise<LoadedManifest>;
}

const MOVE_DEFAULTS = { windowHours: 24, drainMs: 1_000 };

type UseCase = (runtime: Runtime, slug: string, resumption: Resumption) => Promise<unknown>;

const deploy =
  (kind: 'add' | 'apply'): UseCase =>
  async (runtime, slug, { manifestOf, ...told }) =>
    deployTenant(runtime, await manifestOf(slug), { kind, ...told });

/** The use cases of the kinds whose input is kept. */
const USE_CASES: Partial<Record<OperationKind, UseCase>> = {
  add: deploy('add'),
  apply: deploy('apply'),
  'restore-removed': async (runtime, slug, { manifestOf, ...told }) =>
    restoreRemoved(runtime, await manifestOf(slug), told),
  remove: removeTenant,
  // How it was begun is recorded; what has a default has it again.
  move: async (runtime, slug, { onStep }) => {
    await requireRecorded(runtime, slug);
    return moveTenant(runtime, { slug, ...MOVE_DEFAULTS }, onStep);
  },
  'rollback-move': (runtime, slug, { onStep }) => rollbackMove(runtime, { slug, ...MOVE_DEFAULTS }, onStep),
  erase: eraseTenant,
};

/** A run that was killed before it recorded the move has left no word of where the tenant was to go. */
const requireRecorded = async ({ control }: Runtime, slug: string): Promise<void> => {
  const { id } = await getTenant(control, slug);
  if (await findOpenMove(control, id)) return;
  throw new RingfenceError('conflict', `where tenant ${slug} was to move is not kept; nothing was done yet`, {
    fix: `type \`ringfence tenants move ${slug}\` again, with where it is to live`,
  });
};

/** The commands for the kinds whose input is not kept. */
const AGAIN: Partial<Record<OperationKind, (slug: string) => string>> = {
  restore: (slug) =>
    `its rows came back all or none: type \`ringfence backups restore ${slug}\` again, with the options that it had; where a cell was being restored, \`ringfence cells restore\``,
  'add-placement': (slug) => `type \`ringfence placements add ${slug}\` again, with its cell`,
  'withdraw-placement': (slug) => `type \`ringfence placements withdraw ${slug}\` again, with its cell`,
  'rehearse-move': (slug) =>
    `type it again: \`ringfence tenants move ${slug} --rehearse\`, with its destination`,
  import: (slug) =>
    `its rows came in all or none: type \`ringfence tenants import ${slug}\` again, with the file that it had; rows that are there already stay as they are`,
};

/**
 * Goes on with a killed or failed operation by the use case of its command. It begins at its first step.
 * @throws RingfenceError as `getUnfinished`; `conflict` for a kind whose input is not kept, naming the command to type
 * again; what the use case throws.
 */
export const resumeOperation = async (
  runtime: Runtime,
  id: string,
  resumption: Resumption,
): Promise<OperationRecord> => {
  const operation = await getUnfinished(runtime, id);
  const { kind, slug } = operation;
  const useCase = USE_CASES[kind];
  const again = AGAIN[kind]?.(slug);
  if (!useCase)
    throw new RingfenceError(
      'conflict',
      `what operation ${operation.id} (${kind} of ${slug}) was given is not kept`,
      {
        ...(again === undefined ? {} : { fix: again }),
      },
    );
  await useCase(runtime, slug, resumption);
  return operation;
};
