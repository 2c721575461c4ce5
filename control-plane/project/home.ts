import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../core/files/whole-file.js';
import type { Project } from './project.js';

/** What keeps git from everything in a project's home, keys and passwords among it. */
export const ignoreFile = ({ home }: Project): string => join(home, '.gitignore');

/** Makes the project's home where it is missing. Comes before whatever writes there first; a file of the user's stays. */
export const makeHome = (project: Project): void => {
  mkdirSync(project.home, { recursive: true });
  if (!existsSync(ignoreFile(project))) replaceFile(ignoreFile(project), '*\n');
};

/** Leaves nothing in a home that has nothing else any more: as long as anything is left, git has to be kept from it. */
export const emptyHome = (project: Project): void => {
  const left = existsSync(project.home) ? readdirSync(project.home) : [];
  if (left.every((name) => name === '.gitignore')) rmSync(ignoreFile(project), { force: true });
};
