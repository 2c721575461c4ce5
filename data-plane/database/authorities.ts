import { join } from 'node:path';

/**
 * Where a cell keeps the authorities of its server's certificate (PEM): the engine's provider reads a file. A cell on this machine
 * has none.
 */
export const authoritiesFile = (cellDir: string): string => join(cellDir, 'authorities.pem');
