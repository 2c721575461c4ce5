import { RingfenceError } from './errors.js';

/**
 * Where a thing is, by the word of whoever holds it; a label that we gave it is no such word.
 * - `region`: its holder names a region.
 * - `here`: it is on this machine, wherever that is.
 * - `none`: its holder says that there is no such thing.
 * - `unknown`: nobody tells.
 */
export type Whereabouts = Readonly<{
  /** `instance clinics-prod`, `bucket backups` */
  what: string;
  /** What was read, from whom; of the unknown, why nothing could be. */
  evidence: string;
}> &
  (
    | Readonly<{ answer: 'region'; region: string }>
    | Readonly<{ answer: 'here' }>
    | Readonly<{ answer: 'none' }>
    | Readonly<{ answer: 'unknown' }>
  );

/** The parts of a cell's server. `history` is what an earlier moment of it is restored from. */
export const SERVER_PARTS = ['database', 'replicas', 'history', 'logs'] as const;
export type ServerPart = (typeof SERVER_PARTS)[number];

/** What a holder says. A holder that does not answer, or refuses to, tells nothing: that is unknown, with the reason. */
export const orUnknown = async (
  what: string,
  ask: () => Promise<readonly Whereabouts[]>,
): Promise<readonly Whereabouts[]> => {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    return [{ what, answer: 'unknown', evidence: `[${error.code}] ${error.message}` }];
  }
};
