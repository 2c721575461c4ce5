import { join } from 'node:path';

/**
 * The file with the authorities of a cell's server certificate (PEM), which the engine's provider reads. A cell on this
 * machine has none.
 */
export const authoritiesFile = (cellDir: string): string => join(cellDir, 'authorities.pem');
