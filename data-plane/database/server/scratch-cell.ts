import { randomBytes } from 'node:crypto';
import type { ContextKey } from '../../access/context-token.js';
import { type Connection, withConnection } from '../connect.js';
import { prepareCell } from '../prepare-cell.js';
import { createRoles } from '../roles.js';
import { ensureLocalServer, type LocalServer, purgeLocalServer } from './local-server.js';

/**
 * Runs `work` with a server of its own in `dir`, which is removed afterwards. Removes the remains of a killed run first.
 * The caller allows one run at a time.
 */
export const inScratchServer = async <T>(
  dir: string,
  work: (server: LocalServer) => Promise<T>,
): Promise<T> => {
  purgeLocalServer(dir);
  try {
    return await work(await ensureLocalServer(dir));
  } finally {
    purgeLocalServer(dir);
  }
};

/** An empty cell on a server of its own. */
export interface ScratchCell {
  readonly admin: Connection;
  /** The login ringfence_app. */
  readonly app: Connection;
  readonly contextKey: ContextKey;
}

/** Runs `work` with an empty cell on a server in `dir`, as `inScratchServer`. */
export const inScratchCell = <T>(dir: string, work: (cell: ScratchCell) => Promise<T>): Promise<T> =>
  inScratchServer(dir, async (server) => work(await makeCell(server)));

/** Makes an empty cell on a server in `dir`; `purgeLocalServer` removes it. */
export const openScratchCell = async (dir: string): Promise<ScratchCell> =>
  makeCell(await ensureLocalServer(dir));

const makeCell = async ({ host, port, user, password }: LocalServer): Promise<ScratchCell> => {
  const admin = { host, port, user, password, database: 'cell' };
  const appPassword = randomBytes(24).toString('base64url');
  const contextKey = { keyId: 1, secret: randomBytes(32) };
  await withConnection({ ...admin, database: 'postgres' }, async (client) => {
    await createRoles(client);
    await client.query('CREATE DATABASE cell');
  });
  await withConnection(admin, (client) =>
    prepareCell(client, { appPassword, keeperPassword: randomBytes(24).toString('base64url'), contextKey }),
  );
  return { admin, app: { ...admin, user: 'ringfence_app', password: appPassword }, contextKey };
};
