import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { saysDiskFull } from './disk-full.js';
import { hasData } from './lost-data.js';
import type { ServerRecord } from './record.js';

const LOG_TAIL_CHARACTERS = 2_000;

/** Says why a server does not start, by the end of its log. */
export const explainStart = (error: unknown, record: ServerRecord): unknown => {
  // Without data it was initdb that failed, and its words say why.
  if (error instanceof RingfenceError && (error.code !== 'database_unavailable' || !hasData(record)))
    return error;
  const full = explainStop(error, record);
  if (full !== error) return full;
  const log = logOf(record);
  return new RingfenceError('database_unavailable', `the Postgres in ${record.dataDir} does not start`, {
    fix: `read its log: ${log}`,
    cause: error,
  });
};

/** Says that the disk is full, where that is what a server stopped at that nobody reaches any more; else the error as it is. */
export const explainStop = (error: unknown, record: ServerRecord): unknown => {
  if (!(error instanceof RingfenceError) || error.code !== 'database_unavailable') return error;
  const log = logOf(record);
  const lastWords = existsSync(log) ? readFileSync(log, 'utf8').slice(-LOG_TAIL_CHARACTERS) : '';
  if (!saysDiskFull(lastWords)) return error;
  return new RingfenceError('disk_full', 'the disk is full: Postgres could not write', {
    fix: 'free some space and run the command again; nothing that was committed is lost',
    cause: error,
  });
};

const logOf = ({ dataDir }: ServerRecord): string => join(dataDir, 'postgres.log');
