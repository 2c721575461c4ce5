import { dirname, join } from 'node:path';
import {
  ensureLocalServer,
  recordServer,
  stopLocalServer,
} from '../../data-plane/database/server/local-server.js';
import { updateRecord } from '../../data-plane/database/server/record.js';
import { setAside } from '../../data-plane/database/server/set-aside.js';
import { cellStack } from '../../stacks/names.js';
import { recordCellUndeployed } from '../cells/store.js';
import { withLock } from '../project/lock.js';
import { forgetCheckpoint } from '../project/state/stack-files.js';
import type { Runtime } from '../runtime.js';

/**
 * Moves the remains of a lost cell aside, so that the cell comes up anew and empty. Its root key must be there, and stays.
 * @returns the places of what was moved aside.
 */
export const beginCellAnew = (runtime: Runtime, cell: string): Promise<string[]> =>
  withLock(runtime.control, `cell/${cell}`, async () => {
    await runtime.target.keyRoot.ensureRoot(cell, { mayCreate: false });
    const dir = runtime.target.cellDir(cell);
    const record = recordServer(dir);
    stopLocalServer(dir);
    const around = dirname(record.dataDir);
    const now = runtime.now();
    const kept = [record.dataDir, join(around, 'archive'), join(around, 'base')].flatMap(
      (path) => setAside(path, now) ?? [],
    );
    updateRecord(dir, { ...record, dataMade: false });
    await ensureLocalServer(dir, { archiving: true });
    await recordCellUndeployed(runtime.control, cell);
    await forgetCheckpoint(runtime.state, cellStack(cell));
    return kept;
  });
