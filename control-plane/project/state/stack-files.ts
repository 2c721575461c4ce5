import { z } from 'zod';
import { PROJECT } from '../../../stacks/names.js';
import type { StateStore } from './state-store.js';

/** The folder of every stack's checkpoint: `<stack>.json`, beside it the one before, `<stack>.json.bak`. */
export const CHECKPOINTS = `stacks/${PROJECT}`;

export const checkpointPath = (stack: string): string => `${CHECKPOINTS}/${stack}.json`;

/** The folders that the engine keeps for one stack alone. */
export const stackFolders = (stack: string) => ({
  history: `history/${PROJECT}/${stack}`,
  backups: `backups/${PROJECT}/${stack}`,
  locks: `locks/organization/${PROJECT}/${stack}`,
});

/** The engine takes 0.1 s for the same answer. Of a stack that was removed, it keeps the last checkpoint as `.json.bak`. */
export const hasStack = async (state: StateStore, stack: string): Promise<boolean> =>
  (await state.names(CHECKPOINTS, `${stack}.json`)).includes(`${stack}.json`);

/** The names of the state's stacks. */
export const listStacks = async (state: StateStore): Promise<string[]> =>
  (await state.names(CHECKPOINTS)).flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []);

/** Who works on a stack, or did when it was killed. */
interface LockHolder {
  readonly pid: number;
  readonly hostname: string;
}

/** The holders that the stack's locks name. One that is gone meanwhile, or torn, names none. */
export const lockHolders = async (state: StateStore, stack: string): Promise<LockHolder[]> => {
  const { locks } = stackFolders(stack);
  const holders: LockHolder[] = [];
  for (const name of await lockNames(state, stack)) {
    const lock = parseLock((await state.read(`${locks}/${name}`)) ?? '');
    if (lock !== undefined) holders.push(lock);
  }
  return holders;
};

const lockSchema = z.object({ pid: z.int(), hostname: z.string() });

const parseLock = (text: string): LockHolder | undefined => {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** False when the stack has no lock and no unfinished operation. The engine takes 0.5 s for the same answer. */
export const mayBeUnfinished = async (state: StateStore, stack: string): Promise<boolean> => {
  if ((await lockNames(state, stack)).length > 0) return true;
  const checkpoint = await state.read(checkpointPath(stack));
  return checkpoint === undefined || checkpoint.includes('"pending_operations"');
};

const lockNames = async (state: StateStore, stack: string): Promise<string[]> =>
  (await state.names(stackFolders(stack).locks)).filter((name) => name.endsWith('.json'));

/**
 * Gives back the locks of a stack whose making was killed before there was a checkpoint: the engine cancels what it knows, and cannot
 * make what is locked. The caller knows that nobody works on it.
 */
export const unlockUnmade = async (state: StateStore, stack: string): Promise<void> => {
  if ((await state.read(checkpointPath(stack))) !== undefined) return;
  const { locks } = stackFolders(stack);
  for (const name of await lockNames(state, stack)) await state.remove(`${locks}/${name}`);
};

/** Makes the engine forget a stack's resources. The engine keeps its own copies of the former state. */
export const forgetCheckpoint = async (state: StateStore, stack: string): Promise<void> => {
  for (const end of ['json', 'json.attrs', 'json.bak', 'json.bak.attrs'])
    await state.remove(`${CHECKPOINTS}/${stack}.${end}`);
};

/** Paths of all that the state has, or had, of a stack: its checkpoint, history, copies and locks. */
export const stackRemains = async (state: StateStore, stack: string): Promise<string[]> => {
  const found = [
    ...(await state.everBelow(`${CHECKPOINTS}/${stack}.json`)),
    ...(await Promise.all(Object.values(stackFolders(stack)).map((folder) => state.everBelow(`${folder}/`)))),
  ];
  return found.flat();
};
