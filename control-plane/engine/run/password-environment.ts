import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../../core/files/is-running.js';
import { passwordFileText } from '../../../data-plane/database/password-file.js';
import type { ServerCredentials } from '../../../targets/target.js';

/**
 * A provider of @pulumi/postgresql reads the administrator's password from a file, as its client lib/pq does. With
 * PGPASSWORD set, the plugin would take that for an input of its own and write it into the state.
 */
export const passwordEnvironment = (file: string): { PGPASSFILE: string; PGPASSWORD: string } => ({
  PGPASSFILE: file,
  PGPASSWORD: '',
});

/**
 * Gives `work` a file, mode 0600, with the administrator's password for the one server of a run; it is removed afterwards.
 * Also removes files that killed processes left in `dir`.
 */
export const withPasswordFile = async <T>(
  dir: string,
  { user, password }: ServerCredentials,
  work: (path: string) => Promise<T>,
): Promise<T> => {
  removeAbandoned(dir);
  const path = join(dir, `${PREFIX}${process.pid}.${randomUUID()}`);
  try {
    writeFileSync(path, passwordFileText([{ user, password }]), { mode: 0o600, flag: 'wx' });
    return await work(path);
  } finally {
    rmSync(path, { force: true });
  }
};

const PREFIX = 'pgpass.';

const removeAbandoned = (dir: string): void => {
  for (const name of existsSync(dir) ? readdirSync(dir) : []) {
    if (name.startsWith(PREFIX) && !isRunning(Number(name.split('.')[1])))
      rmSync(join(dir, name), { force: true });
  }
};
