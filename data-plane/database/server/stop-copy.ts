import { dirname, join } from 'node:path';
import { endServer } from './postmaster.js';

/** The data folder of the throw-away copy of the server with `dataDir`. */
export const copyDataDir = (dataDir: string): string => join(dirname(dataDir), 'copy', 'data');

/** Stops the throw-away copy in whatever state it is, recovering too. */
export const stopCopy = (dataDir: string): void => endServer(copyDataDir(dataDir), 'immediate');
