import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cellLines, type PricedCell } from '../../../control-plane/costs/cell-cost.js';
import { sumOf } from '../../../control-plane/costs/cost-line.js';
import { readPriceTable } from '../../../control-plane/costs/price-table.js';
import { REGION_NAMES } from '../../../core/regions.js';
import { madeInAws } from '../../support/aws/cell-inputs.js';
import { testPrices } from './table.js';

const table = { ...testPrices, file: null };
const inAws = (infrastructure: object, region = 'eu-west-1'): PricedCell => ({
  ...madeInAws(infrastructure),
  region,
  size: 'small',
});
const here: PricedCell = { target: 'local', region: 'eu-west-1', size: 'small', address: {} };
const priced = (cell: PricedCell, said = {}) =>
  cellLines(table, cell, said).map(({ what, microEur }) => [what, microEur]);

describe('the cost of a cell', () => {
  it('is that of its declared sizes by the table, each line with its source and date', () => {
    expect(priced(inAws({}))).toEqual([
      ['instance db.t4g.medium', 36_500_000],
      ['storage, 50 GB', 5_000_000],
      ['2 keys', 1_000_000],
    ]);
    expect(cellLines(table, inAws({}), {})[0]?.basis).toBe(
      '0.1 USD instanceHour of db.t4g.medium in eu-west-1, of 2026-11: a list',
    );
  });

  it('is twice that with a second zone, and more with copies in another region', () => {
    expect(priced(inAws({ multiAz: true, copiesIn: 'eu-central-1' }))).toEqual([
      ['instance db.t4g.medium in two zones', 73_000_000],
      ['storage, 50 GB in two zones', 10_000_000],
      ['2 keys', 1_000_000],
      ['copies of backups, 50 GB', 2_500_000],
      ['key of the copies', 500_000],
    ]);
  });

  it.each([
    ['a class', inAws({ size: 'large' }), 'instanceHour of db.m7g.xlarge in eu-west-1'],
    ['a region', inAws({}, 'eu-south-2'), 'storageGbMonth in eu-south-2'],
  ])('cannot be told for %s that the table lacks, and is no zero', (_, cell, lacks) => {
    const lines = cellLines(table, cell, {});
    expect(sumOf(lines).microEur).toBeNull();
    expect(lines.map(({ basis }) => basis)).toContain(`cannot tell: the price table has no ${lacks}`);
  });

  it('is what its operator has said, wherever it is', () => {
    for (const cell of [here, inAws({}), { ...inAws({}), address: { rdsInstance: 'prod' } }])
      expect(priced(cell, { small: 41.5 })).toEqual([['cell of size small', 41_500_000]]);
  });

  it('of a cell on this machine is nothing until its operator says prices', () => {
    expect(priced(here)).toEqual([['its server', 0]]);
    expect(priced(here, { large: 90 })).toEqual([['its server', null]]);
    expect(cellLines(table, here, undefined)[0]).toMatchObject({
      microEur: null,
      basis: expect.stringContaining('cannot tell: its database does not run'),
    });
  });

  it('cannot be told of an instance that somebody else made', () => {
    expect(cellLines(table, { ...inAws({}), address: { rdsInstance: 'prod' } }, {})).toEqual([
      {
        what: 'instance prod',
        microEur: null,
        basis:
          'cannot tell: Ringfence did not make it; its administrator says cellMonth.small in ringfence.prices',
      },
    ]);
  });
});

describe('the price table', () => {
  const root = mkdtempSync(join(tmpdir(), 'ringfence-prices-'));
  const write = (value: unknown) => writeFileSync(join(root, 'prices.json'), JSON.stringify(value));
  afterAll(() => rmSync(root, { recursive: true }));

  it('that comes with Ringfence is whole, and of regions that there are', () => {
    const { file, regions, eurPerUnit } = readPriceTable({ root });
    expect(file).toBeNull();
    expect(eurPerUnit.eur).toBeGreaterThan(0);
    expect(REGION_NAMES).toEqual(expect.arrayContaining(Object.keys(regions)));
  });

  it('of a project takes its place', () => {
    write(testPrices);
    expect(readPriceTable({ root })).toEqual({ ...testPrices, file: join(root, 'prices.json') });
  });

  it.each([
    ['a price without its source', { ...testPrices, sources: {} }, 'sources has no list'],
    ['a source without its date', { ...testPrices, sources: { list: { from: 'a list' } } }, 'date'],
    ['a unit that nobody prices', { ...testPrices, regions: { 'eu-west-1': { gb: 1 } } }, 'gb'],
  ])('with %s is refused', (_, value, says) => {
    write(value);
    expect(() => readPriceTable({ root })).toThrow(says);
  });
});
