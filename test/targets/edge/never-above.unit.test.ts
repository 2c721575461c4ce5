import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byWindow, edge, LIMITS } from './isolates.js';

const COST = 7;
const START_MS = Date.UTC(2027, 0, 4, 10, 0, 59, 0);

const ISOLATES = 2;
const isolate = fc.nat(ISOLATES - 1);
const delayMs = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(30) });
const ms = fc.oneof(fc.integer({ min: 1, max: 260 }), fc.integer({ min: 260, max: 1_500 }));

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('requests' as const),
      at: isolate,
      count: fc.integer({ min: 1, max: 150 }),
      delayMs,
      isLost: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.boolean() }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const), at: isolate }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart-object' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart-isolate' as const), at: isolate }) },
);

const limits = fc
  .record({
    requestsPerSecond: fc.integer({ min: 1, max: 80 }),
    more: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
    requestsPerMinute: fc.oneof(fc.constant(100_000), fc.integer({ min: 1, max: 400 })),
    cost: fc.oneof(fc.constant(100_000), fc.integer({ min: 1, max: 500 })),
  })
  .map(({ requestsPerSecond, more, requestsPerMinute, cost }) => ({
    ...LIMITS,
    requestsPerSecond,
    burst: requestsPerSecond + more,
    requestsPerMinute,
    dailyCostCapMicroEur: cost * COST,
    requestCostMicroEur: COST,
  }));

it('no window ever has a request above its limit, whatever starts again and however late answers come', () => {
  fc.assert(
    fc.property(limits, fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), (limits, steps) => {
      const scene = edge(limits, ISOLATES, START_MS);
      for (const step of steps) {
        if (step.kind === 'requests')
          for (let n = 0; n < step.count; n++) scene.request(step.at, step.delayMs, step.isLost);
        else if (step.kind === 'wait') scene.wait(step.ms);
        else if (step.kind === 'settle') scene.settle(step.at);
        else if (step.kind === 'restart-object') scene.restartObject();
        else scene.restartIsolate(step.at);
      }
      const seconds = [...byWindow(scene.admitted, 1_000)].sort(([one], [other]) => one - other);
      for (const [from, [first]] of seconds.entries()) {
        let sum = 0;
        for (const [second, count] of seconds.slice(from)) {
          sum += count;
          expect(sum).toBeLessThanOrEqual(limits.burst + limits.requestsPerSecond * (second - first));
        }
      }
      for (const count of byWindow(scene.admitted, 60_000).values())
        expect(count).toBeLessThanOrEqual(limits.requestsPerMinute);
      expect(scene.admitted.length * COST).toBeLessThanOrEqual(limits.dailyCostCapMicroEur);
    }),
    { numRuns: 600 },
  );
});
