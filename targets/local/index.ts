import { join } from 'node:path';
import { z } from 'zod';
import { localKeyring } from '../../data-plane/keys/local-keyring.js';
import { cellDir } from '../cell-dir.js';
import { defineTarget } from '../define-target.js';
import { localHost } from './host.js';
import { folderObjects } from './objects.js';
import { LOCAL_SIZES } from './sizes.js';

const PLACE = 'this machine';

/** Cells as folders of the project, each with an embedded Postgres of its own: a cell's name says where it is. */
export const local = defineTarget({
  name: 'local',
  provider: PLACE,
  address: z.strictObject({}),
  isHere: true,
  hasSuperuser: true,
  option: null,
  restoredBy: null,
  settings: (size) => LOCAL_SIZES[size],
  words: () => ({ server: 'its server', place: PLACE }),
  billed: () => [],
  objects: ({ home }) => folderObjects(home),
  open: ({ home, reached }) => {
    const keyring = localKeyring(join(home, 'keyring'));
    return {
      keyRoot: () => keyring,
      keyRoots: [keyring],
      host: (cell) => localHost(cellDir(home, cell.name), cell, reached),
    };
  },
});
