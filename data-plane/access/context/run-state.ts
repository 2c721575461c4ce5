import type { RingfenceError } from '../../../core/errors.js';

/** The state of a run. A run ends once; everything that comes later gets the reason. */
export class RunState {
  /** Rejects when the run is ended before its work was done. */
  readonly interrupted: Promise<never>;
  #interrupt: (error: RingfenceError) => void = () => undefined;
  #why: (() => RingfenceError) | undefined;
  #isInterrupted = false;
  /** True when its connection must not be used again, though the work was done. */
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

  /** True when it ended before its work was done. */
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
