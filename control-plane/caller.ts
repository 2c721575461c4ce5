/** Through what somebody asked: the command line, a job of the worker, an engine of the user's, the toolkit itself. */
type Door = 'cli' | 'worker' | 'engine' | 'toolkit';

/** Who asked for what is done. */
export interface Caller {
  readonly who: string;
  readonly door: Door;
}

/** What the toolkit does because something else has to be put right. */
export const TOOLKIT: Caller = { who: 'ringfence', door: 'toolkit' };
