import type { Caller } from '../../core/caller.js';
import { RingfenceError } from '../../core/errors.js';
import type { CellHost } from '../../targets/target.js';
import type { Cell } from '../cells/store.js';

/** Who works here, and what the environment says of tunnels. */
interface Position {
  readonly caller: Pick<Caller, 'door'>;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The server of a cell, as it is reached from here. One that only the worker reaches is refused at once to others: its network
 * would let them wait.
 */
export const reachedFrom = (cell: Cell, host: CellHost, { caller, env }: Position): CellHost => {
  if (cell.reach === 'direct' || caller.door === 'worker' || tunnelsOf(env).includes(cell.name)) return host;
  const refuse = async (): Promise<never> => {
    throw new RingfenceError('cell_behind_worker', `cell ${cell.name} is reached by the worker alone`, {
      fix: `add --on-worker; for a command that has no such option, open a tunnel and set RINGFENCE_TUNNEL=${cell.name} (docs/reach.md)`,
    });
  };
  return { ...host, adminConnection: refuse, prepare: refuse, wake: refuse };
};

/** `RINGFENCE_TUNNEL=<cell>,<cell>` */
const tunnelsOf = ({ RINGFENCE_TUNNEL = '' }: NodeJS.ProcessEnv): string[] =>
  RINGFENCE_TUNNEL.split(',').map((name) => name.trim());
