import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../../core/files/replace-file.js';
import { makePrivateDir, type ServerAccount } from './account.js';
import { setAside } from './set-aside.js';

export const IDENTIFIER_FILE = 'system-identifier';

/**
 * An archive is of one cluster: another's WAL has the same names, and recovery could not tell them apart. What is there of
 * another is kept aside, with its base backups, and the cluster in `dataDir` gets an archive of its own.
 */
export const claimArchive = (dataDir: string, account: ServerAccount | undefined, now = new Date()): void => {
  const around = dirname(dataDir);
  const archive = join(around, 'archive');
  const path = join(archive, IDENTIFIER_FILE);
  const own = systemIdentifier(dataDir);
  const known = existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  if (known !== undefined && known !== own)
    for (const name of ['archive', 'base']) setAside(join(around, name), now);
  makePrivateDir(archive, account);
  if (known !== own) replaceFile(path, `${own}\n`, { mode: 0o600 });
};

/** Which initdb chose at random: the first 8 bytes of pg_control (postgres, src/include/catalog/pg_control.h). */
export const systemIdentifier = (dataDir: string): string => {
  const file = openSync(join(dataDir, 'global', 'pg_control'), 'r');
  try {
    const bytes = Buffer.alloc(8);
    readSync(file, bytes, 0, 8, 0);
    return bytes.readBigUInt64LE().toString();
  } finally {
    closeSync(file);
  }
};
