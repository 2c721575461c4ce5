import { createReadStream, type Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ImportSource, isPlainPath, refused } from './source.js';

/** The files below a folder, hidden ones left out. @throws RingfenceError import_refused for links and special files. */
export const folderSource = async (folder: string): Promise<ImportSource> => {
  const files = new Map<string, number>();
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await walk(path);
      else files.set(path, await sizeOf(folder, path, entry));
    }
  };
  await walk('');
  return onDisk(files, (path) => join(folder, path));
};

/** One file, under its own name. */
export const fileSource = async (path: string, bytes: number): Promise<ImportSource> =>
  onDisk(new Map([[basename(path), bytes]]), () => path);

const onDisk = (files: ReadonlyMap<string, number>, pathOf: (path: string) => string): ImportSource => ({
  files,
  async *read(path) {
    if (!files.has(path)) throw refused(`there is no ${path}`);
    for await (const part of createReadStream(pathOf(path))) yield part as Buffer;
  },
  close: () => undefined,
});

const sizeOf = async (folder: string, path: string, entry: Dirent): Promise<number> => {
  const name = JSON.stringify(path.slice(0, 80));
  if (!entry.isFile()) throw refused(`${name} is a link or another special file`);
  if (!isPlainPath(path)) throw refused(`the name ${name} is not a plain path`);
  return (await stat(join(folder, path))).size;
};
