import { RingfenceError } from '../../core/errors.js';
import { leaveNewerArchive } from '../../data-plane/backup/cell/diverged-archive.js';
import { placeOfData } from '../../data-plane/database/server/data-owner.js';
import { newerArchived } from '../../data-plane/database/server/older-data.js';
import { targetOf } from '../../targets/index.js';
import { withLocks } from '../project/lock.js';
import type { Runtime } from '../runtime.js';
import { getCell } from './store.js';

/**
 * Accepts an earlier copy of a cell's data that somebody put in its place. Moves the newer archived WAL and the base
 * backups aside, so that the cell begins a new archive when it comes up.
 * @returns the places of what was moved aside. @throws RingfenceError `usage` where the data is no earlier copy,
 * `cell_not_found`.
 */
export const acceptOlderData = (runtime: Runtime, cell: string): Promise<string[]> =>
  withLocks(runtime.control, [`cell/${cell}`, `history/${cell}`], async () => {
    const { isHere } = targetOf(await getCell(runtime.control, cell));
    const dataDir = isHere ? placeOfData(runtime.target.cellDir(cell)) : undefined;
    const isStopped = (await (await runtime.target.server(cell)).state()) === 'lost';
    if (dataDir !== undefined && isStopped && newerArchived(dataDir) !== undefined)
      return leaveNewerArchive(dataDir, runtime.now());
    throw new RingfenceError('usage', `the data of cell ${cell} is no earlier copy`, {
      fix: 'leave --accept-older out',
    });
  });
