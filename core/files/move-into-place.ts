import { renameSync, rmSync } from 'node:fs';

/** Makes a finished folder appear whole under its name. If another process was quicker, its folder stays and ours goes. */
export const moveIntoPlace = (draft: string, place: string): void => {
  try {
    renameSync(draft, place);
  } catch (error) {
    const anotherProcessWon = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!anotherProcessWon) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
};
