import type { BackupRecord } from '../../control-plane/backups/store.js';

/** A backup in a line: id, time, rows. */
export const describeBackup = ({ id, startedAt, rows }: BackupRecord): string =>
  `${id} of ${startedAt.toISOString()} with ${rows ?? 'unknown'} rows`;
