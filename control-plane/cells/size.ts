import { RingfenceError } from '../../core/errors.js';
import { SIZES, type Size } from '../../core/sizes.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { tenantConnections } from '../../data-plane/database/login-limits.js';
import {
  type FoundSetting,
  findSettings,
  isDifferent,
  type ServerSettings,
} from '../../data-plane/database/server/size/settings.js';
import { readWideLogins } from '../../data-plane/enrolment/wide-logins.js';
import { type Place, targetOf } from '../../targets/index.js';
import type { Runtime } from '../runtime.js';
import type { Cell } from './store.js';

/** What a size class means for the server of a cell; undefined where its provider decides that. */
export const settingsOf = (place: Pick<Place, 'target'>, size: Size): ServerSettings | undefined =>
  targetOf(place).settings?.(size);

/** The settings of a running cell that are not as its class says. */
export const readSettingDrift = async (runtime: Runtime, cell: Cell): Promise<readonly FoundSetting[]> => {
  const wanted = settingsOf(cell, cell.size);
  if (!wanted) return [];
  return findDifferent(runtime, cell.name, wanted);
};

/** Asks in a database that is there in any case. */
export const findDifferent = async (
  { target }: Runtime,
  cell: string,
  wanted: ServerSettings,
): Promise<FoundSetting[]> =>
  withConnection({ ...(await target.adminConnection(cell)), database: 'postgres' }, async (client) =>
    (await findSettings(client, wanted)).filter(isDifferent),
  );

/** @throws RingfenceError `usage` for a cell whose provider decides what its server has. */
export const requireSized = (cell: Pick<Cell, 'name' | 'target' | 'address'>, size: Size): void => {
  if (settingsOf(cell, size)) return;
  const { provider, words } = targetOf(cell);
  throw new RingfenceError(
    'usage',
    `cell ${cell.name} is on ${provider}: the class of ${words(cell.address).server} and its parameter group are its owner’s`,
    { fix: 'change them there; leave size out of the manifest' },
  );
};

/**
 * Refuses a class whose server has fewer connections than a tenant's own login may open, or that the cell cannot have.
 * @throws RingfenceError `conflict`, naming the tenant; `usage` as `requireSized`.
 */
export const refuseTooSmall = async (runtime: Runtime, cell: Cell, size: Size): Promise<void> => {
  requireSized(cell, size);
  const settings = settingsOf(cell, size);
  if (cell.port === null || !settings) return;
  const connections = tenantConnections(settings.maxConnections);
  const [widest] = await withConnection(await runtime.target.adminConnection(cell.name), (client) =>
    readWideLogins(client, connections),
  );
  if (!widest) return;
  throw new RingfenceError(
    'conflict',
    `the login of ${widest.slug} may open ${widest.connections} connections, and a cell of size ${size} has ${connections} for tenants`,
    {
      fix: `lower quotas.connections of ${widest.slug} first and apply its manifest, or choose ${sizeWith(cell, widest.connections)}`,
    },
  );
};

/** The smallest class of a target whose server has these connections for one tenant, for a sentence. */
export const sizeWith = (place: Pick<Place, 'target'>, connections: number): string => {
  const fitting = SIZES.find(
    (size) => tenantConnections(settingsOf(place, size)?.maxConnections ?? 0) >= connections,
  );
  return fitting === undefined ? 'fewer connections: no size has so many' : `size ${fitting}`;
};
