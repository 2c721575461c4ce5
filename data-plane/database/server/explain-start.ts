import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { hasData } from './lost-data.js';
import type { ServerRecord } from './record.js';

const LOG_TAIL_CHARACTERS = 2_000;

/** Says why a server does not start, by the end of its log. */
export const explainStart = (error: unknown, record: ServerRecord): unknown => {
  // Without data it was initdb that failed, and its words say why.
  if (error instanceof RingfenceError && (error.code !== 'database_unavailable' || !hasData(record)))
    return error;
  const log = join(record.dataDir, 'postgres.log');
  const lastWords = existsSync(log) ? readFileSync(log, 'utf8').slice(-LOG_TAIL_CHARACTERS) : '';
  if (/No space left on device/.test(lastWords)) {
    return new RingfenceError('disk_full', 'the disk is full: Postgres could not start', {
      fix: 'free some space and run the command again; nothing that was committed is lost',
      cause: error,
    });
  }
  return new RingfenceError('database_unavailable', `the Postgres in ${record.dataDir} does not start`, {
    fix: `read its log: ${log}`,
    cause: error,
  });
};
