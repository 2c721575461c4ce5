import { createHash } from 'node:crypto';

/** A deterministic source of choices: the same parts always give the same sequence. Not for secrets. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  next(): number;
  /** A whole number, both ends included. */
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
}

/** sfc32 (PractRand's small fast counter), its state the SHA-256 of the parts. */
export const randomFrom = (...parts: readonly (string | number)[]): Random => {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  let a = digest.readUInt32BE(0) | 0;
  let b = digest.readUInt32BE(4) | 0;
  let c = digest.readUInt32BE(8) | 0;
  let counter = 1;
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return {
    next,
    between: (min, max) => min + (next() % (max - min + 1)),
    chance: (probability) => next() < probability * 2 ** 32,
    pick: (list) => list[next() % list.length] as (typeof list)[number],
  };
};
