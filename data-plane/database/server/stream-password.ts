import { chownSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { replaceSecretFile } from '../../../core/files/secret-file.js';
import { passwordFileText } from '../password-file.js';
import { serverAccount } from './account.js';
import { readOwnRecord } from './data-owner.js';

const END = '.pgpass';

/** Beside the data, and not in it: base backups have what is in it. */
const pathOf = (dir: string, name: string): string => {
  const record = readOwnRecord(dir);
  if (record) return `${record.dataDir}.${name}${END}`;
  throw new RingfenceError('database_unavailable', `there is no server in ${dir}`);
};

/** Keeps a password where only the server's account reads it. @returns the parameter of libpq that names the file. */
export const keepStreamPassword = (
  dir: string,
  name: string,
  login: { readonly user: string; readonly password: string },
): string => {
  const path = pathOf(dir, name);
  replaceSecretFile(path, passwordFileText([login]));
  const account = serverAccount();
  if (account) chownSync(path, account.uid, account.gid);
  return `passfile='${path.replace(/['\\]/g, '\\$&')}'`;
};

/** Names of the passwords that are kept. */
export const listStreamPasswords = (dir: string): string[] => {
  const record = existsSync(dir) ? readOwnRecord(dir) : undefined;
  if (!record || !existsSync(dirname(record.dataDir))) return [];
  const start = `${basename(record.dataDir)}.`;
  return readdirSync(dirname(record.dataDir))
    .filter((file) => file.startsWith(start) && file.endsWith(END))
    .map((file) => file.slice(start.length, -END.length));
};

/** Idempotent. */
export const dropStreamPassword = (dir: string, name: string): void => {
  if (existsSync(dir) && readOwnRecord(dir)) rmSync(pathOf(dir, name), { force: true });
};
