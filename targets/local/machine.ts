import type { Whereabouts } from '../../core/whereabouts.js';

/** Where this machine is. A machine by itself does not know. */
export const thisMachine = async (): Promise<Whereabouts> => ({
  what: 'this machine',
  answer: 'unknown',
  evidence: 'this machine says nothing of its place',
});
