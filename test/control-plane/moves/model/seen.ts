import {
  type Fence,
  MOVE_STATES,
  MOVE_TABLE,
  type MoveState,
} from '../../../../control-plane/moves/states.js';
import { other, type State } from './state.js';

/** What an exploration met, for comparison with the table of states. */
export class Seen {
  readonly transitions = new Set<string>();
  readonly fences = new Set<string>();
  /** Readers came in while writers could not. */
  hasReadersInFence = false;

  readonly onStep = (before: State, after: State): void => {
    const from = before.control;
    const to = after.control;
    // A further move has a record of its own.
    const isNewMove = to.phase === 'preparing' && from.phase !== 'preparing';
    if (from.phase !== to.phase && !isNewMove) this.transitions.add(`${from.phase} -> ${to.phase}`);
    this.fences.add(fenceOf(to.phase, 'source', after.cells[to.source].fence));
    this.fences.add(fenceOf(to.phase, 'destination', after.cells[other(to.source)].fence));
    this.hasReadersInFence ||= after.applications.some(
      ({ cell, transaction }, index) =>
        cell !== undefined &&
        transaction === 'reading' &&
        before.applications[index]?.transaction === 'none' &&
        after.cells[cell].fence === 'read-only',
    );
  };
}

const fenceOf = (phase: MoveState, role: 'source' | 'destination', fence: Fence): string =>
  `${phase}: ${role} ${fence}`;

/** The same of the table. */
export const TABLE_TRANSITIONS = MOVE_STATES.flatMap((from) =>
  MOVE_TABLE[from].next.map((to) => `${from} -> ${to}`),
);

export const TABLE_FENCES = MOVE_STATES.flatMap((phase) => [
  ...MOVE_TABLE[phase].source.map((fence) => fenceOf(phase, 'source', fence)),
  ...MOVE_TABLE[phase].destination.map((fence) => fenceOf(phase, 'destination', fence)),
]);
