import { beforeEach, describe, expect, test } from 'vitest';
import { reserveNetworkNumber } from '../../../control-plane/cells/network-number.js';
import { useDatabase } from '../../support/cell-database.js';

describe('the number of the network of a new cell in AWS', () => {
  const control = useDatabase('control');
  const reserve = (cell: string, taken: number[] = []) => reserveNetworkNumber(control.admin, cell, taken);

  beforeEach(() => control.admin.query('TRUNCATE control.network_numbers'));

  test('is another one for each of twenty who ask at once', async () => {
    const cells = Array.from({ length: 20 }, (_, index) => `cell-${index}`);
    const numbers = await Promise.all(cells.map((cell) => reserve(cell)));
    expect(numbers.sort()).toEqual(cells.map((_, index) => 60 + index));
  });

  test('is the same one for the same cell, and none that a recorded cell has', async () => {
    expect(await reserve('one', [60, 61])).toBe(62);
    expect(await reserve('two', [60, 61])).toBe(63);
    expect(await reserve('one', [60, 61])).toBe(62);
    // An operator has given 62 to a cell by hand.
    expect(await reserve('one', [60, 61, 62])).toBe(64);
  });

  test('is free again a day after nobody has made the cell', async () => {
    expect(await reserve('given-up')).toBe(60);
    expect(await reserve('one')).toBe(61);
    await control.admin.query(`UPDATE control.network_numbers SET reserved_at = now() - interval '25 hours'`);
    expect(await reserve('two')).toBe(60);
  });

  test('is refused where none is left', async () => {
    const taken = Array.from({ length: 196 }, (_, index) => 60 + index);
    await expect(reserve('one', taken.slice(1))).resolves.toBe(60);
    await expect(reserve('two', taken)).rejects.toMatchObject({ code: 'usage' });
  });
});
