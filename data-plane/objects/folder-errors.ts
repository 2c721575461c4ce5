import { type ErrorCode, RingfenceError } from '../../core/errors.js';

const TRANSLATIONS: Readonly<Record<string, readonly [code: ErrorCode, message: string, fix: string]>> = {
  ENOSPC: ['disk_full', 'No space is left for the object', 'Free space on the disk of the object folder.'],
  EDQUOT: ['disk_full', 'The disk quota leaves no space for the object', 'Raise the quota or free space.'],
  EFBIG: ['disk_full', 'The object is larger than files may be here', 'Raise the limit on file sizes.'],
  EACCES: [
    'permission_denied',
    'The object folder may not be used',
    'Run as the owner of the object folder.',
  ],
  EPERM: ['permission_denied', 'The object folder may not be used', 'Run as the owner of the object folder.'],
  EROFS: ['permission_denied', 'The object folder is read-only', 'Mount its disk for writing.'],
};

/** The one place where failures of the file system become RingfenceErrors of an object store. */
export const translateFolderError = (error: unknown): RingfenceError => {
  if (error instanceof RingfenceError) return error;
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [code, message, fix] = TRANSLATIONS[errno] ?? [
    'object_store_unavailable',
    'The object folder does not work',
    'Check the disk and try again.',
  ];
  return new RingfenceError(code, message, { fix, cause: error });
};
