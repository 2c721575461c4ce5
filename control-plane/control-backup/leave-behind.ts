import { dirname, join } from 'node:path';
import { recordServer, stopLocalServer } from '../../data-plane/database/server/local-server.js';
import { updateRecord } from '../../data-plane/database/server/record.js';
import { setAside } from '../../data-plane/database/server/set-aside.js';

/**
 * Puts the server's data and history out of the way: segments of two servers, and of two pasts of one, have the same names, and
 * none may write among the other's. @returns what is kept.
 */
export const leaveBehind = (dir: string, now: Date): string[] => {
  const data = leaveData(dir, now);
  const folder = dirname(recordServer(dir).dataDir);
  return [
    ...data,
    ...[join(folder, 'archive'), join(folder, 'base')].flatMap((path) => setAside(path, now) ?? []),
  ];
};

/** Puts the server's data out of the way, and leaves its history where it is. @returns what is kept. */
export const leaveData = (dir: string, now: Date): string[] => {
  const record = recordServer(dir);
  stopLocalServer(dir);
  const kept = setAside(record.dataDir, now);
  updateRecord(dir, { ...record, dataMade: false });
  return kept ? [kept] : [];
};
