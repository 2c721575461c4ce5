import type { EdgeLimits, Refusal, Refused } from './limits.js';

/** What an isolate asks of a tenant's object. */
export interface Ask {
  /** A random name of the isolate. */
  readonly isolate: string;
  /** Counts the asks of the isolate. One that is asked again, because its answer was lost, gets the same answer. */
  readonly number: number;
  /** The lowest number that the isolate has no answer to. */
  readonly oldest: number;
  /** 1 for a request that waits for the answer, 0 for a block alone. */
  readonly waiting: 0 | 1;
  /** How many tokens more the isolate could use soon. */
  readonly want: number;
  readonly settlement: Settlement;
}

/** The limits as the asker's configuration has them; the object keeps those of the highest revision. */
export interface Terms {
  readonly revision: number;
  readonly limits: EdgeLimits;
  /** Where the object has to be. */
  readonly jurisdiction: 'eu' | null;
}

/** What happened at an isolate since it last said so. */
export interface Settlement {
  /** Blocks that were spent or have expired, with the tokens that nobody used. */
  readonly ended: readonly { readonly lease: number; readonly unspent: number }[];
  /** How many requests the isolate refused, by quota. */
  readonly refused: Refused;
  /** What requests cost beyond their own price. */
  readonly costMicroEur: number;
}

/** A block of tokens, which ends `lifeMs` after it was asked for: never later than its window. */
export interface Block {
  readonly lease: number;
  readonly tokens: number;
  readonly lifeMs: number;
}

export interface Answer {
  /** Whether the waiting request may pass. The object decides that by its own clock. */
  readonly admitted: boolean;
  readonly block: Block | null;
  /** Why the waiting request may not pass. */
  readonly refusal: Refusal | null;
}

/** How long a block lives at most. What is unspent then goes back, so that others can use it. */
export const LIFE_MS = 250;

/** A clock of an isolate stands still while it computes; a block ends this much earlier than it could. */
export const GUARD_MS = 5;
