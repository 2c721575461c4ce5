import fc from 'fast-check';
import { expect, it } from 'vitest';
import { useDatabase } from '../../support/cell-database.js';
import { useScene } from '../erasure/scene.js';
import { Model, SLUGS, type Step } from './model.js';

const control = useDatabase('control');
const cell = useDatabase('cell');
const scene = useScene(control, cell);

/** `npm run orders` makes 500. */
const ORDERS = Number(process.env.RINGFENCE_ORDERS ?? 3);
const LIMIT_MS = 120_000 + ORDERS * 30_000;

const toTenant = fc.record({
  what: fc.constantFrom('write', 'write', 'backup', 'backup', 'rotate', 'remove', 'add', 'restore', 'erase'),
  slug: fc.constantFrom(...SLUGS),
});
const toAll = fc.record({
  what: fc.constantFrom('copy control', 'lose control', 'older control', 'lose cell'),
});
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: toTenant }, { weight: 1, arbitrary: toAll }), {
  minLength: 6,
  maxLength: 16,
}) as fc.Arbitrary<Step[]>;

it(
  'no order of backups, rotations, removals, restores, erasures and losses loses a row that a backup has, or brings an erased one back',
  async () => {
    let taken = 0;
    let erased = 0;
    let backups = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (order) => {
        const model = new Model(scene, control, cell);
        try {
          for (const slug of SLUGS) await model.take({ what: 'add', slug });
          for (const step of order) await model.take(step);
          await model.check();
          taken += order.length;
          erased += model.erased.size;
          for (const { backups: kept } of model.known.values()) backups += kept.size;
        } finally {
          await model.clear();
        }
      }),
      { numRuns: ORDERS, endOnFailure: true },
    );
    console.log(
      `${ORDERS} orders of ${taken} steps: ${backups} kept backups hold, ${erased} erased tenants stay erased`,
    );
    expect(taken).toBeGreaterThan(ORDERS);
  },
  LIMIT_MS,
);
