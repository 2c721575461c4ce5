import { access, constants, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Check } from '../types.js';

const OTHERS = 0o077;
const OTHERS_MAY_WRITE = 0o022;
const OTHERS_MAY_ENTER = 0o001;
/** The folder for a server's data when root works in a folder that the server's account may not enter. */
const ROOT_DATA_DIR = '/var/lib/ringfence';

/** Checks the permissions of the project's home and its secrets, and the place of root's servers. */
export const checkPermissions: Check = async ({ project }) => {
  const name = 'permissions';
  const { home } = project;
  const mode = await modeOf(home);
  if (mode === undefined)
    return { name, status: 'ok', detail: `${home} does not exist yet`, data: { readable: [] } };
  const writable = await access(home, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) {
    return {
      name,
      status: 'fail',
      detail: `${home} is not writable`,
      fix: 'give it to this user, or set RINGFENCE_HOME',
    };
  }
  const readable = await readableSecrets(home);
  if (readable.length > 0) {
    return {
      name,
      status: 'fail',
      detail: `other users may read ${readable.map((path) => relative(home, path)).join(', ')}`,
      fix: `chmod 600 ${readable.join(' ')}`,
      data: { readable },
    };
  }
  if ((mode & OTHERS_MAY_WRITE) !== 0) {
    return {
      name,
      status: 'warn',
      detail: `other users may write ${home} (mode ${mode.toString(8)})`,
      fix: `chmod go-w ${home}`,
      data: { readable },
    };
  }
  const closed = process.getuid?.() === 0 ? await closedParent(home) : undefined;
  const place = closed
    ? `; run by root below ${closed}, which other users may not enter, so servers are kept under ${ROOT_DATA_DIR}`
    : '';
  return {
    name,
    status: 'ok',
    detail: `secrets are readable by this user only${place}`,
    data: { readable, rootDataDir: closed ? ROOT_DATA_DIR : null },
  };
};

/** The secret files that anybody but their owner may read. */
const readableSecrets = async (home: string): Promise<string[]> => {
  const children = async (folder: string) =>
    (await readdir(join(home, folder)).catch(() => [])).map((child) => join(home, folder, child));
  const secrets = [
    join(home, 'passphrase'),
    join(home, 'control', 'server.json'),
    join(home, 'workspace', 'pgpass'),
    ...(await children('cells')).map((cell) => join(cell, 'server.json')),
    ...(await children('keyring')),
  ];
  const modes = await Promise.all(secrets.map(modeOf));
  return secrets.filter((_, index) => ((modes[index] ?? 0) & OTHERS) !== 0);
};

const closedParent = async (path: string): Promise<string | undefined> => {
  for (let folder = path; dirname(folder) !== folder; folder = dirname(folder)) {
    if (((await modeOf(folder)) ?? OTHERS_MAY_ENTER) & OTHERS_MAY_ENTER) continue;
    return folder;
  }
  return undefined;
};

const modeOf = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).mode & 0o777;
  } catch {
    return undefined;
  }
};
