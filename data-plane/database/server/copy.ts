import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { makePrivateDir, serverAccount } from './account.js';
import { ensureLocalServer, type LocalServer } from './local-server.js';
import { type ServerRecord, updateRecord } from './record.js';
import { copyDataDir, stopCopy } from './stop-copy.js';

/**
 * Makes a throw-away copy of a server in a folder beside its data, and starts it on a loopback port of its own, with
 * the login of the original. Only one at a time: the caller holds a lock.
 * @param fill puts the content of a data folder, set up to recover, into the empty one that it is given.
 * @throws RingfenceError `database_unavailable` when it does not recover. Its log is there until `purgeCopy`.
 */
export const startCopy = async (
  original: ServerRecord,
  fill: (dataDir: string) => void,
): Promise<LocalServer> => {
  purgeCopy(original);
  const dataDir = copyDataDir(original.dataDir);
  makePrivateDir(dataDir, serverAccount());
  fill(dataDir);
  updateRecord(dirname(dataDir), { ...original, dataDir, port: null, portPinned: false });
  return ensureLocalServer(dirname(dataDir), { recovery: true });
};

/** Stops the copy and removes it; nothing happens where there is none. */
export const purgeCopy = ({ dataDir }: Pick<ServerRecord, 'dataDir'>): void => {
  stopCopy(dataDir);
  rmSync(dirname(copyDataDir(dataDir)), { recursive: true, force: true });
};
