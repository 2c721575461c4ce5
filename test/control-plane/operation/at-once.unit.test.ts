import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { atOnce } from '../../../control-plane/operation/at-once.js';

describe('work on many items', () => {
  test('gives results in the order of the items, whatever ends first', async () => {
    const results = await atOnce([30, 1, 10], 3, async (ms) => {
      await sleep(ms);
      return ms;
    });
    expect(results).toEqual([30, 1, 10]);
  });

  test.each([1, 3, 100])('has at most %i under way', async (limit) => {
    let [running, most] = [0, 0];
    const items = Array.from({ length: 12 }, (_, index) => index);
    await atOnce(items, limit, async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      running -= 1;
    });
    expect(most).toBe(Math.min(limit, items.length));
  });

  test('throws the first failure when what had begun has ended, and begins nothing more', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = atOnce([1, 2, 3, 4], 2, async (item) => {
      begun.push(item);
      if (item === 1) throw new Error('first');
      await sleep(5);
      ended.push(item);
    });
    await expect(work).rejects.toThrow('first');
    expect([begun, ended]).toEqual([[1, 2], [2]]);
  });

  test('does nothing for no items', async () => {
    expect(await atOnce([], 2, () => Promise.reject(new Error('nothing to do')))).toEqual([]);
  });
});
