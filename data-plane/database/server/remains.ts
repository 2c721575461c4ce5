import { existsSync, realpathSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { notePath } from './data-owner.js';
import { isRecordLost, likelyPlace } from './lost-data.js';
import { readRecord, type ServerRecord } from './record.js';

/** Removes a server's data and its history, also from a full disk. */
export const removeData = ({ dataDir }: ServerRecord): void => {
  const around = dirname(dataDir);
  rmSync(notePath(dataDir), { force: true });
  if (existsSync(dataDir)) rmSync(realpathSync(dataDir), { recursive: true, force: true });
  rmSync(around, { recursive: true, force: true });
};

/** A record that is damaged, or gone, names no folder: it is where something is, or where this machine would put it. */
export const recordToPurge = (dir: string): ServerRecord | undefined => {
  try {
    return readRecord(dir) ?? (isRecordLost(dir) ? unknownServer(dir) : undefined);
  } catch (error) {
    if (!(error instanceof RingfenceError) || error.code !== 'config_invalid') throw error;
    return unknownServer(dir);
  }
};

const unknownServer = (dir: string): ServerRecord => ({
  id: '',
  dataDir: likelyPlace(dir),
  dataMade: false,
  port: null,
  portPinned: false,
  superuser: '',
  password: '',
});
