import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../../core/files/whole-file.js';
import { makePrivateDir, type ServerAccount } from './account.js';
import { readControlFile } from './control-file.js';
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
  const own = readControlFile(dataDir).systemId;
  const known = existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  if (known !== undefined && known !== own)
    for (const name of ['archive', 'base']) setAside(join(around, name), now);
  makePrivateDir(archive, account);
  if (known !== own) replaceFile(path, `${own}\n`, { mode: 0o600 });
};
