import { type ErrorCode, RingfenceError } from '../../../core/errors.js';
import type { Outcome } from '../case.js';
import { held, leaked, unproven } from '../judge.js';

/** Judges one opening that must be refused with one of these codes. */
export const mustRefuse = async (
  open: () => unknown,
  codes: readonly ErrorCode[] = ['envelope_refused'],
): Promise<Outcome> => {
  const code = await refusalOf(open);
  if (code === undefined) return leaked('it opened');
  return codes.includes(code) ? held(`refused (${code})`) : unproven(`ended with ${code}`);
};

/** Judges many. */
export const mustRefuseAll = async (
  openings: ReadonlyArray<() => unknown>,
  codes: readonly ErrorCode[] = ['envelope_refused'],
): Promise<Outcome> => {
  let opened = 0;
  let odd = 0;
  for (const open of openings) {
    const code = await refusalOf(open);
    if (code === undefined) opened += 1;
    else if (!codes.includes(code)) odd += 1;
  }
  if (opened > 0) return leaked(`${opened} of ${openings.length} opened`);
  return odd === 0
    ? held(`${openings.length} tried, all refused (${codes[0]})`)
    : unproven(`${odd} of ${openings.length} ended otherwise`);
};

const refusalOf = async (open: () => unknown): Promise<ErrorCode | undefined> => {
  try {
    await open();
    return undefined;
  } catch (error) {
    return error instanceof RingfenceError ? error.code : 'internal';
  }
};

/** Every copy of the bytes with a single bit of `[from, to)` changed. */
export const bitFlips = (bytes: Buffer, from = 0, to = bytes.length): Buffer[] =>
  Array.from({ length: (to - from) * 8 }, (_, bit) => {
    const flipped = Buffer.from(bytes);
    const at = from + (bit >> 3);
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (bit & 7)), at);
    return flipped;
  });

/** The bytes cut at every length. */
export const truncations = (bytes: Buffer): Buffer[] =>
  Array.from({ length: bytes.length }, (_, length) => bytes.subarray(0, length));
