import { describe, expect, it } from 'vitest';
import type { Ask, Settlement } from '../../../targets/edge/limits/lease-protocol.js';
import type { Ledger } from '../../../targets/edge/limits/ledger.js';
import { createLender } from '../../../targets/edge/limits/lender.js';
import { byWindow, edge, LIMITS } from './isolates.js';

const NOON_MS = Date.UTC(2027, 0, 4, 12);
const NOTHING: Settlement = { ended: [], refused: {}, costMicroEur: 0 };
let number = 0;
const ask = (changes: Partial<Ask> = {}): Ask => ({
  isolate: 'one',
  number: ++number,
  oldest: number,
  waiting: 1,
  want: 0,
  settlement: NOTHING,
  ...changes,
});
const limits = { ...LIMITS, requestsPerSecond: 100, burst: 100 };

describe('a lender', () => {
  it('admits exactly the limit, and says which quota refuses the next, and until when', () => {
    const lender = createLender(undefined, () => undefined);
    const answers = Array.from({ length: 101 }, () => lender.ask(ask(), limits, NOON_MS + 300));
    expect(answers.filter(({ admitted }) => admitted)).toHaveLength(100);
    expect(answers[100]?.refusal).toEqual({
      quota: 'requestsPerSecond',
      limit: 100,
      resetsMs: 700,
      askAgainMs: 700,
    });
  });

  it('stores a grant before it answers', () => {
    const stored: Ledger[] = [];
    const lender = createLender(undefined, (ledger) => void stored.push(ledger));
    const { block } = lender.ask(ask({ want: 8 }), limits, NOON_MS);
    expect(block?.tokens).toBe(8);
    expect(stored.at(-1)?.second).toMatchObject({ granted: 9, left: 91 });
  });

  it('gives the same answer to an ask whose answer was lost with the object, and to no other', () => {
    let stored: Ledger | undefined;
    const start = () =>
      createLender(stored && structuredClone(stored), (ledger) => {
        stored = ledger;
      });
    const lost = ask({ want: 8 });
    const answer = start().ask(lost, limits, NOON_MS);
    expect(start().ask(lost, limits, NOON_MS + 5)).toEqual(answer);
    expect(stored?.second).toMatchObject({ granted: 9, left: 91 });
    start().ask({ ...lost, isolate: 'two' }, limits, NOON_MS + 6);
    start().ask(ask(), limits, NOON_MS + 7);
    expect(stored?.answers.filter(({ isolate }) => isolate === 'one')).toHaveLength(1);
    expect(stored?.second.granted).toBe(19);
  });

  it('lends blocks that end with their second, and shrink near the limit', () => {
    const lender = createLender(undefined, () => undefined);
    const blocks = Array.from(
      { length: 12 },
      () => lender.ask(ask({ want: 1_000, waiting: 0 }), limits, NOON_MS + 900).block,
    );
    expect(blocks.map((block) => block?.tokens ?? 0)).toEqual([50, 25, 12, 6, 3, 2, 1, 0, 0, 0, 0, 0]);
    expect(new Set(blocks.flatMap((block) => block?.lifeMs ?? []))).toEqual(new Set([95]));
  });

  it('takes each block back once, and no more than it lent', () => {
    const lender = createLender(undefined, () => undefined);
    const lease = lender.ask(ask({ want: 10, waiting: 0 }), limits, NOON_MS).block?.lease ?? 0;
    const give = (unspent: number) =>
      lender.settle({ ...NOTHING, ended: [{ lease, unspent }] }, limits, NOON_MS + 1);
    give(11);
    expect(lender.ledger(limits, NOON_MS + 1).second.left).toBe(90);
    give(4);
    give(4);
    expect(lender.ledger(limits, NOON_MS + 1).second).toMatchObject({ left: 94, granted: 6 });
  });

  it('opens no window a second time for a clock that was put back', () => {
    const lender = createLender(undefined, () => undefined);
    for (let n = 0; n < 100; n++) lender.ask(ask(), limits, NOON_MS + 1_000);
    expect(lender.ask(ask(), limits, NOON_MS).admitted).toBe(false);
    expect(lender.ask(ask(), limits, NOON_MS + 1_999).admitted).toBe(false);
    expect(lender.ask(ask(), limits, NOON_MS + 2_000).admitted).toBe(true);
  });

  it('lets a second have what seconds before left, up to the burst', () => {
    const lender = createLender(undefined, () => undefined);
    const bursty = { ...limits, burst: 250 };
    const second = (at: number) =>
      Array.from({ length: 400 }, () => lender.ask(ask(), bursty, NOON_MS + at * 1_000)).filter(
        ({ admitted }) => admitted,
      ).length;
    expect([second(0), second(1), second(2), second(4), second(60)]).toEqual([250, 100, 100, 200, 250]);
    const last = lender.ask(ask(), bursty, NOON_MS + 60_000).refusal;
    expect(last).toMatchObject({ quota: 'burst', limit: 250 });
  });

  it('holds limits that were lowered at once', () => {
    const lender = createLender(undefined, () => undefined);
    for (let n = 0; n < 60; n++) lender.ask(ask(), limits, NOON_MS);
    expect(lender.ask(ask(), { ...limits, requestsPerSecond: 50, burst: 50 }, NOON_MS).admitted).toBe(false);
  });

  it('counts what requests turned out to cost against the cap of the day', () => {
    const lender = createLender(undefined, () => undefined);
    const capped = { ...limits, dailyCostCapMicroEur: 1_000, requestCostMicroEur: 10 };
    expect(lender.ask(ask(), capped, NOON_MS).admitted).toBe(true);
    lender.settle({ ...NOTHING, costMicroEur: 985 }, capped, NOON_MS);
    const { refusal } = lender.ask(ask(), capped, NOON_MS);
    expect(refusal).toMatchObject({ quota: 'dailyCostCapEur', limit: 0.001, resetsMs: 12 * 3_600_000 });
    expect(lender.ledger(capped, NOON_MS + 86_400_000).day).toMatchObject({ costMicroEur: 0, refused: {} });
  });
});

it('under steady demand above the limit no window gets less than 99 % of it', () => {
  const perSecond = 400;
  const scene = edge({ ...limits, requestsPerSecond: perSecond, burst: perSecond }, 3, NOON_MS);
  while (scene.now() < NOON_MS + 10_000) {
    for (const [at, count] of [1, 1, 4].entries()) for (let n = 0; n < count; n++) scene.request(at);
    scene.wait(5);
    for (const at of [0, 1, 2]) if (scene.now() % 250 === 0) scene.settle(at);
  }
  const seconds = [...byWindow(scene.admitted, 1_000).values()];
  expect(seconds).toHaveLength(10);
  expect(Math.max(...seconds)).toBeLessThanOrEqual(perSecond);
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(0.99 * perSecond);
});
