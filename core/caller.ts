/** Through what somebody asked: the command line, a job of the worker, an engine of the user's, the toolkit itself. */
export const DOORS = ['cli', 'worker', 'engine', 'toolkit'] as const;
type Door = (typeof DOORS)[number];

/** The caller of a command or a job. */
export interface Caller {
  readonly who: string;
  readonly door: Door;
  /** A UUID, one for each command and each run of a job. All its effects are found by it. */
  readonly correlationId: string;
}

/** The toolkit does it, because what a caller asked for needs something else to be put right. */
export const asToolkit = ({ correlationId }: Pick<Caller, 'correlationId'>): Caller => ({
  who: 'ringfence',
  door: 'toolkit',
  correlationId,
});
