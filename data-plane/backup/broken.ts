import { RingfenceError } from '../../core/errors.js';

const CODES: readonly string[] = ['backup_refused', 'backup_not_found'];

/** Whether the backup itself is damaged or gone: another one may do where this one cannot. */
export const isBrokenBackup = (error: unknown): boolean =>
  error instanceof RingfenceError && CODES.includes(error.code);
