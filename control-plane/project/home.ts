import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../core/files/whole-file.js';
import type { Project } from './project.js';

/** The file that keeps everything in a project's home out of git, keys and passwords included. */
export const ignoreFile = ({ home }: Project): string => join(home, '.gitignore');

/** Makes the project's home where it is missing. Comes before the first file in it. A file of the user stays. */
export const makeHome = (project: Project): void => {
  mkdirSync(project.home, { recursive: true });
  if (!existsSync(ignoreFile(project))) replaceFile(ignoreFile(project), '*\n');
};

/** Removes the file when nothing else is in the home. As long as anything is left, git must not see it. */
export const emptyHome = (project: Project): void => {
  const left = existsSync(project.home) ? readdirSync(project.home) : [];
  if (left.every((name) => name === '.gitignore')) rmSync(ignoreFile(project), { force: true });
};
