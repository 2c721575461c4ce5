import { RingfenceError } from '../../../core/errors.js';

/** Why an archive is not used; one error for every kind of tampering, so that no reader handles one and not another. */
export const refused = (reason: string, cause?: unknown): RingfenceError =>
  new RingfenceError('backup_refused', `the archive is refused: ${reason}`, {
    fix: 'use another backup of this tenant; this one was damaged, altered, or made for something else',
    cause,
  });
