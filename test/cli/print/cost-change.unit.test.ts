import { describe, expect, it } from 'vitest';
import { describeCostChange } from '../../../cli/print/cost-change.js';
import { describeResize } from '../../../cli/print/resize.js';
import type { CostLine } from '../../../control-plane/costs/cost-line.js';

const line = (what: string, microEur: number | null): CostLine => ({
  what,
  microEur,
  basis: 'cannot tell: why',
});

describe('the cost of a change', () => {
  it('has its sign, and says when there is none', () => {
    const added = [line('keys', 1_760_452)];
    expect(describeCostChange({ microEur: 1_760_452, added, removed: [] })).toBe('cost: +1.76 EUR a month');
    expect(describeCostChange({ microEur: -1_760_452, added: [], removed: added })).toBe(
      'cost: -1.76 EUR a month',
    );
    expect(describeCostChange({ microEur: 0, added: [], removed: [] })).toBe(
      'cost: the cell costs what it did',
    );
  });

  it('that cannot be told says what can be, and why', () => {
    const added = [line('instance', null), line('keys', 2_000_000)];
    expect(describeCostChange({ microEur: null, added, removed: [line('keys', 500_000)] })).toBe(
      'cost: cannot tell; +1.50 EUR a month of what can be told; instance: cannot tell: why',
    );
  });

  it('of a size stands beside what it was', () => {
    const resize = {
      cell: 'one',
      from: 'small',
      to: 'medium',
      settings: [],
      restarts: false,
      lastRestart: null,
    } as const;
    const cost = (from: number | null, to: number | null) =>
      describeResize({ ...resize, monthlyEur: { from, to } }).at(-1);
    expect(cost(60, 41.5)).toBe('cost: 41.50 EUR a month; before: 60.00 EUR; -18.50 EUR a month');
    expect(cost(null, 41.5)).toBe('cost: 41.50 EUR a month; before: not known');
    expect(cost(60, null)).toContain('cost: not known');
  });
});
