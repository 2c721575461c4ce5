import type { CellHistory } from '../../data-plane/backup/cell/cell-history.js';
import type { Connection } from '../../data-plane/database/connect.js';
import type { CellServer } from '../../stacks/protocol/provider/dependencies.js';
import type { Cell } from '../cells/store.js';

/** What differs between cells by where they live. */
export interface CellHost {
  adminConnection(cell: Cell): Promise<Connection>;
  server(cell: Cell): CellServer;
  history(cell: Cell): CellHistory;
}
