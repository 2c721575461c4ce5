import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { replaceFile } from '../../core/files/whole-file.js';
import type { Project } from './project.js';
import { findProject, recordProject } from './store.js';

const schema = z.strictObject({
  format: z.literal('ringfence-project'),
  version: z.literal(1),
  id: z.guid(),
});

const fileOf = (project: Project): string => join(project.home, 'project.json');

/** The id that the project's folder names; undefined where it names none. @throws RingfenceError `config_invalid` */
export const readProjectId = (project: Project): string | undefined => {
  const path = fileOf(project);
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8'))).id;
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${path} is damaged`, {
      fix: 'remove the file: it is written again from the control database',
      cause,
    });
  }
};

export const writeProjectId = (project: Project, id: string): void =>
  replaceFile(
    fileOf(project),
    `${JSON.stringify({ format: 'ringfence-project', version: 1, id }, null, 2)}\n`,
  );

/**
 * Folder and control database name each other: the first to open a new database gives it the folder's id, or a new one; a folder
 * whose file is lost takes the database's.
 * @throws RingfenceError `conflict` for the control database of another project.
 */
export const joinProject = async (project: Project, control: pg.Client): Promise<void> => {
  const named = readProjectId(project);
  await recordProject(control, named ?? randomUUID());
  const id = (await findProject(control))?.id;
  if (id === undefined) throw new RingfenceError('internal', 'the project was not recorded');
  if (named === undefined) writeProjectId(project, id);
  if (named === undefined || named === id) return;
  throw new RingfenceError(
    'conflict',
    `the control database belongs to project ${id}, this folder to project ${named}`,
    { fix: `put back the control folder that belongs here, or remove ${fileOf(project)} to take this one` },
  );
};
