import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { createSecretFile } from '../../core/files/secret-file.js';
import { readKeyring } from '../../data-plane/keys/keyring-file.js';
import type { Project } from '../project/project.js';

/**
 * Checks the keyrings of a folder and copies them into the project. A keyring that is there already must be the same.
 * @returns the names of their cells. @throws RingfenceError `keyring_missing`, `keyring_invalid`, `conflict`.
 */
export const bringKeyring = async (project: Project, folder: string): Promise<string[]> => {
  const files = (isFolder(folder) ? readdirSync(folder) : []).filter((name) =>
    /^[a-z0-9-]+\.json$/.test(name),
  );
  if (files.length === 0)
    throw new RingfenceError('keyring_missing', `there is no keyring in ${folder}`, {
      fix: 'name the folder of your copy of .ringfence/keyring: it has a file <cell>.json for each cell',
    });
  mkdirSync(join(project.home, 'keyring'), { recursive: true, mode: 0o700 });
  for (const file of files) {
    await readKeyring(join(folder, file), basename(file, '.json'));
    const text = readFileSync(join(folder, file), 'utf8');
    if (createSecretFile(join(project.home, 'keyring', file), text) !== text)
      throw new RingfenceError('conflict', `another keyring ${file} is in the project already`, {
        fix: 'recover in an empty folder',
      });
  }
  return files.map((file) => basename(file, '.json')).sort();
};

/**
 * Copies the objects of a folder into the project. Objects that are there already stay. @throws RingfenceError
 * `backup_not_found`.
 */
export const bringObjects = (project: Project, folder: string): void => {
  const objects = join(project.home, 'objects');
  if (!isFolder(folder) || readdirSync(folder).length === 0)
    throw new RingfenceError('backup_not_found', `there are no objects in ${folder}`, {
      fix: 'name the folder of your copy of .ringfence/objects, or s3://<bucket>/<prefix>',
    });
  if (resolve(folder) === resolve(objects)) return;
  mkdirSync(objects, { recursive: true, mode: 0o700 });
  const isObject = (path: string): boolean => basename(path) !== '.incoming';
  cpSync(folder, objects, { recursive: true, force: false, preserveTimestamps: true, filter: isObject });
};

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
