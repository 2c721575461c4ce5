import type { Random } from './random.js';

const FIRST_MS = Date.UTC(2020, 0, 1);
/** Spreads the first ids of different seeds over five years. */
const SPREAD = 37;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/**
 * Ids in the form of UUIDv7 (RFC 9562), each one later than the one before it, so that rows are added at the end of
 * their indexes. The time in them is made up from the seed and tells nothing.
 */
export const idSource = (random: Random): (() => string) => {
  let timeMs = FIRST_MS + random.next() * SPREAD;
  return () => {
    timeMs += 1;
    const time = hex(timeMs, 12);
    const middle = random.next();
    const version = hex(0x7000 | (middle & 0xfff), 4);
    const variant = hex(0x8000 | ((middle >>> 16) & 0x3fff), 4);
    const tail = hex(random.next(), 8) + hex(random.next() & 0xffff, 4);
    return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${tail}`;
  };
};
