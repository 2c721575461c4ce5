import { isArchiving } from '../../data-plane/database/server/archiving.js';
import { ensureLocalServer, stopLocalServer } from '../../data-plane/database/server/local-server.js';
import { cellLoss } from '../../data-plane/database/server/lost-data.js';

/** Restarts a server that does not archive its WAL, as servers of earlier versions. */
export const startArchivingServer = async (
  dir: string,
  cell: string,
  port: { readonly port?: number },
): Promise<void> => {
  const options = { ...port, archiving: true, whenLost: cellLoss(cell) };
  if (await isArchiving(await ensureLocalServer(dir, options))) return;
  stopLocalServer(dir);
  await ensureLocalServer(dir, options);
};
