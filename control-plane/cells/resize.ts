import { RingfenceError } from '../../core/errors.js';
import type { Size } from '../../core/sizes.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { settingText } from '../../data-plane/database/server/size/settings.js';
import { readMonthlyPrices } from '../../data-plane/quotas/prices.js';
import type { Runtime } from '../runtime.js';
import { findOccupant } from '../tenants/store.js';
import { isUp } from './cells-up.js';
import { findDifferent, refuseTooSmall, requireSized, settingsOf } from './size.js';
import { type Cell, findCell, getCell } from './store.js';

/** What another size does to a running cell, or the settings that somebody changed by hand, put back. */
export interface Resize {
  readonly cell: string;
  readonly from: Size;
  readonly to: Size;
  readonly settings: readonly {
    /** As Postgres names it. */
    readonly name: string;
    readonly from: string;
    readonly to: string;
    readonly needsRestart: boolean;
  }[];
  /** Whether a setting needs a restart, which ends every session of the cell. */
  readonly restarts: boolean;
  /** How long no client could connect at the cell's last such restart, as measured; null before the first. */
  readonly lastRestart: { readonly pauseMs: number; readonly at: Date } | null;
  /** What its operator pays a month, in euros; null where `ringfence.prices` of the cell does not say it. */
  readonly monthlyEur: { readonly from: number | null; readonly to: number | null };
}

/**
 * Says what giving a running cell a size would change. Changes and starts nothing.
 * @returns null where nothing differs, and for a cell that does not run: its start takes no one's connection.
 * @throws RingfenceError as `refuseTooSmall`.
 */
export const planResize = async (runtime: Runtime, cell: Cell, to: Size): Promise<Resize | null> => {
  if (cell.size !== to) requireSized(cell, to);
  const wanted = settingsOf(cell, to);
  if (!wanted || !(await isUp(runtime, cell))) return null;
  if (cell.size !== to) await refuseTooSmall(runtime, cell, to);
  const settings = await findDifferent(runtime, cell.name, wanted);
  if (settings.length === 0 && cell.size === to) return null;
  const [fromEur = null, toEur = null] = await withConnection(
    await runtime.target.adminConnection(cell.name),
    (client) => readMonthlyPrices(client, [cell.size, to]),
  );
  return {
    cell: cell.name,
    from: cell.size,
    to,
    settings: settings.map(({ key, name, found, wanted: next, needsRestart }) => ({
      name,
      from: settingText(key, found),
      to: settingText(key, next),
      needsRestart,
    })),
    restarts: settings.some(({ needsRestart }) => needsRestart),
    lastRestart: lastRestart(cell),
    monthlyEur: { from: fromEur, to: toEur },
  };
};

/** What putting the settings of a cell back to its size would change; null where nothing differs, or there is no such cell yet. */
export const planRestoredSize = async (runtime: Runtime, name: string): Promise<Resize | null> => {
  const cell = await findCell(runtime.control, name);
  return cell ? planResize(runtime, cell, cell.size) : null;
};

const lastRestart = ({ restartMs, restartedAt }: Cell): Resize['lastRestart'] =>
  restartMs === null || restartedAt === null ? null : { pauseMs: restartMs, at: restartedAt };

/**
 * The cell that somebody wants to resize by name.
 * @throws RingfenceError `cell_not_found`; `conflict` for the cell of a tenant whose manifest says its size.
 */
export const resizableCell = async ({ control }: Runtime, name: string): Promise<Cell> => {
  const cell = await getCell(control, name);
  const occupant = cell.tier === 'dedicated' ? await findOccupant(control, name, '') : undefined;
  if (!occupant) return cell;
  throw new RingfenceError('conflict', `cell ${name} is ${occupant.slug}’s, whose manifest says its size`, {
    fix: `set size in its manifest, then \`ringfence tenants apply ${occupant.slug}\``,
  });
};
