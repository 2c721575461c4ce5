import { join } from 'node:path';
import { folderStore } from '../../data-plane/objects/folder-store.js';
import type { ObjectPlaces } from '../target.js';

/** Backups in the project's own folder: the default. */
export const FOLDER = 'folder';

export const folderObjects = (home: string): ObjectPlaces => ({
  form: null,
  chosen: undefined,
  holds: (place) => place === FOLDER,
  at: (_, cell) => folderStore(join(home, 'objects', cell)),
  whereabouts: async () => [
    { what: 'folder of objects', answer: 'here', evidence: `the folder ${join(home, 'objects')}` },
  ],
});
