import { columnList, equalColumns } from '../identifiers.js';
import type { ScratchTable } from '../scratch.js';

/** Whether the row `l` of the cell and the row `s` of the backup have one primary key. */
export const sameKey = ({ table: { primaryKey: columns } }: ScratchTable): string =>
  equalColumns({ alias: 'l', columns }, { alias: 's', columns });

/** Whether they are the same byte by byte, as a digest sees it: works for every type, and 1.5 is not 1.50. */
export const sameRow = ({ table: { columns } }: ScratchTable): string =>
  `ROW(${columnList(columns, 'l')})::record OPERATOR(pg_catalog.*=) ROW(${columnList(columns, 's')})::record`;
