import type { RingfenceError } from '../../../core/errors.js';

/** Whether a run goes on. It ends once, and everything that is tried afterwards is told why. */
export class RunState {
  /** Rejects when the run is ended before its work was done. */
  readonly interrupted: Promise<never>;
  #interrupt: (error: RingfenceError) => void = () => undefined;
  #why: (() => RingfenceError) | undefined;
  #isInterrupted = false;
  /** Whether its connection is not to be used again, though the work was done. */
  isConnectionSpent = false;

  constructor() {
    this.interrupted = new Promise((_, reject) => {
      this.#interrupt = reject;
    });
    this.interrupted.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.#why !== undefined;
  }

  /** Whether it ended before its work was done. */
  get isInterrupted(): boolean {
    return this.#isInterrupted;
  }

  /** The work is done; `why` is what later uses throw. */
  finish(why: () => RingfenceError): void {
    this.#why ??= why;
  }

  /** The work cannot go on, whether it is done or not. Without effect once the run is over. */
  interrupt(error: RingfenceError): void {
    if (this.#why) return;
    this.#why = () => error;
    this.#isInterrupted = true;
    this.#interrupt(error);
  }

  assertGoing(): void {
    if (this.#why) throw this.#why();
  }
}
