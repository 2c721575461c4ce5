import { randomBytes, randomUUID } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { removeAbandonedDrafts } from '../../core/files/draft.js';
import { assertOpaqueContext } from './encryption-context.js';
import { KEY_BYTES, type KeyRoot } from './key-root.js';
import { type KeyringRoot, readKeyring, writeKeyring } from './keyring-file.js';
import { unwrapLocally, wrapLocally } from './local-wrap.js';
import type { RandomSource } from './random.js';

const CELL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const IV_BYTES = 12;
const PREFIX = 'local/';

/** Replaces the time and the randomness of a keyring. */
export interface LocalKeyringOptions {
  readonly random?: RandomSource;
  readonly now?: () => Date;
}

/**
 * Root keys in files, `<folder>/<cell>.json`, for cells without a KMS. A reader of the file can open the cell's tenant
 * keys. A cell without its file gives keyring_missing; a file that is damaged, readable by others or of another cell gives
 * keyring_invalid. Two processes that create one cell's keyring at once end with one key.
 */
export const localKeyring = (folder: string, options: LocalKeyringOptions = {}): KeyRoot => {
  const random = options.random ?? randomBytes;
  const now = options.now ?? (() => new Date());
  const pathOf = (cell: string): string => join(folder, `${assertCell(cell)}.json`);

  const create = (cell: string): void => {
    const root = { id: `${PREFIX}${cell}/${randomUUID()}`, key: random(KEY_BYTES) };
    writeKeyring(pathOf(cell), { cell, roots: [root] }, true);
    root.key.fill(0);
  };

  const rootById = async (rootKeyId: string): Promise<KeyringRoot> => {
    const cell = cellOf(rootKeyId);
    const roots = await readKeyring(pathOf(cell), cell);
    if (roots === undefined) throw missing(cell, pathOf(cell));
    const root = roots.find(({ id }) => id === rootKeyId);
    if (root !== undefined) return root;
    throw new RingfenceError('keyring_invalid', `the keyring of cell ${cell} does not hold ${rootKeyId}`, {
      fix: `restore the copy of ${pathOf(cell)} that belongs to this control database`,
    });
  };

  return {
    name: 'local',
    knows: (rootKeyId) => rootKeyId.startsWith(PREFIX),

    async ensureRoot(cell, { mayCreate }) {
      const path = pathOf(cell);
      removeAbandonedDrafts(path);
      if (mayCreate && (await readKeyring(path, cell)) === undefined) create(cell);
      const roots = await readKeyring(path, cell);
      if (roots === undefined) throw missing(cell, path);
      const newest = roots.at(-1);
      if (newest !== undefined) return newest.id;
      throw new RingfenceError('keyring_invalid', `the keyring of cell ${cell} holds no keys`, {
        fix: 'restore the keyring from its copy; its keys cannot be made again',
      });
    },

    async wrap(rootKeyId, key, context) {
      assertOpaqueContext(context);
      return wrapLocally(await rootById(rootKeyId), key, context, random(IV_BYTES));
    },

    async unwrap(rootKeyId, wrapped, context) {
      assertOpaqueContext(context);
      return unwrapLocally(await rootById(rootKeyId), wrapped, context);
    },

    async scheduleRootDeletion(rootKeyId) {
      const cell = cellOf(rootKeyId);
      const roots = (await readKeyring(pathOf(cell), cell)) ?? [];
      const kept = roots.filter(({ id }) => id !== rootKeyId);
      if (kept.length === 0 && roots.length > 0) await unlink(pathOf(cell));
      if (kept.length > 0 && kept.length < roots.length) {
        writeKeyring(pathOf(cell), { cell, roots: kept }, false);
      }
      return now();
    },

    async whereabouts(rootKeyId) {
      (await rootById(rootKeyId)).key.fill(0);
      return [
        { what: `root key ${rootKeyId}`, answer: 'here', evidence: `read from ${pathOf(cellOf(rootKeyId))}` },
      ];
    },
  };
};

const assertCell = (cell: string): string => {
  if (CELL.test(cell)) return cell;
  throw new RingfenceError(
    'config_invalid',
    'a cell name has lower-case letters, digits and hyphens, at most 63',
  );
};

const cellOf = (rootKeyId: string): string => {
  const cell = /^local\/([a-z0-9-]+)\/[0-9a-f-]{36}$/.exec(rootKeyId)?.[1];
  if (cell !== undefined) return cell;
  throw new RingfenceError('key_not_found', `${JSON.stringify(rootKeyId)} is not a key of a local keyring`, {
    fix: 'the tenant key was wrapped by another key service: use the target that the cell was made with',
  });
};

const missing = (cell: string, path: string): RingfenceError =>
  new RingfenceError('keyring_missing', `the keyring of cell ${cell} is not there: ${path}`, {
    fix: 'restore the keyring from its copy; its keys cannot be made again',
  });
