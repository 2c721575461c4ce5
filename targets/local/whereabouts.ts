import { join } from 'node:path';
import { orUnknown, type ServerPart, type Whereabouts } from '../../core/whereabouts.js';
import { listBaseBackups } from '../../data-plane/backup/cell/base-backup.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { type LogReader, listLogReaders } from '../../data-plane/database/log-readers.js';
import { archiveDir, archivedSegments } from '../../data-plane/database/server/archiving.js';
import { localServerStatus, runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { readRecord } from '../../data-plane/database/server/record.js';
import { isLoopback } from '../network/loopback.js';

/**
 * Where a part of an embedded server is: on this machine, and wherever somebody reads its log.
 * @param dir its folder.
 * @param whose names its owner: `cell one`.
 */
export const localWhereabouts = async (
  dir: string,
  whose: string,
  part: ServerPart,
): Promise<readonly Whereabouts[]> => {
  const dataDir = readRecord(dir)?.dataDir;
  if (dataDir === undefined || localServerStatus(dir, { mayBeOlder: true }) === 'absent')
    return [{ what: `server of ${whose}`, answer: 'unknown', evidence: `there is no server in ${dir}` }];
  if (part === 'database')
    return [{ what: `server of ${whose}`, answer: 'here', evidence: `its data is in ${dataDir}` }];
  if (part === 'logs')
    return [
      { what: `log of ${whose}`, answer: 'here', evidence: `the file ${join(dataDir, 'postgres.log')}` },
    ];
  return part === 'history' ? [historyIn(dataDir, whose)] : readersOf(dir, whose);
};

const historyIn = (dataDir: string, whose: string): Whereabouts => {
  const what = `base backups and archived WAL of ${whose}`;
  const bases = listBaseBackups(dataDir).length;
  const segments = archivedSegments(dataDir).length;
  const evidence = `${bases} base backups, ${segments} segments beside ${archiveDir(dataDir)}`;
  return { what, answer: bases + segments === 0 ? 'none' : 'here', evidence };
};

const READ = 'pg_replication_slots, pg_stat_replication';

const readersOf = (dir: string, whose: string): Promise<readonly Whereabouts[]> => {
  const what = `replicas of ${whose}`;
  return orUnknown(what, async () => {
    const server = runningLocalServer(dir);
    if (!server)
      return [{ what, answer: 'unknown', evidence: 'its server does not run, so nobody can be asked' }];
    const readers = await withConnection({ ...server, database: 'postgres' }, listLogReaders);
    if (readers.length === 0) return [{ what, answer: 'none', evidence: `${READ}: nobody reads its log` }];
    return readers.map((reader) => ({ what: `reader ${reader.name} of ${whose}`, ...placeOf(reader) }));
  });
};

const placeOf = ({ address, isConnected }: LogReader): { answer: 'here' | 'unknown'; evidence: string } => {
  if (!isConnected) return { answer: 'unknown', evidence: `${READ}: it is not connected` };
  return {
    answer: address === null || isLoopback(address) ? 'here' : 'unknown',
    evidence: `${READ}: it is connected from ${address ?? 'a socket of this machine'}`,
  };
};
