import { RingfenceError } from '../core/errors.js';
import { translateIfDatabaseError } from './database/errors.js';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Translates what `pg` and the file system threw, and passes on everything else, so that a boundary may see any error. */
export const translateForeignError = (thrown: unknown): unknown => {
  const error = translateIfDatabaseError(thrown);
  if (error instanceof RingfenceError) return error;
  const { code = '', syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (FULL.has(code)) {
    return new RingfenceError(
      'disk_full',
      `the disk is full${path ? `: ${path} could not be written` : ''}`,
      {
        fix: 'free some space and run the command again; nothing that was committed is lost',
        cause: error,
      },
    );
  }
  if (FORBIDDEN.has(code) && syscall && path) {
    return new RingfenceError('permission_denied', `this user may not ${syscall} ${path} (${code})`, {
      fix: 'give it to this user; `ringfence doctor` looks at the permissions',
      cause: error,
    });
  }
  return error;
};
