import { columnList, equalColumns } from '../identifiers.js';
import type { ScratchTable } from '../scratch.js';

/** True when the row `l` of the cell and the row `s` of the backup have one primary key. */
export const sameKey = ({ table: { primaryKey: columns } }: ScratchTable): string =>
  equalColumns({ alias: 'l', columns }, { alias: 's', columns });

/** True when they are the same byte by byte, as for a digest. Works for every type; 1.5 is not 1.50. */
export const sameRow = ({ table: { columns } }: ScratchTable): string =>
  `ROW(${columnList(columns, 'l')})::record OPERATOR(pg_catalog.*=) ROW(${columnList(columns, 's')})::record`;
