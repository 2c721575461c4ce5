import type { ContextKey } from '../../data-plane/access/context-token.js';
import { asApplication } from '../../data-plane/database/application-logins.js';
import type { Connection } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';

/** The ways into a cell's database: the administrator, the application's login, and the key that signs contexts. */
export interface CellAccess {
  readonly admin: Connection;
  /** The login ringfence_app. */
  readonly app: Connection;
  readonly contextKey: ContextKey;
}

/** @param copy the administrator's connection to a copy of the cell, which has the cell's credentials. */
export const cellAccess = async (
  { target }: Pick<Runtime, 'target'>,
  cell: string,
  copy?: Connection,
): Promise<CellAccess> => {
  const admin = copy ?? (await target.adminConnection(cell));
  const credentials = target.credentials(cell);
  return { admin, app: await asApplication(admin, credentials), contextKey: credentials.contextKey };
};
