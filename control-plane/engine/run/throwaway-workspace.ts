import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../../core/files/is-running.js';
import { folderState } from '../../project/state/folder-state.js';
import type { Workspace } from './workspace.js';

/**
 * Gives `work` a workspace with a state of its own, and removes it afterwards. A preview of a stack that does not exist yet
 * runs there, and leaves nothing in the project's state. Also removes the remains of killed processes.
 */
export const withThrowawayWorkspace = async <T>(
  workspace: Workspace,
  work: (throwaway: Workspace) => Promise<T>,
): Promise<T> => {
  const root = join(workspace.dir, 'previews');
  removeAbandoned(root);
  const dir = join(root, `${process.pid}.${randomUUID()}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  try {
    const state = folderState({ dir: join(dir, 'state'), passphraseFile: join(dir, 'passphrase') });
    await state.prepare();
    return await work({ dir, state, env: { ...workspace.env, ...state.env } });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};

const removeAbandoned = (root: string): void => {
  for (const name of existsSync(root) ? readdirSync(root) : []) {
    if (!isRunning(Number(name.split('.')[0]))) rmSync(join(root, name), { recursive: true, force: true });
  }
};
