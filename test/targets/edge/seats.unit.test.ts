import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSeats, type SeatStore } from '../../../targets/edge/limits/seats.js';

const FREE_AGAIN_MS = 5 * 60_000 + 15_000;

const memory = (): SeatStore & { readonly kept: Map<string, number> } => {
  const kept = new Map<string, number>();
  return {
    kept,
    all: () => [...kept],
    put: (user, untilMs) => void kept.set(user, untilMs),
    delete: (user) => void kept.delete(user),
  };
};

it('a seat is free again five minutes after the last request, and an object that starts again knows it', () => {
  const store = memory();
  const seats = createSeats(store);
  expect(seats.take('ana', 2, 0)).toEqual({ taken: true, untilMs: FREE_AGAIN_MS, isNew: true });
  seats.take('bea', 2, 1_000);
  expect(seats.take('eva', 2, 2_000)).toEqual({ taken: false, limit: 2, resetsMs: FREE_AGAIN_MS - 2_000 });
  seats.take('ana', 2, 60_000);
  const again = createSeats(store);
  expect(again.take('eva', 2, 1_000 + FREE_AGAIN_MS - 1).taken).toBe(false);
  expect(again.take('eva', 2, 1_000 + FREE_AGAIN_MS).taken).toBe(true);
  expect([...store.kept.keys()].sort()).toEqual(['ana', 'eva']);
});

it('gives a seat back only where nobody has taken it again since', () => {
  const seats = createSeats(memory());
  const first = seats.take('ana', 1, 0);
  const second = seats.take('ana', 1, 0);
  if (!first.taken || !second.taken) throw new Error('not taken');
  seats.release('ana', first.untilMs);
  expect(seats.count(0)).toBe(1);
  seats.release('ana', second.untilMs);
  expect(seats.count(0)).toBe(0);
});

it('never seats more users than the limit', () => {
  const taking = fc.record({ user: fc.nat(8), afterMs: fc.nat(200_000), startsAgain: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(taking), (limit, takings) => {
      const store = memory();
      let seats = createSeats(store);
      let nowMs = 0;
      const lastRequest = new Map<number, number>();
      for (const { user, afterMs, startsAgain } of takings) {
        nowMs += afterMs;
        if (startsAgain) seats = createSeats(store);
        if (seats.take(String(user), limit, nowMs).taken) lastRequest.set(user, nowMs);
        const users = [...lastRequest.values()].filter((atMs) => nowMs - atMs < 5 * 60_000);
        expect(users.length).toBeLessThanOrEqual(limit);
      }
    }),
  );
});
