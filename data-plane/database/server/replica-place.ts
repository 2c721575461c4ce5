import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { endServer } from './postmaster.js';

/** The folder of the replica of the server whose data is in `dataDir`: a server of its own, beside the data. */
export const replicaDir = (dataDir: string): string => join(dirname(dataDir), 'replica');

export const replicaDataDir = (dataDir: string): string => join(replicaDir(dataDir), 'data');

/** Stops the replica; nothing happens where none runs. */
export const stopReplica = (dataDir: string): void => endServer(replicaDataDir(dataDir), 'fast');

/** Stops the replica and removes it; nothing happens where there is none. */
export const removeReplica = (dataDir: string): void => {
  endServer(replicaDataDir(dataDir), 'immediate');
  rmSync(replicaDir(dataDir), { recursive: true, force: true });
};
