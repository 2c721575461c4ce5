import { expect, test } from 'vitest';
import {
  isOfMove,
  moveOf,
  streamLogin,
  streamNames,
  streamPattern,
} from '../../../data-plane/moves/stream-names.js';

const MOVE = '3f0c2a1b-0000-4000-8000-000000000001';
const OTHER = '3f0c2a1b-0000-4000-8000-000000000002';

test('names of streams have nothing of the id of their move, and lead to it', () => {
  const names = [...Object.values(streamNames({ moveId: MOVE, attempt: 2 }, 'there')), streamLogin(MOVE)];
  for (const name of names) {
    expect(name).not.toContain(MOVE.slice(0, 4));
    expect(isOfMove(MOVE, moveOf(name) ?? '')).toBe(true);
    expect(isOfMove(OTHER, moveOf(name) ?? '')).toBe(false);
    expect(name.startsWith(streamPattern(MOVE).replaceAll('\\', '').replace('%', ''))).toBe(true);
  }
});

test('those of earlier versions lead to it too', () => {
  expect(isOfMove(MOVE, moveOf('rf_move_3f0c2a1b_1_back') ?? '')).toBe(true);
});
