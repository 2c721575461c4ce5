import { expect, it } from 'vitest';
import { lastingRange } from '../../../data-plane/database/server/ports.js';

it.each([
  ['as Linux has it', { from: 32_768, to: 60_999 }, { from: 10_000, to: 32_767 }],
  ['as IANA has it', { from: 49_152, to: 65_535 }, { from: 10_000, to: 49_151 }],
  ['begun early', { from: 10_500, to: 40_000 }, { from: 40_001, to: 65_535 }],
  ['nearly all', { from: 10_000, to: 65_000 }, undefined],
  ['all', { from: 1_024, to: 65_535 }, undefined],
])('servers listen outside of an ephemeral range %s', (_, ephemeral, expected) => {
  expect(lastingRange(ephemeral)).toEqual(expected);
});
