import { beforeAll, expect, it } from 'vitest';
import { zstdReady } from '../../../../data-plane/backup/archive/zstd.js';
import { corrupt } from './corrupt.js';

beforeAll(zstdReady);

/** `npm run corruptions` does more of them. */
const COUNT = 1_000;

it('A corrupted backup is refused, full or incremental, whatever was done to it', async () => {
  const { refused, opened } = await corrupt(COUNT, 1);
  expect(opened).toEqual([]);
  expect(Object.keys(refused)).toHaveLength(11);
  expect(Object.values(refused).reduce((sum, count) => sum + count, 0)).toBe(COUNT);
});
