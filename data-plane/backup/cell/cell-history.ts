import type { Connection } from '../../database/connect.js';

/** The times that a cell can be looked at again, both ends included. */
export interface HistoryWindow {
  readonly from: Date;
  readonly to: Date;
}

/** The result of an upkeep. */
export interface HistoryUpkeep {
  /** The copy that it took; sizes in bytes. Null where the server's provider takes them. */
  readonly base: { readonly id: string; readonly storedBytes: number } | null;
  /** The number of older base backups, and of segments of the log, that nothing needs any more. */
  readonly removedBases: number;
  readonly removedSegments: number;
}

/**
 * The database of a cell at any moment of a window. A server on this machine keeps base backups and archived WAL for it;
 * elsewhere it is what the server's provider restores.
 *
 * Obligations of every implementation:
 * - Nothing touches the cell but a transaction without rows, and nothing of a copy is left, whatever fails. What a killed
 *   run left is removed by the next call.
 * - A copy has what was committed at that moment or before, and nothing else; otherwise it is refused.
 * - A copy is reached as the cell is, by administrators and `ringfence_app` with the passwords that they have in it, and
 *   from this machine, or the cell's private network, only.
 * - Calls for one cell come one at a time: the caller holds a lock.
 */
export interface CellHistory {
  /** Undefined where there is nothing to go back to yet. */
  window(): Promise<HistoryWindow | undefined>;

  /**
   * Runs `work` on a throw-away copy of the cell's database as it was at a moment, and removes the copy.
   *
   * @param work gets the administrator's connection to the copy.
   * @throws RingfenceError usage for a time that is still to come; backup_not_found for one before the window,
   *   or that cannot be reached yet; backup_refused when the record of changes has a gap before it; disk_full; timeout;
   *   rds_unavailable; what `work` throws.
   */
  inCopyAt<T>(at: Date, work: (admin: Connection) => Promise<T>): Promise<T>;

  /** The number of days back for which anything may be kept, when `days` are wanted. Never fewer than there are. */
  keptDays(days: number): Promise<number>;

  /** Keeps the window `days` long: once a day. @throws RingfenceError config_invalid when its keeper is set to fewer days. */
  upkeep(days: number): Promise<HistoryUpkeep>;
}

const DAY_MS = 86_400_000;
/** A base backup is at most a day old when the next one is taken, and goes at the upkeep of the day it outlives its time. */
const SLACK_DAYS = 2;

/**
 * When the history of a cell has forgotten rows that were erased (and vacuumed) at a time, as long as the upkeep runs
 * every day. Erasure reads it for its certificate.
 */
export const historyForgets = (erasedAt: Date, days: number): Date =>
  new Date(erasedAt.getTime() + (days + SLACK_DAYS) * DAY_MS);
