import { notInContext } from './not-in-context.js';

/** Longest wait for others while nothing of the run goes on at the server: they may be waiting for this one. */
const STALLED_MS = 5_000;

interface Waiting {
  readonly isAlone: boolean;
  readonly start: () => void;
}

/**
 * The order of what a run sends, which is the order in which it was asked for. Statements that read and write go out
 * together; what moves a savepoint, and a whole nested run, goes alone, because a savepoint undoes whatever came after it.
 */
export class StatementOrder {
  readonly #idleMs: () => number;
  #together = 0;
  #isAlone = false;
  readonly #waiting: Waiting[] = [];

  /** @param idleMs for how long no statement of the run has been at the server. */
  constructor(idleMs: () => number) {
    this.#idleMs = idleMs;
  }

  /** True when no statement waits and none runs alone. */
  get isSettled(): boolean {
    return !this.#isAlone && this.#waiting.length === 0;
  }

  /** Starts `work` at once where it may. @throws RingfenceError `not_in_context` when the others wait for it. */
  together<T>(work: () => Promise<T>): Promise<T> {
    return this.#take(false, work);
  }

  /** As `together`, when nothing else goes on; and nothing else starts before it has ended. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#take(true, work);
  }

  async #take<T>(isAlone: boolean, work: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#mayStart(isAlone)) await this.#wait(isAlone);
    else this.#start(isAlone);
    try {
      return await work();
    } finally {
      if (isAlone) this.#isAlone = false;
      else this.#together--;
      this.#startNext();
    }
  }

  #mayStart(isAlone: boolean): boolean {
    return !this.#isAlone && (!isAlone || this.#together === 0);
  }

  #start(isAlone: boolean): void {
    if (isAlone) this.#isAlone = true;
    else this.#together++;
  }

  #startNext(): void {
    for (let next = this.#waiting[0]; next && this.#mayStart(next.isAlone); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#start(next.isAlone);
      next.start();
    }
  }

  #wait(isAlone: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const leftMs = STALLED_MS - this.#idleMs();
        if (leftMs > 0) {
          timer = setTimeout(look, leftMs).unref();
          return;
        }
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        this.#startNext();
        reject(stalled());
      };
      let timer = setTimeout(look, STALLED_MS).unref();
      const waiting: Waiting = {
        isAlone,
        start: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiting.push(waiting);
    });
  }
}

const stalled = () =>
  notInContext(
    'this statement waits for a nested run, which seems to wait for it: nothing happened for 5 seconds',
  );
