import { type ErrorCode, RingfenceError } from '../../core/errors.js';

const TRANSLATIONS: Readonly<Record<string, readonly [code: ErrorCode, message: string, fix: string]>> = {
  ENOSPC: ['disk_full', 'no space is left for the object', 'free space on the disk of the object folder'],
  EDQUOT: ['disk_full', 'the disk quota leaves no space for the object', 'raise the quota or free space'],
  EFBIG: ['disk_full', 'the object is larger than files may be here', 'raise the limit on file sizes'],
  EACCES: ['permission_denied', 'the object folder may not be used', 'run as the owner of the object folder'],
  EPERM: ['permission_denied', 'the object folder may not be used', 'run as the owner of the object folder'],
  EROFS: ['permission_denied', 'the object folder is read-only', 'mount its disk for writing'],
};

/** The one place where failures of the file system become RingfenceErrors of an object store. */
export const translateFolderError = (error: unknown): RingfenceError => {
  if (error instanceof RingfenceError) return error;
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [code, message, fix] = TRANSLATIONS[errno] ?? [
    'object_store_unavailable',
    'the object folder does not work',
    'check the disk and try again',
  ];
  return new RingfenceError(code, message, { fix, cause: error });
};
