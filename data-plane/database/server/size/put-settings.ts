import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RingfenceError } from '../../../../core/errors.js';
import { type Connection, withConnection } from '../../connect.js';
import { serverAccount } from '../account.js';
import { ensureLocalServer, stopServerAlone } from '../local-server.js';
import { readRecord } from '../record.js';
import {
  type FoundSetting,
  findSettings,
  isDifferent,
  SETTING_NAMES,
  type ServerSettings,
  settingText,
} from './settings.js';
import { acceptSizeFile, writeSizeFile } from './size-file.js';

const RELOAD_LOOKS = 100;
const RELOAD_LOOK_MS = 20;

/**
 * Gives the local server in `dir` its settings, and restarts it where one of them needs that. What somebody set by ALTER SYSTEM
 * is given up. A run that was killed anywhere is run again.
 * @returns how long no client could connect, in milliseconds; null without a restart.
 * @throws RingfenceError `settings_refused` when the server does not start with them: it runs with those before.
 */
export const putServerSettings = async (
  dir: string,
  wanted: ServerSettings,
  reached: (point: string) => void,
): Promise<number | null> => {
  const admin = await ensureAdmin(dir);
  const dataDir = readRecord(dir)?.dataDir ?? '';
  if ((await differences(admin, wanted)).length === 0) {
    acceptSizeFile(dataDir);
    return null;
  }
  writeSizeFile(dataDir, wanted, serverAccount());
  reached('settings-written');
  const left = await withConnection(admin, (client) => reload(client, wanted));
  if (left.length === 0) {
    acceptSizeFile(dataDir);
    reached('settings-applied');
    return null;
  }
  const pauseMs = await restart(dir, admin, dataDir, reached, wanted);
  reached('settings-applied');
  return pauseMs;
};

const ensureAdmin = async (dir: string): Promise<Connection> => ({
  ...(await ensureLocalServer(dir)),
  database: 'postgres',
});

const differences = (admin: Connection, wanted: ServerSettings): Promise<FoundSetting[]> =>
  withConnection(admin, async (client) => (await findSettings(client, wanted)).filter(isDifferent));

/** Takes over what needs no restart. The server reads its files a moment later. @returns what needs one. */
const reload = async (client: pg.ClientBase, wanted: ServerSettings): Promise<FoundSetting[]> => {
  for (const name of SETTING_NAMES) await client.query(`ALTER SYSTEM RESET ${name}`);
  await client.query('SELECT pg_reload_conf()');
  for (let look = 1; ; look++) {
    const found = (await findSettings(client, wanted)).filter(isDifferent);
    if (found.every(({ needsRestart }) => needsRestart) || look === RELOAD_LOOKS) return found;
    await pause(RELOAD_LOOK_MS);
  }
};

const restart = async (
  dir: string,
  admin: Connection,
  dataDir: string,
  reached: (point: string) => void,
  wanted: ServerSettings,
): Promise<number> => {
  // Written before, it is not written while the server is down.
  await withConnection(admin, (client) => client.query('CHECKPOINT'));
  const log = join(dataDir, 'postgres.log');
  const saidBytes = existsSync(log) ? statSync(log).size : 0;
  const stoppedMs = performance.now();
  stopServerAlone(dir);
  reached('server-stopped');
  const restarted = await ensureAdmin(dir);
  const pauseMs = Math.round(performance.now() - stoppedMs);
  const left = await differences(restarted, wanted);
  if (left.length === 0) return pauseMs;
  const words = /FATAL:\s+(.*)/.exec(readFileSync(log).subarray(saidBytes).toString('utf8'))?.[1];
  const refused = left.map(({ key, name }) => `${name} = ${settingText(key, wanted[key])}`).join(', ');
  throw new RingfenceError(
    'settings_refused',
    `the server does not start with ${refused}${words ? `: ${words}` : ''}`,
    {
      fix: 'it runs again with its settings of before; choose a smaller size, or give the machine more memory',
    },
  );
};
