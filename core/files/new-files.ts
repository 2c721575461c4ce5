import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { draftPath, removeAbandonedDrafts } from './draft.js';

/** Files that are written beside their folder and then appear in it all at once. */
export interface NewFiles {
  /** The folder of the drafts. */
  readonly draft: string;
  /**
   * Makes them appear in the folder. @throws NodeJS.ErrnoException EEXIST, and none is there, where one would be over
   * another.
   */
  appear(): void;
  /** Removes those that appeared. */
  takeBack(): void;
  /** Removes the draft. */
  discard(): void;
}

/** @param folder made where it is not there, mode 0700. Drafts of killed runs for the same folder go. */
export const newFiles = (folder: string): NewFiles => {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
  removeAbandonedDrafts(folder);
  const draft = draftPath(folder);
  mkdirSync(draft, { mode: 0o700 });
  const placed: string[] = [];
  const takeBack = (): void => {
    for (const path of placed.splice(0)) rmSync(path, { recursive: true, force: true });
  };
  return {
    draft,
    appear: () => {
      if (!existsSync(folder)) {
        renameSync(draft, folder);
        placed.push(folder);
        return;
      }
      try {
        for (const name of readdirSync(draft)) {
          const path = join(folder, name);
          linkSync(join(draft, name), path);
          placed.push(path);
        }
      } catch (error) {
        takeBack();
        throw error;
      }
    },
    takeBack,
    discard: () => rmSync(draft, { recursive: true, force: true }),
  };
};
