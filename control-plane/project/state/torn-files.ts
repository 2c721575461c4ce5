import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tenantStack } from '../../../stacks/names.js';
import { CHECKPOINTS, stackFolders } from './stack-files.js';

// An engine that ends while it writes leaves parts of files in its file backend (gocloud.dev/blob/fileblob). `root` is its folder `.pulumi`.

/**
 * Removes what an ended engine was writing for a stack. One that still works on the stack would fail without its drafts (`.tmp`): the
 * caller knows that there is none.
 */
export const removeTornFiles = (root: string, stack: string): void => {
  removeFiles(join(root, CHECKPOINTS), (name) => isDraft(name) && isOf(stack, name));
  for (const folder of Object.values(stackFolders(stack)).map((path) => join(root, path)))
    removeFiles(folder, (name) => isDraft(name) || isTorn(folder, name));
  removeTornAttributes(root, stack);
};

/**
 * Removes files of attributes that were cut while they were written. They stand beside a whole file, and every engine that reads
 * it fails for them with "failed to load checkpoint: EOF". Without one it takes the defaults, so that this may be called at any
 * time, also while an engine works.
 * @param stack this one, and the stacks that tenants' programs refer to; without it all
 */
export const removeTornAttributes = (root: string, stack?: string): void => {
  const checkpoints = join(root, CHECKPOINTS);
  const isRead = (name: string): boolean =>
    stack === undefined || isOf(stack, name) || !name.startsWith(tenantStack(''));
  removeFiles(root, (name) => isTorn(root, name));
  removeFiles(checkpoints, (name) => isRead(name) && isTorn(checkpoints, name));
};

const isDraft = (name: string): boolean => name.endsWith('.tmp');

const isOf = (stack: string, name: string): boolean =>
  name.startsWith(`${stack}.json`) || name.startsWith(`${stack}.`);

const removeFiles = (folder: string, isGone: (name: string) => boolean): void => {
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (isGone(name)) rmSync(join(folder, name), { force: true });
};

const isTorn = (folder: string, name: string): boolean =>
  name.endsWith('.attrs') && !isJson(join(folder, name));

const isJson = (path: string): boolean => {
  try {
    JSON.parse(readFileSync(path, 'utf8'));
    return true;
  } catch (error) {
    // Gone meanwhile: an engine that works took it away.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
};
