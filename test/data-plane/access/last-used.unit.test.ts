import { describe, expect, it } from 'vitest';
import { lastUsed } from '../../../data-plane/access/request-meters.js';

describe('what was used last', () => {
  it('is kept, and only what was not used for longest is made anew', () => {
    let made = 0;
    const of = lastUsed(3, () => ++made);
    expect(['a', 'b', 'c'].map(of)).toEqual([1, 2, 3]);
    expect(of('a')).toBe(1);
    expect(of('d')).toBe(4);
    expect(['a', 'c', 'd'].map(of)).toEqual([1, 3, 4]);
    expect(of('b')).toBe(5);
    expect(of('a')).toBe(6);
  });
});
