import type { Fence } from '../../../../control-plane/moves/states.js';
import type { Rules } from './rules.js';
import { type Application, type CellNumber, homeOf, type State, withCell } from './state.js';
import { logged, withRow } from './streams.js';

export const APPLICATION_ACTIONS = [
  'learns the route',
  'enters to read',
  'enters to write',
  'registers',
  'reads the fence',
  'takes the lock of the ledger and reads the fence',
  'commits, and is acknowledged',
  'ends without a commit',
] as const;
export type ApplicationAction = (typeof APPLICATION_ACTIONS)[number];

/** @returns the state after the action of the application, or undefined where it cannot be taken. */
export const actApplication = (
  state: State,
  index: number,
  action: ApplicationAction,
  { writesEach, rules }: { readonly writesEach: number; readonly rules: Rules },
): State | undefined => {
  const application = state.applications[index];
  if (application === undefined) return undefined;
  const { cell, transaction, acknowledged } = application;
  const become = (change: Partial<Application>, from = state): State => ({
    ...from,
    applications: from.applications.map((one, at) => (at === index ? { ...one, ...change } : one)),
  });
  const inside = cell === undefined ? undefined : state.cells[cell];

  switch (action) {
    case 'learns the route': {
      const home = homeOf(state.control);
      if (transaction !== 'none' || (cell === home && application.epoch === state.control.epoch))
        return undefined;
      return become({ cell: home, epoch: state.control.epoch });
    }
    case 'enters to read':
    case 'enters to write': {
      const writes = action === 'enters to write';
      if (transaction !== 'none' || inside === undefined) return undefined;
      if (writes && acknowledged === writesEach) return undefined;
      const isOld = rules.enterComparesEpochs && inside.fence === 'open' && application.epoch < inside.epoch;
      const isFenced =
        rules.enterReadsFence && (writes ? inside.fence !== 'open' : inside.fence === 'closed');
      if (isOld || isFenced) return become({ cell: undefined, epoch: 0 });
      const isLate = rules.enterRegisters === 'after it looked';
      return become({ transaction: writes ? 'writing' : isLate ? 'admitted' : 'reading' });
    }
    case 'registers':
      return transaction === 'admitted' ? become({ transaction: 'reading' }) : undefined;
    case 'reads the fence':
      if (rules.commitReadsFence !== 'before the lock' || transaction !== 'writing') return undefined;
      return become({ transaction: mayCommit(inside?.fence) ? 'looked' : 'none' });
    case 'takes the lock of the ledger and reads the fence': {
      const isNext = transaction === (rules.commitReadsFence === 'before the lock' ? 'looked' : 'writing');
      if (!isNext || cell === undefined || inside?.lock !== 0) return undefined;
      if (rules.commitReadsFence === 'under the lock' && !mayCommit(inside.fence))
        return become({ transaction: 'none' });
      return withCell(become({ transaction: 'checked' }), cell, { lock: index + 1 });
    }
    case 'commits, and is acknowledged': {
      if (transaction !== 'checked' || cell === undefined) return undefined;
      const write = index * writesEach + acknowledged;
      const written = withRow(withCell(state, cell, { lock: 0 }), cell, write);
      return become({ transaction: 'none', acknowledged: acknowledged + 1 }, logged(written, cell, write));
    }
    case 'ends without a commit':
      if (transaction === 'none' || cell === undefined) return undefined;
      return become(
        { transaction: 'none' },
        transaction === 'checked' ? withCell(state, cell, { lock: 0 }) : state,
      );
  }
};

const mayCommit = (fence: Fence | undefined): boolean => fence === 'open' || fence === 'draining';

/** Whether a transaction is inside the cell, and can be found there. */
export const isInhabited = ({ applications }: State, cell: CellNumber): boolean =>
  applications.some(
    (one) => one.transaction !== 'none' && one.transaction !== 'admitted' && one.cell === cell,
  );

/** The writes that were acknowledged, as a mask. */
export const acknowledgedWrites = ({ applications }: State, writesEach: number): number =>
  applications.reduce(
    (mask, { acknowledged }, index) => mask | (((1 << acknowledged) - 1) << (index * writesEach)),
    0,
  );
