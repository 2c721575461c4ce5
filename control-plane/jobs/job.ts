import type { TaskContext } from './task.js';

/** When a job is due, in UTC. */
interface Schedule {
  /** minute hour day month weekday */
  readonly cron: string;
  /** For how long a time that no worker saw is made up for; not at all when left out. */
  readonly backfillDays?: number;
  readonly tries: number;
  /** There is one of this key in the queue at a time. */
  readonly key?: string;
  /** Of several schedules of one job: what tells them apart, and what it is run with. */
  readonly identifier?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** One try of a job that is in the queue. */
export interface Attempt<Payload> {
  readonly payload: Payload;
  /** It was tried before, and failed. */
  readonly isRetry: boolean;
  /** Nobody tries again when this one fails. */
  readonly isLastTry: boolean;
  /** Puts the job itself into the queue again, under its key, for then. */
  postpone(key: string, at: Date): Promise<void>;
  /** Puts another job into the queue. One of the same key is replaced, or stays at its time where it `keepsTime`. */
  add(
    task: string,
    payload: Readonly<Record<string, unknown>>,
    options: { readonly key: string; readonly tries: number; readonly keepsTime?: boolean },
  ): Promise<void>;
}

/** A job as its subject declares it; the worker collects them. */
export interface Job<Payload = unknown> {
  /** Its name in the queue. */
  readonly task: string;
  /** None for one that other jobs put into the queue. */
  readonly schedules: readonly Schedule[];
  run(context: TaskContext, attempt: Attempt<Payload>): Promise<void>;
}

/** Gives `run` the type of the payload that the job is put into the queue with. */
export const defineJob = <Payload>(job: Job<Payload>): Job => job as Job;
