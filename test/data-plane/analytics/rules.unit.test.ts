import { describe, expect, it } from 'vitest';
import type { Group } from '../../../data-plane/analytics/group.js';
import { mayShow } from '../../../data-plane/analytics/may-show.js';
import { lastClosedMonth, requireClosedMonth } from '../../../data-plane/analytics/month.js';
import { panelOf } from '../../../data-plane/analytics/panel.js';

const groupOf = (...shares: readonly (readonly [patients: number, value: number])[]): Group =>
  new Map(shares.map(([patients, value], tenant) => [`t${tenant}`, { patients, value }]));

describe('A sum may be shown', () => {
  const five = [
    [4, 10],
    [4, 10],
    [4, 10],
    [4, 10],
    [4, 10],
  ] as const;

  it.each([
    ['of five even tenants', groupOf(...five), true],
    ['of four tenants', groupOf(...five.slice(1)), false],
    ['of nobody', groupOf(), false],
    [
      'of five tenants with 4 patients outside any three',
      groupOf([9, 9], [9, 9], [9, 9], [3, 9], [1, 9]),
      false,
    ],
    [
      'of five tenants with 5 patients outside any three',
      groupOf([9, 9], [9, 9], [9, 9], [3, 9], [2, 9]),
      true,
    ],
    ['that one tenant dominates', groupOf(...five.slice(1), [4, 51]), false],
    ['that one tenant nearly dominates', groupOf(...five.slice(1), [4, 50]), true],
    ['that four tenants dominate', groupOf([4, 99], [4, 99], [4, 99], [4, 99], [4, 1]), false],
    ['that is zero', groupOf([9, 0], [9, 0], [9, 0], [9, 0], [9, 0]), false],
  ])('%s: %#', (_, group, expected) => {
    expect(mayShow(group)).toBe(expected);
  });
});

describe('The panel', () => {
  const members = (count: number, vertical = 'dental') =>
    Array.from({ length: count }, (_, number) => ({ vertical, tenantId: `t${number}` }));

  it('grows and shrinks by five tenants of a vertical', () => {
    const sizes = [4, 5, 6, 9, 10, 11].map((count) => panelOf(members(count)).get('dental')?.size ?? 0);
    expect(sizes).toEqual([0, 5, 5, 5, 10, 10]);
  });

  it('counts a tenant with many clinics once', () => {
    expect(panelOf(Array.from({ length: 5 }, () => members(1)[0] ?? expect.fail())).size).toBe(0);
  });

  it('counts each vertical for itself', () => {
    expect([...panelOf([...members(4), ...members(5, 'aesthetic')]).keys()]).toEqual(['aesthetic']);
  });
});

describe('A month is closed', () => {
  it.each([
    ['2026-11-01T23:59:59Z', '2026-09'],
    ['2026-11-02T00:00:00Z', '2026-10'],
    ['2026-11-22T10:00:00Z', '2026-10'],
    ['2027-01-02T00:00:00Z', '2026-12'],
  ])('at %s: %s is the last', (now, month) => {
    expect(lastClosedMonth(new Date(now))).toBe(month);
    expect(() => requireClosedMonth(month, new Date(now))).not.toThrow();
  });

  it.each(['2026-11', '2026-12', '2027-01', '2026-13', '2026-1', '202610', ''])('not %j', (month) => {
    expect(() => requireClosedMonth(month, new Date('2026-11-22T10:00:00Z'))).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
  });
});
