/** How long a user counts after the last request: `concurrentUsers` in the manifest. */
const SEAT_MS = 5 * 60_000;

/** How long an isolate lets a user through without asking again. The object counts the user for that much longer. */
export const SEAT_HELD_MS = 15_000;

/** A seat that was taken; `untilMs` is its number as well. */
export type SeatAnswer =
  | { readonly taken: true; readonly untilMs: number; readonly isNew: boolean }
  | { readonly taken: false; readonly limit: number; readonly resetsMs: number };

/** Where seats are kept, so that an object that starts again knows of every one. */
export interface SeatStore {
  all(): Iterable<readonly [user: string, untilMs: number]>;
  put(user: string, untilMs: number): void;
  delete(user: string): void;
}

/** The users of a tenant that count now, each with one seat. */
export interface Seats {
  take(user: string, limit: number, nowMs: number): SeatAnswer;
  /** Gives back a seat that nobody has taken again since. */
  release(user: string, untilMs: number): void;
  count(nowMs: number): number;
}

export const createSeats = (store: SeatStore): Seats => {
  /** The one that is free first stands first. */
  const seats = new Map([...store.all()].sort(([, one], [, other]) => one - other));

  const free = (nowMs: number): void => {
    for (const [user, untilMs] of seats) {
      if (untilMs > nowMs) return;
      seats.delete(user);
      store.delete(user);
    }
  };

  const firstFree = (): number => seats.values().next().value ?? 0;

  return {
    take: (user, limit, nowMs) => {
      free(nowMs);
      const before = seats.get(user);
      if (before === undefined && seats.size >= limit)
        return { taken: false, limit, resetsMs: firstFree() - nowMs };
      const untilMs = Math.max(nowMs + SEAT_HELD_MS + SEAT_MS, (before ?? 0) + 1);
      seats.delete(user);
      seats.set(user, untilMs);
      store.put(user, untilMs);
      return { taken: true, untilMs, isNew: before === undefined };
    },
    release: (user, untilMs) => {
      if (seats.get(user) !== untilMs) return;
      seats.delete(user);
      store.delete(user);
    },
    count: (nowMs) => {
      free(nowMs);
      return seats.size;
    },
  };
};
