import { RingfenceError } from '../../../core/errors.js';

export const notInContext = (message: string): RingfenceError =>
  new RingfenceError('not_in_context', message, {
    fix: 'do all work inside the function that you give to access.run, and wait for it there',
  });

export const runHasEnded = (): RingfenceError => notInContext('the run that this was part of has ended');
