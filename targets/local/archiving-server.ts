import { isArchiving } from '../../data-plane/database/server/archiving.js';
import { ensureLocalServer, stopLocalServer } from '../../data-plane/database/server/local-server.js';
import { cellLoss } from '../../data-plane/database/server/lost-data.js';

/** A server that runs without archiving its WAL, as those of earlier versions do, is started once more. */
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
