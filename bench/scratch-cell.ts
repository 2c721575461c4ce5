import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { purgeLocalServer } from '../data-plane/database/server/local-server.js';
import * as server from '../data-plane/database/server/scratch-cell.js';

/** A cell on a server of its own in a temporary folder; `close` removes it. */
export interface ScratchCell extends server.ScratchCell {
  close(): void;
}

export const openScratchCell = async (): Promise<ScratchCell> => {
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-bench-'));
  return { ...(await server.openScratchCell(dir)), close: () => purgeLocalServer(dir) };
};
