import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContextKey } from '../data-plane/access/context-token.js';
import { type Connection, withConnection } from '../data-plane/database/connect.js';
import { prepareCell } from '../data-plane/database/prepare-cell.js';
import { createRoles } from '../data-plane/database/roles.js';
import { ensureLocalServer, purgeLocalServer } from '../data-plane/database/server/local-server.js';

/** A cell on a server of its own in a temporary folder; `close` removes it. */
export interface ScratchCell {
  readonly admin: Connection;
  readonly app: Connection;
  readonly contextKey: ContextKey;
  close(): void;
}

export const openScratchCell = async (): Promise<ScratchCell> => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  const { host, port, user, password } = await ensureLocalServer(dir);
  const admin = { host, port, user, password, database: 'cell' };
  const appPassword = randomUUID();
  const contextKey = { keyId: 1, secret: Buffer.from(randomUUID().replaceAll('-', ''), 'utf8') };
  await withConnection({ ...admin, database: 'postgres' }, async (client) => {
    await createRoles(client);
    await client.query('CREATE DATABASE cell');
  });
  await withConnection(admin, (client) => prepareCell(client, { appPassword, contextKey }));
  return {
    admin,
    app: { ...admin, user: 'ringfence_app', password: appPassword },
    contextKey,
    close: () => purgeLocalServer(dir),
  };
};
