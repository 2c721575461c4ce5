import { describe, expect, it } from 'vitest';
import { idSource } from '../../../data-plane/demo/ids.js';
import { randomFrom } from '../../../data-plane/demo/random.js';

const draw = (count: number, ...parts: readonly (string | number)[]): number[] => {
  const random = randomFrom(...parts);
  return Array.from({ length: count }, () => random.next());
};

describe('The source of choices', () => {
  it('gives the same for the same parts, and these numbers for ever', () => {
    expect(draw(4, 'clinic', 7)).toEqual(draw(4, 'clinic', 7));
    expect(draw(3, 'clinic', 7)).toEqual([395585569, 1628377580, 1544801530]);
  });

  it('gives other numbers for other parts, also where they join to the same text', () => {
    const firsts = [draw(2, 'a', 1), draw(2, 'a', 2), draw(2, 'b', 1), draw(2, 'a1'), draw(2, 'a', '1')];
    expect(new Set(firsts.map(String)).size).toBe(firsts.length);
  });

  it('takes both ends of a range and every item of a list', () => {
    const random = randomFrom('ends');
    const numbers = Array.from({ length: 400 }, () => random.between(-1, 2));
    expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2]);
    const picked = Array.from({ length: 400 }, () => random.pick(['x', 'y', 'z']));
    expect(new Set(picked).size).toBe(3);
    const share = Array.from({ length: 4_000 }, () => random.chance(0.25)).filter(Boolean).length / 4_000;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.28);
  });
});

describe('The source of ids', () => {
  const ids = (seed: number): string[] => {
    const next = idSource(randomFrom('ids', seed));
    return Array.from({ length: 2_000 }, next);
  };

  it('gives UUIDs of version 7, each after the one before it', () => {
    const made = ids(1);
    for (const id of made) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  it('gives the same for one seed and none in common for two', () => {
    expect(ids(1)).toEqual(ids(1));
    const first = new Set(ids(1));
    expect(ids(2).filter((id) => first.has(id))).toEqual([]);
  });
});
