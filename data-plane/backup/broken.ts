import { RingfenceError } from '../../core/errors.js';

const CODES: readonly string[] = ['backup_refused', 'backup_not_found'];

/** Says whether the backup itself is damaged or gone, so that another backup may do. */
export const isBrokenBackup = (error: unknown): boolean =>
  error instanceof RingfenceError && CODES.includes(error.code);
