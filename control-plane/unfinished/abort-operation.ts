import { RingfenceError } from '../../core/errors.js';
import { RESTORE } from '../backups/restore-in-place.js';
import { ERASURE } from '../erasure/steps.js';
import { ADD_PLACEMENT } from '../moves/add-placement.js';
import { MOVE } from '../moves/move-tenant.js';
import { MOVE_REHEARSAL } from '../moves/rehearse-move.js';
import { ROLLBACK } from '../moves/rollback-move.js';
import { WITHDRAW_PLACEMENT } from '../moves/withdraw-placement.js';
import { listOpenSteps, type OperationRecord } from '../operation/history.js';
import type { OperationKind } from '../operation/kinds.js';
import type { Step } from '../operation/step.js';
import { recordAborted, recordStep } from '../operation/store.js';
import { DEPLOYMENTS } from '../provisioning/deployment-steps.js';
import { REMOVAL } from '../removal/removal-steps.js';
import type { Runtime } from '../runtime.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { IMPORT } from '../transfer/import-steps.js';
import { getUnfinished, triesOfMove } from './get-unfinished.js';

type Undoable = Pick<Step<never>, 'name' | 'undo'>;

const STEPS: Partial<Record<OperationKind, readonly Undoable[]>> = {
  add: DEPLOYMENTS.add.steps,
  apply: DEPLOYMENTS.apply.steps,
  'restore-removed': DEPLOYMENTS['restore-removed'].steps,
  remove: REMOVAL.steps,
  'add-placement': ADD_PLACEMENT.steps,
  'withdraw-placement': WITHDRAW_PLACEMENT.steps,
  move: MOVE.steps,
  'rehearse-move': MOVE_REHEARSAL.steps,
  'rollback-move': ROLLBACK.steps,
  restore: RESTORE.steps,
  import: IMPORT.steps,
  erase: ERASURE.steps,
};

const resume = ({ id }: OperationRecord): string => `go on with it by \`ringfence operations resume ${id}\``;
const removed = ({ slug }: OperationRecord): string =>
  `\`ringfence tenants remove ${slug}\` takes the tenant away`;

/** The command to use instead, where there is no way back. */
const INSTEAD: Partial<Record<OperationKind, (operation: OperationRecord) => string>> = {
  add: (operation) => `${resume(operation)}; ${removed(operation)}`,
  apply: (operation) => `${resume(operation)}, or put the earlier manifest back and apply that`,
  'restore-removed': (operation) => `${resume(operation)}; ${removed(operation)}`,
  remove: (operation) =>
    `${resume(operation)}; \`ringfence tenants restore-removed ${operation.slug}\` then brings every row back`,
  'add-placement': ({ slug }) =>
    `\`ringfence placements withdraw ${slug} <cell>\` takes it out of the cell again`,
  'withdraw-placement': ({ slug }) =>
    `type \`ringfence placements withdraw ${slug} <cell>\` again, then \`ringfence placements add\``,
  move: (operation) =>
    `${resume(operation)}; the home has switched, and \`ringfence operations rollback ${operation.id}\` then brings the tenant back`,
  'rollback-move': resume,
  erase: (operation) => `what is erased does not come back: ${resume(operation)}`,
  restore: ({ slug }) =>
    `it changed all of its rows or none: \`ringfence backups restore ${slug} --dry-run\` with its options says which`,
  import: ({ slug }) =>
    `it brought all of its rows in or none: \`ringfence tenants import ${slug} --dry-run\` with its file says which`,
};

/**
 * Gives up a killed or failed operation and undoes its steps, the last one first. An operation can be aborted while each
 * begun step can be undone; a broken-off step counts, because it may have acted. A killed abort can be run again.
 * @throws RingfenceError as `getUnfinished`; `tenant_busy`; `conflict`, naming what to do instead.
 */
export const abortOperation = async (
  runtime: Runtime,
  id: string,
): Promise<OperationRecord & { readonly undone: readonly string[] }> => {
  const { slug } = await getUnfinished(runtime, id);
  return withTenant(runtime, slug, async () => {
    const { control } = runtime;
    const operation = await getUnfinished(runtime, id);
    const undone: string[] = [];
    for (const { name, undo } of await stepsToUndo(runtime, operation)) {
      await undo(runtime, { slug, operation: operation.id });
      await recordStep(control, operation, name, 'undone');
      undone.push(name);
    }
    await recordAborted(control, operation.id);
    runtime.hasChanged();
    return { ...operation, state: 'aborted', undone };
  });
};

/** Of every try: what an earlier one had begun is undone too. */
const begunSteps = async (runtime: Runtime, operation: OperationRecord): Promise<readonly string[]> => {
  const tries = (await triesOfMove(runtime, operation)).filter(({ kind }) => kind === operation.kind);
  const ids = tries.length === 0 ? [operation.id] : tries.map(({ id }) => id);
  const begun = await Promise.all(ids.map((id) => listOpenSteps(runtime.control, id)));
  return [...new Set(begun.flat())];
};

/** The begun steps, the last of the table first. @throws RingfenceError `conflict` where one has no way back. */
const stepsToUndo = async (
  runtime: Runtime,
  operation: OperationRecord,
): Promise<(Undoable & Required<Pick<Undoable, 'undo'>>)[]> => {
  const { id, kind, slug } = operation;
  const begun = await begunSteps(runtime, operation);
  const known = (STEPS[kind] ?? []).filter(({ name }) => begun.includes(name));
  const undoable = known.flatMap(({ name, undo }) => (undo ? [{ name, undo }] : []));
  if (undoable.length === begun.length) return undoable.reverse();
  const final = begun.filter((step) => !undoable.some(({ name }) => name === step));
  const instead = INSTEAD[kind]?.(operation);
  throw new RingfenceError(
    'conflict',
    `operation ${id} (${kind} of ${slug}) has begun what cannot be undone: ${final.join(', ')}`,
    instead === undefined ? {} : { fix: instead },
  );
};
