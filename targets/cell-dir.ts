import { join } from 'node:path';

/** Folder of a cell on this machine: a local cell's server, the credentials of any. */
export const cellDir = (home: string, cell: string): string => join(home, 'cells', cell);
