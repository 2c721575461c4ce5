import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../../../core/files/whole-file.js';
import type { ServerAccount } from '../account.js';
import { type ServerSettings, settingLines } from './settings.js';

const FILE = 'size.conf';
/** The file as it was before. While it is there, no server has started with the present one yet. */
const BEFORE = 'size.conf.before';
const INCLUDE = `include_if_exists = '${FILE}'`;

/** Writes the settings for the next start or reload, and keeps those before until a server has started with the new ones. */
export const writeSizeFile = (
  dataDir: string,
  settings: ServerSettings,
  account: ServerAccount | undefined,
): void => {
  const path = join(dataDir, FILE);
  const before = join(dataDir, BEFORE);
  const owned = { mode: 0o600, owner: account };
  if (!existsSync(before)) replaceFile(before, existsSync(path) ? readFileSync(path, 'utf8') : '', owned);
  replaceFile(path, settingLines(settings), owned);
  includeLast(join(dataDir, 'postgresql.conf'), account);
};

/** The last line of a configuration that sets a value holds, so what somebody wrote below the line gives way. */
const includeLast = (main: string, account: ServerAccount | undefined): void => {
  const text = readFileSync(main, 'utf8');
  if (text.endsWith(`\n${INCLUDE}\n`)) return;
  const others = text.replaceAll(`\n${INCLUDE}\n`, '\n');
  replaceFile(main, `${others.trimEnd()}\n${INCLUDE}\n`, { mode: 0o600, owner: account });
};

/** A server runs with the present file: the one before is not needed any more. */
export const acceptSizeFile = (dataDir: string): void => rmSync(join(dataDir, BEFORE), { force: true });

/** Puts the file before back, where no server has started with the present one. @returns whether there was one. */
export const takeBackSizeFile = (dataDir: string): boolean => {
  const before = join(dataDir, BEFORE);
  if (!existsSync(before)) return false;
  renameSync(before, join(dataDir, FILE));
  return true;
};
