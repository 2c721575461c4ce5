import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { replaceSecretFile } from '../../../core/files/secret-file.js';
import { passwordFileText } from '../password-file.js';
import { runningLocalServer } from './local-server.js';
import { readRecord } from './record.js';

/**
 * Writes a project's password file for plain `pulumi`, mode 0600: the superuser of each local cell, where its server listens
 * or listened last. @param home the project's `.ringfence`. @returns the file's path
 */
export const writeLocalPasswords = (home: string): string => {
  const cells = join(home, 'cells');
  const entries = (existsSync(cells) ? readdirSync(cells).sort() : []).flatMap((cell) => {
    const record = readRecord(join(cells, cell));
    const port = runningLocalServer(join(cells, cell))?.port ?? record?.port;
    if (!record || port == null) return [];
    return [{ host: '127.0.0.1', port, user: record.superuser, password: record.password }];
  });
  const path = join(home, 'workspace', 'pgpass');
  replaceSecretFile(path, passwordFileText(entries));
  return path;
};
