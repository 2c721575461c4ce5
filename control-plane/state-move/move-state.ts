import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { ensureEngine } from '../engine/ensure.js';
import { withFreeFileLock } from '../engine/file-lock.js';
import { copyStack } from '../engine/run/copy-stack.js';
import { forgetSalt } from '../engine/run/encryption-salt.js';
import { engineOutput } from '../engine/run/engine-output.js';
import { resealSettings } from '../engine/run/reseal-settings.js';
import { workspaceOf } from '../engine/run/workspace.js';
import { readProjectId } from '../project/id.js';
import type { Project } from '../project/project.js';
import { homeOf, moveCommand, nameOf, stateAt } from '../project/state/open-state.js';
import { formatPlace, type Place, readPlaceRecord, recordPlace } from '../project/state/place-record.js';
import { listStacks, stackRemains } from '../project/state/stack-files.js';
import { beginArrival, type End, endArrival, mark } from './arrival.js';
import { refuseOthers } from './others.js';
import { refuseUnfit } from './refuse-unfit.js';

interface MoveOptions {
  readonly project: Project;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  /** Told of the points at which a crash is to do no harm. */
  readonly reached: (point: string) => void;
}

/** What became of a move of the state. */
interface StateMove {
  /** The place where it was, and the one where it is, for a person. */
  readonly from: string;
  readonly to: string;
  readonly outcome: 'moved' | 'unchanged' | 'given-up';
  readonly stacks: number;
}

/** A move between two places, which differ. */
interface Move extends MoveOptions {
  readonly id: string;
  readonly from: End;
  readonly to: End;
}

/**
 * Moves the engine's state of a project to another place, its secrets sealed by what seals them there. Each stack is exported, imported
 * and compared; until all are there the state is where it was, and every other command is refused. A move that was broken off is taken
 * up by the same call, and given up by one with the place where the state is.
 * @throws RingfenceError `usage`; `conflict` while others work on the project, for a place that has stacks, and for stacks with a run that
 * was broken off; as `StateStore.check` for a place that is not as it has to be.
 */
export const moveState = (options: MoveOptions, place: Place): Promise<StateMove> => {
  const { project } = options;
  const id = readProjectId(project);
  if (id === undefined)
    throw new RingfenceError('usage', 'there is no project here whose state could be moved', {
      fix: 'the first command of a new project takes RINGFENCE_STATE: docs/aws.md, "State in S3"',
    });
  return withFreeFileLock(
    join(project.home, 'state-move.lock'),
    () => moveTo({ ...options, id }, place),
    (pid) =>
      new RingfenceError('conflict', `the state is being moved (process ${pid})`, {
        fix: 'wait until that ends',
      }),
  );
};

const moveTo = async (options: MoveOptions & { readonly id: string }, place: Place): Promise<StateMove> => {
  const { project, env } = options;
  const endAt = (where: Place): End => ({ place: where, state: stateAt(project, where, env) });
  const from = endAt(homeOf(project) ?? 'folder');
  const begun = readPlaceRecord(project)?.move;
  if (begun === undefined) {
    if (isSame(from.place, place)) return { ...ended(from, from), outcome: 'unchanged' };
    const move = { ...options, from, to: endAt(place) };
    await begin(move);
    return finish(move, await copyAll(move));
  }
  const move = { ...options, from, to: endAt(begun.to) };
  if (begun.phase === 'copying' && isSame(from.place, place)) return giveUp(move);
  if (!isSame(begun.to, place))
    throw new RingfenceError(
      'conflict',
      `the state is on its way to ${nameOf(project, begun.to)}, which was broken off`,
      { fix: `end that first: ${moveCommand(begun.to)}` },
    );
  return finish(move, begun.phase === 'copying' ? await copyAll(move) : await listStacks(move.to.state));
};

const isSame = (one: Place, other: Place): boolean => formatPlace(one) === formatPlace(other);

const ended = (from: End, to: End, stacks = 0) => ({ from: from.state.name, to: to.state.name, stacks });

/** Refuses what can be told before anything is changed, and writes the move down. */
const begin = async (move: Move): Promise<void> => {
  const { project, env, from, to, id, reached } = move;
  refuseSamePrefix(from.place, to.place);
  for (const { state } of [from, to]) await state.check();
  if (from.place === 'folder') await from.state.prepare();
  await refuseUnfit(workspaceOf(project, from.state), await listStacks(from.state));
  await beginArrival(to, id, env);
  recordPlace(project, { place: from.place, move: { to: to.place, phase: 'copying' } });
  reached('state-move-begun');
  try {
    await refuseOthers(project, { env, reached, say: move.onProgress });
  } catch (error) {
    await giveUp(move);
    throw error;
  }
};

/** What one place has is the other's too, under another key. */
const refuseSamePrefix = (from: Place, to: Place): void => {
  if (from === 'folder' || to === 'folder' || from.bucket !== to.bucket || from.prefix !== to.prefix) return;
  throw new RingfenceError('usage', 'the state is there already, under another key or region', {
    fix: 'name another prefix of the bucket',
  });
};

/** @returns the stacks that are there now, just as they were. */
const copyAll = async (move: Move): Promise<string[]> => {
  const { project, env, from, to, id, onProgress, reached } = move;
  await mark(from.place, env, { project: id, state: 'left', to: to.state.name });
  await refuseOthers(project, { env, reached, say: onProgress });
  if (to.place === 'folder') await to.state.prepare();
  const { path: enginePath } = await ensureEngine({ project, env, onProgress });
  const engine = { enginePath, env, readOutput: engineOutput(project, env) };
  const stacks = (await listStacks(from.state)).sort();
  for (const [index, stack] of stacks.entries()) {
    onProgress(`${stack} (${index + 1} of ${stacks.length})`);
    await copyStack(engine, stack, workspaceOf(project, from.state), workspaceOf(project, to.state));
    reached('state-stack-copied');
  }
  for (const stack of await listStacks(to.state))
    if (!stacks.includes(stack))
      for (const path of await stackRemains(to.state, stack)) await to.state.erase(path);
  return stacks;
};

/** From here on the state is at its new place, and nothing is copied any more. */
const finish = async (move: Move, stacks: readonly string[]): Promise<StateMove> => {
  const { project, env, from, to, id, reached } = move;
  recordPlace(project, { place: from.place, move: { to: to.place, phase: 'leaving' } });
  reached('state-copied');
  await mark(to.place, env, { project: id, state: 'home' });
  if (from.place === 'folder') forgetSalt(workspaceOf(project, from.state));
  await resealSettings(workspaceOf(project, to.state));
  await from.state.clear();
  reached('state-cleared');
  recordPlace(project, { place: to.place });
  return { ...ended(from, to, stacks.length), outcome: 'moved' };
};

/** The state stays where it is. What cannot be taken away at the other place is said. */
const giveUp = async (move: Move): Promise<StateMove> => {
  const { project, env, from, to, id, onProgress } = move;
  await mark(from.place, env, { project: id, state: 'home' });
  recordPlace(project, { place: from.place });
  if (to.place === 'folder') forgetSalt(workspaceOf(project, to.state));
  try {
    await endArrival(to, env);
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    onProgress(`copies of the state are left in ${to.state.name}: [${error.code}] ${error.message}`);
  }
  return { ...ended(to, from), outcome: 'given-up' };
};
