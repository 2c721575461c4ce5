import { rmSync } from 'node:fs';
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
import { stackFolders } from '../engine/run/engine-state.js';
import { withLock } from '../project/lock.js';
import { stateDir } from '../project/project.js';
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
    forgetStack(runtime, cellStack(cell));
    return kept;
  });

/** Makes the engine create the stack's resources again. The engine keeps its own copies of the former state. */
const forgetStack = ({ project }: Runtime, stack: string): void => {
  const { stacks } = stackFolders(stateDir(project), stack);
  for (const end of ['json', 'json.attrs', 'json.bak', 'json.bak.attrs'])
    rmSync(join(stacks, `${stack}.${end}`), { force: true });
};
