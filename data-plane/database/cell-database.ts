/** The database of every cell. */
export const CELL_DATABASE = 'ringfence';
