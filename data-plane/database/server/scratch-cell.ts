import { randomBytes } from 'node:crypto';
import type { ContextKey } from '../../access/context-token.js';
import { type Connection, withConnection } from '../connect.js';
import { prepareCell } from '../prepare-cell.js';
import { createRoles } from '../roles.js';
import { ensureLocalServer, purgeLocalServer } from './local-server.js';

/** An empty cell on a server of its own. */
export interface ScratchCell {
  readonly admin: Connection;
  /** The login ringfence_app. */
  readonly app: Connection;
  readonly contextKey: ContextKey;
}

/**
 * Runs `work` with an empty cell on a server in `dir`, which is removed afterwards. What a killed run left there is
 * removed first; the caller sees to it that there is one run at a time.
 */
export const inScratchCell = async <T>(dir: string, work: (cell: ScratchCell) => Promise<T>): Promise<T> => {
  purgeLocalServer(dir);
  try {
    return await work(await openScratchCell(dir));
  } finally {
    purgeLocalServer(dir);
  }
};

/** Makes an empty cell on a server in `dir`; `purgeLocalServer` removes it. */
export const openScratchCell = async (dir: string): Promise<ScratchCell> => {
  const { host, port, user, password } = await ensureLocalServer(dir);
  const admin = { host, port, user, password, database: 'cell' };
  const appPassword = randomBytes(24).toString('base64url');
  const contextKey = { keyId: 1, secret: randomBytes(32) };
  await withConnection({ ...admin, database: 'postgres' }, async (client) => {
    await createRoles(client);
    await client.query('CREATE DATABASE cell');
  });
  await withConnection(admin, (client) => prepareCell(client, { appPassword, contextKey }));
  return { admin, app: { ...admin, user: 'ringfence_app', password: appPassword }, contextKey };
};
