import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../../stacks/names.js';

/** The files that the engine's file backend keeps of one stack. `stateDir` is the backend's folder. */
export const stackFolders = (stateDir: string, stack: string) => {
  const root = join(stateDir, '.pulumi');
  return {
    root,
    /** `<stack>.json` of this stack and of the others. */
    stacks: join(root, 'stacks', PROJECT),
    history: join(root, 'history', PROJECT, stack),
    backups: join(root, 'backups', PROJECT, stack),
    locks: join(root, 'locks', 'organization', PROJECT, stack),
  };
};

/** The engine takes 0.1 s for the same answer. */
export const hasStack = (stateDir: string, stack: string): boolean =>
  entries(stackFolders(stateDir, stack).stacks).some((name) => name.startsWith(`${stack}.json`));

/** The names of the backend's stacks. */
export const listStacks = (stateDir: string): string[] =>
  entries(stackFolders(stateDir, '').stacks).flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []);

/** Whether the backend has any stack. */
export const hasStacks = (stateDir: string): boolean => listStacks(stateDir).length > 0;

/** Paths of the stack's locks. */
export const stackLocks = (stateDir: string, stack: string): string[] => {
  const { locks } = stackFolders(stateDir, stack);
  return entries(locks)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(locks, name));
};

/** False when the stack has no lock and no unfinished operation. The engine takes 0.5 s for the same answer. */
export const mayBeUnfinished = (stateDir: string, stack: string): boolean => {
  if (stackLocks(stateDir, stack).length > 0) return true;
  const checkpoint = join(stackFolders(stateDir, stack).stacks, `${stack}.json`);
  return !existsSync(checkpoint) || readFileSync(checkpoint, 'utf8').includes('"pending_operations"');
};

const entries = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
