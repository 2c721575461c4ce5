import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RingfenceError } from '../../core/errors.js';
import { translateFolderError } from './folder-errors.js';
import { assertObjectKey, type ObjectStore, type StoredObject } from './object-store.js';

/** Objects on their way in; no key can name it, because no part of a key starts with a dot. */
const INCOMING = '.incoming';
/** A file there that is older than this was left by a crash. */
const INCOMING_MAX_AGE_MS = 24 * 60 * 60 * 1000;
const READ_BYTES = 256 * 1024;

/** Objects as files below a folder, readable by their owner only. For local cells, and for tests. */
export const folderStore = (folder: string, options: { readonly now?: () => Date } = {}): ObjectStore => {
  const now = options.now ?? (() => new Date());
  const incoming = join(folder, INCOMING);
  const pathOf = (key: string): string => {
    assertObjectKey(key);
    return join(folder, key);
  };

  const removeLeftovers = async (): Promise<void> => {
    for (const name of await readdir(incoming)) {
      const { mtimeMs } = await stat(join(incoming, name)).catch(() => ({
        mtimeMs: Number.POSITIVE_INFINITY,
      }));
      if (now().getTime() - mtimeMs > INCOMING_MAX_AGE_MS) await rm(join(incoming, name), { force: true });
    }
  };

  const statPath = async (key: string, path: string): Promise<StoredObject | undefined> => {
    try {
      const found = await stat(path);
      return found.isFile() ? { key, bytes: found.size, modifiedAt: found.mtime } : undefined;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw translateFolderError(error);
    }
  };

  return {
    name: 'folder',

    async check() {
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
        if (!isAbsent(error)) throw translateFolderError(error);
      });
    },

    async put(key, source, { retainDays } = {}) {
      const path = pathOf(key);
      if (retainDays !== undefined) throw cannotLock();
      const temporary = join(incoming, randomUUID());
      try {
        await guarded(async () => {
          await mkdir(incoming, { recursive: true, mode: 0o700 });
          await removeLeftovers();
        });
        const bytes = await writeWhole(temporary, source);
        await guarded(async () => {
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          await rename(temporary, path);
          await syncFolder(dirname(path));
        });
        return bytes;
      } finally {
        await rm(temporary, { force: true });
      }
    },

    async get(key, startByte = 0) {
      const path = pathOf(key);
      try {
        return readFrom(await open(path, 'r'), startByte);
      } catch (error) {
        if (!isAbsent(error)) throw translateFolderError(error);
        throw new RingfenceError('backup_not_found', `there is no object ${key}`, { cause: error });
      }
    },

    stat: async (key) => statPath(key, pathOf(key)),

    async *list(prefix) {
      for await (const key of walk(folder, '')) {
        const found = key.startsWith(prefix) ? await statPath(key, join(folder, key)) : undefined;
        if (found !== undefined) yield found;
      }
    },

    delete: async (key) => {
      const path = pathOf(key);
      await guarded(() => rm(path, { force: true }));
    },
  };
};

const cannotLock = (): RingfenceError =>
  new RingfenceError('config_invalid', 'a folder cannot lock objects', {
    fix: 'keep the objects in S3, in a bucket with object lock',
  });

const writeWhole = async (path: string, source: AsyncIterable<Uint8Array>): Promise<number> => {
  const file = await guarded(() => open(path, 'wx', 0o600));
  try {
    let bytes = 0;
    for await (const part of source) {
      await guarded(() => file.writeFile(part));
      bytes += part.length;
    }
    await guarded(() => file.sync());
    return bytes;
  } finally {
    await file.close();
  }
};

async function* readFrom(file: FileHandle, startByte: number): AsyncGenerator<Buffer> {
  try {
    for (let at = startByte; ; ) {
      const { bytesRead, buffer } = await guarded(() =>
        file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, at),
      );
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Keys of all files, ascending: a folder sorts as its name and a slash. */
async function* walk(folder: string, prefix: string): AsyncGenerator<string> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw translateFolderError(error);
  });
  const names = entries
    .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isFile()))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort();
  for (const name of names) {
    if (name.endsWith('/')) yield* walk(folder, prefix + name);
    else yield prefix + name;
  }
}

const syncFolder = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw translateFolderError(error);
  }
};

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
