import type { TaskContext } from './task.js';

/** When a job is due, in UTC. */
interface Schedule {
  /** minute hour day month weekday */
  readonly cron: string;
  /** The age up to which a missed time is made up for; left out, a missed time is skipped. */
  readonly backfillDays?: number;
  readonly tries: number;
  /** The queue has at most one job of this key. */
  readonly key?: string;
  /** Tells several schedules of one job apart, and is the payload of its runs. */
  readonly identifier?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** One try of a job that is in the queue. */
export interface Attempt<Payload> {
  readonly payload: Payload;
  /** It was tried before, and failed. */
  readonly isRetry: boolean;
  /** There is no further try when this one fails. */
  readonly isLastTry: boolean;
  /** Puts the job itself into the queue again, under its key, for then. */
  postpone(key: string, at: Date): Promise<void>;
  /** Puts another job into the queue. It replaces a job of the same key; with `keepsTime` that job stays at its time. */
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
  /** Empty for a job that other jobs put into the queue. */
  readonly schedules: readonly Schedule[];
  run(context: TaskContext, attempt: Attempt<Payload>): Promise<void>;
}

/** Gives `run` the type of the payload that the job is put into the queue with. */
export const defineJob = <Payload>(job: Job<Payload>): Job => job as Job;
