import { RingfenceError } from '../../../core/errors.js';

/** The refusal of an archive. All kinds of tampering have one error, so that no reader handles one kind and misses another. */
export const refused = (reason: string, cause?: unknown): RingfenceError =>
  new RingfenceError('backup_refused', `the archive is refused: ${reason}`, {
    fix: 'use another backup of this tenant; this one was damaged, altered, or made for something else',
    cause,
  });
