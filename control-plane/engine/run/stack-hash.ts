import { createHash } from 'node:crypto';
import { checkpointPath } from '../../project/state/stack-files.js';
import type { StateStore } from '../../project/state/state-store.js';

/** The fields of a resource in the engine's checkpoint that count. The place, time and order of its declaration do not. */
interface KnownResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly protect?: boolean;
  readonly delete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** `<urn>::<id>`. */
  readonly provider?: string;
}

interface Checkpoint {
  readonly checkpoint?: {
    readonly latest?: {
      readonly resources?: readonly KnownResource[];
      readonly pending_operations?: readonly unknown[];
    };
  };
}

/**
 * SHA-256, in hex, of the engine's knowledge of a stack's resources. A run or a refresh that changes nothing leaves it the
 * same; `pulumi destroy`, `state delete` and `state unprotect` change it. Undefined without such a stack, and where its
 * state cannot be read.
 */
export const stackHash = async (state: StateStore, stack: string): Promise<string | undefined> => {
  const latest = await latestOf(state, stack);
  if (!latest?.resources) return undefined;
  const resources = latest.resources
    .filter(({ type }) => !type.startsWith('pulumi:'))
    .map((known) => [known.urn, known.id, known.protect, known.delete, known.outputs])
    .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));
  const pending = latest.pending_operations?.length ?? 0;
  return createHash('sha256')
    .update(JSON.stringify([resources, pending]))
    .digest('hex');
};

/** The engine's knowledge of a stack's resources, secrets sealed. Undefined as for `stackHash`. */
export const stackResources = async (
  state: StateStore,
  stack: string,
): Promise<readonly KnownResource[] | undefined> =>
  (await latestOf(state, stack))?.resources?.filter((resource) => resource.delete !== true);

const latestOf = async (state: StateStore, stack: string) => {
  const text = await state.read(checkpointPath(stack));
  return text === undefined ? undefined : parse(text)?.checkpoint?.latest;
};

/** A torn one is repaired by the next deployment. */
const parse = (text: string): Checkpoint | undefined => {
  try {
    return JSON.parse(text) as Checkpoint;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};
