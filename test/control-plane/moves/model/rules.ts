/** What the protocol of a move obliges to. A mutant breaks one rule. */
export interface Rules {
  /** `enter` refuses an epoch that is older than the cell's. */
  readonly enterComparesEpochs: boolean;
  /** `enter` refuses what the fence does not let in. */
  readonly enterReadsFence: boolean;
  /** When a transaction can be found inside the cell. */
  readonly enterRegisters: 'before it looks' | 'after it looked';
  /** When a commit of a writing transaction reads the fence. */
  readonly commitReadsFence: 'under the lock' | 'before the lock' | 'never';
  /** Which statements of a move in a cell are refused unless their attempt is the cell's. */
  readonly cellsCompareAttempts: 'all' | 'all but the copy' | 'all but the purge' | 'none';
  /** The flip is refused unless its attempt is the control database's. */
  readonly flipComparesAttempts: boolean;
  /** The row with the highest attempt stays in the cells when a move is over. */
  readonly attemptsStay: boolean;
  /** An abort or a takeover raises the attempt in the cells before anything else. */
  readonly takeoverRaisesAttempts: boolean;
  /** What is waited for between the fence and the flip. */
  readonly drain: 'numbered marker' | 'any marker' | 'empty queue' | 'nothing';
  /** The marker is written under the lock of the ledger. */
  readonly barrierLocksLedger: boolean;
  /** A run that finds the move fenced fences again from the beginning. */
  readonly resumesFenceAnew: boolean;
  /** When the source is closed. */
  readonly closes: 'before the flip' | 'after the destination is open';
  /** The flip waits for the last transaction inside the source. */
  readonly waitsForTransactions: boolean;
  /** When the destination is opened. */
  readonly opens: 'after the flip' | 'before the source is closed';
  /** The fence leaves the epoch of the source alone. */
  readonly fenceKeepsEpoch: boolean;
  readonly abortsAfterFlip: boolean;
  /** What the copy reads. */
  readonly copyReads: 'snapshot of the slot' | 'snapshot before the slot' | 'rows of the moment';
  readonly copyBeginsClean: boolean;
  /** A stream leaves out what came by another one (`origin = none`). */
  readonly streamsSkipForeign: boolean;
  /** When the reverse slot is made. */
  readonly reverseSlot:
    | 'before the fence'
    | 'before the fence, kept from before'
    | 'after the destination is open';
  /** The stream is dropped before the source is purged. */
  readonly dropsStreamBeforePurge: boolean;
}

export const PROTOCOL: Rules = {
  enterComparesEpochs: true,
  enterReadsFence: true,
  enterRegisters: 'before it looks',
  commitReadsFence: 'under the lock',
  cellsCompareAttempts: 'all',
  flipComparesAttempts: true,
  attemptsStay: true,
  takeoverRaisesAttempts: true,
  drain: 'numbered marker',
  barrierLocksLedger: true,
  resumesFenceAnew: true,
  closes: 'before the flip',
  waitsForTransactions: true,
  opens: 'after the flip',
  fenceKeepsEpoch: true,
  abortsAfterFlip: false,
  copyReads: 'snapshot of the slot',
  copyBeginsClean: true,
  streamsSkipForeign: true,
  reverseSlot: 'before the fence',
  dropsStreamBeforePurge: true,
};
