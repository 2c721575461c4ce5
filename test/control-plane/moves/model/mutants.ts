import { ALWAYS_ENDS } from './explore.js';
import type { Bounds } from './model.js';
import { NAMES } from './properties.js';
import type { Rules } from './rules.js';

interface Mutant {
  readonly change: Partial<Rules>;
  /** The property that it breaks. */
  readonly breaks: string;
  /** What it needs beyond one application with two attempts and a process that was taken over. */
  readonly needs?: Partial<Bounds>;
}

/** Each breaks one rule of the protocol. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'the flip does not wait for a marker': { change: { drain: 'nothing' }, breaks: NAMES.nothingLost },
  'no lag is taken for drained': { change: { drain: 'empty queue' }, breaks: NAMES.nothingLost },
  'any marker is taken for the one of this fence': {
    change: { drain: 'any marker' },
    breaks: NAMES.nothingLost,
  },
  'the marker is written without the lock of the ledger': {
    change: { barrierLocksLedger: false },
    breaks: NAMES.nothingLost,
  },
  'a run that finds the fence trusts it': { change: { resumesFenceAnew: false }, breaks: NAMES.nothingLost },
  'a commit does not read the fence': { change: { commitReadsFence: 'never' }, breaks: NAMES.nothingLost },
  'a commit reads the fence before it has the lock': {
    change: { commitReadsFence: 'before the lock' },
    breaks: NAMES.nothingLost,
  },
  'enter does not read the fence': { change: { enterReadsFence: false }, breaks: NAMES.readsGoOn },
  'enter looks before it registers': {
    change: { enterRegisters: 'after it looked' },
    breaks: NAMES.readsGoOn,
  },
  'enter does not compare epochs': { change: { enterComparesEpochs: false }, breaks: NAMES.newRoutesOnly },
  'the fence raises the epoch of the source': {
    change: { fenceKeepsEpoch: false },
    breaks: NAMES.routeAdmits,
  },
  'the source still lets readers in when the destination opens': {
    change: { closes: 'after the destination is open' },
    breaks: NAMES.readsGoOn,
  },
  'the flip does not wait for transactions inside the source': {
    change: { waitsForTransactions: false },
    breaks: NAMES.readsGoOn,
  },
  'the destination opens before the source is closed': {
    change: { opens: 'before the source is closed' },
    breaks: NAMES.onlyHomeWrites,
  },
  'an abort may begin after the flip': { change: { abortsAfterFlip: true }, breaks: NAMES.oneWrites },
  'statements in cells do not compare attempts': {
    change: { cellsCompareAttempts: 'none' },
    breaks: NAMES.oneWrites,
  },
  'the copy does not compare attempts': {
    change: { cellsCompareAttempts: 'all but the copy' },
    breaks: NAMES.homeKeepsRows,
  },
  'the purge asks for the fence and not for the attempt': {
    change: { cellsCompareAttempts: 'all but the purge' },
    breaks: NAMES.homeKeepsRows,
    needs: { attempts: 3 },
  },
  'the flip does not compare attempts': {
    change: { flipComparesAttempts: false },
    breaks: NAMES.onlyHomeWrites,
  },
  'a takeover does not raise the attempts in the cells': {
    change: { takeoverRaisesAttempts: false },
    breaks: ALWAYS_ENDS,
  },
  'the attempts are forgotten when a move is over': {
    change: { attemptsStay: false },
    breaks: NAMES.staysOver,
  },
  'the snapshot is older than the slot': {
    change: { copyReads: 'snapshot before the slot' },
    breaks: NAMES.nothingLost,
  },
  'the copy reads rows of the moment': {
    change: { copyReads: 'rows of the moment' },
    breaks: NAMES.nothingTwice,
  },
  'a copy that is repeated does not begin clean': {
    change: { copyBeginsClean: false },
    breaks: NAMES.nothingTwice,
  },
  'streams carry what came by the other one': {
    change: { streamsSkipForeign: false },
    breaks: NAMES.nothingTwice,
  },
  'the reverse slot is made after the destination is open': {
    change: { reverseSlot: 'after the destination is open' },
    breaks: NAMES.nothingLost,
  },
  'a reverse slot of before a copy is kept': {
    change: { reverseSlot: 'before the fence, kept from before' },
    breaks: NAMES.nothingTwice,
    needs: { zombies: 0, losesSlots: true },
  },
  'the stream is still there at the purge': {
    change: { dropsStreamBeforePurge: false },
    breaks: NAMES.homeKeepsRows,
  },
};
