import { isMoveOver } from '../../../../control-plane/moves/states.js';
import { acknowledgedWrites, isInhabited } from './applications.js';
import type { Model } from './model.js';
import { type CellNumber, homeOf, other, type State } from './state.js';

/** The properties, in words. */
export const NAMES = {
  oneWrites: 'never two cells that accept writes',
  onlyHomeWrites: 'only the home accepts writes',
  nothingLost: 'no acknowledged write is lost: the home has every one',
  nothingTwice: 'no write is there twice',
  readsGoOn: 'reads never go back in time: who is inside a cell sees every acknowledged write',
  routeAdmits: 'the route that the control database gives is never too old for the home',
  staysOver:
    'a move that is over stays so: the home is open, the other cell closed and empty, nothing streams',
  homeKeepsRows: 'nothing deletes at the home',
  newRoutesOnly: 'nobody enters an open cell with a route that is older than it',
} as const;

/** What must hold in every reachable state. */
interface Invariant {
  readonly name: string;
  readonly holds: (state: State, model: Model) => boolean;
}

const CELL_NUMBERS: readonly CellNumber[] = [0, 1];

/** It lets writers in, or has one past its last check. */
const acceptsWrites = (state: State, cell: CellNumber): boolean =>
  ['open', 'draining'].includes(state.cells[cell].fence) || state.cells[cell].lock !== 0;

export const INVARIANTS: readonly Invariant[] = [
  {
    name: NAMES.oneWrites,
    holds: (state) => !(acceptsWrites(state, 0) && acceptsWrites(state, 1)),
  },
  {
    name: NAMES.onlyHomeWrites,
    holds: (state) => !acceptsWrites(state, other(homeOf(state.control))),
  },
  {
    name: NAMES.nothingLost,
    holds: (state, { writesEach }) => {
      const acknowledged = acknowledgedWrites(state, writesEach);
      return (state.cells[homeOf(state.control)].rows & acknowledged) === acknowledged;
    },
  },
  {
    name: NAMES.nothingTwice,
    holds: ({ cells }) => cells.every(({ doubled }) => doubled === 0),
  },
  {
    name: NAMES.readsGoOn,
    holds: (state, { writesEach }) => {
      const acknowledged = acknowledgedWrites(state, writesEach);
      return CELL_NUMBERS.every(
        (cell) => !isInhabited(state, cell) || (state.cells[cell].rows & acknowledged) === acknowledged,
      );
    },
  },
  {
    name: NAMES.routeAdmits,
    holds: ({ control, cells }) => cells[homeOf(control)].epoch <= control.epoch,
  },
  {
    name: NAMES.staysOver,
    holds: ({ control, cells, streams }) => {
      if (!isMoveOver(control.phase)) return true;
      const home = homeOf(control);
      const away = cells[other(home)];
      return (
        cells[home].fence === 'open' &&
        away.fence === 'closed' &&
        away.rows === 0 &&
        streams.every(({ hasSlot, subscription }) => !hasSlot && subscription === 'none')
      );
    },
  },
];

/** What must hold of every step. */
interface Obligation {
  readonly name: string;
  readonly holds: (before: State, after: State) => boolean;
}

export const OBLIGATIONS: readonly Obligation[] = [
  {
    name: NAMES.homeKeepsRows,
    holds: (before, after) => {
      const home = homeOf(before.control);
      return home !== homeOf(after.control) || (before.cells[home].rows & ~after.cells[home].rows) === 0;
    },
  },
  {
    name: NAMES.newRoutesOnly,
    holds: (before, after) =>
      after.applications === before.applications ||
      after.applications.every(({ cell, epoch, transaction }, index) => {
        const hasEntered = before.applications[index]?.transaction === 'none' && transaction !== 'none';
        if (!hasEntered || cell === undefined || before.cells[cell].fence !== 'open') return true;
        return epoch >= before.cells[cell].epoch;
      }),
  },
];
