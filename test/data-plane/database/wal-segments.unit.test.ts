import { expect, test } from 'vitest';
import { firstGap, isSegmentName, segmentNumber } from '../../../data-plane/database/server/wal-segments.js';

const MIB = 1024 * 1024;
const name = (log: string, segment: string) => `00000001${log.padStart(8, '0')}${segment.padStart(8, '0')}`;

test('a segment follows the last one of the log before, at every segment size', () => {
  for (const [bytes, last] of [
    [1 * MIB, 'FFF'],
    [16 * MIB, 'FF'],
    [1024 * MIB, '3'],
  ] as const) {
    expect(segmentNumber(name('1', '0'), bytes)).toBe(segmentNumber(name('0', last), bytes) + 1);
    expect(firstGap(name('0', last), [name('0', last), name('1', '0')], bytes)).toBeUndefined();
    expect(firstGap(name('0', last), [name('0', last), name('1', '1')], bytes)).toBe(name('1', '0'));
  }
});

test('the first missing segment is named; what comes before the start does not count', () => {
  const archived = ['1', '3', '4', '6'].map((segment) => name('0', segment));
  expect(firstGap(name('0', '1'), archived, 16 * MIB)).toBe(name('0', '2'));
  expect(firstGap(name('0', '3'), archived, 16 * MIB)).toBe(name('0', '5'));
  expect(firstGap(name('0', '6'), archived, 16 * MIB)).toBeUndefined();
  expect(firstGap(name('0', '7'), archived, 16 * MIB)).toBe(name('0', '7'));
});

test('names of other files are no segments', () => {
  expect(isSegmentName(name('0', 'A'))).toBe(true);
  for (const other of ['00000002.history', `${name('0', 'A')}.00000028.backup`, name('0', 'a'), ''])
    expect(isSegmentName(other)).toBe(false);
});
