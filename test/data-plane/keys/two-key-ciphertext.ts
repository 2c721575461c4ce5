import { createCipheriv, randomBytes } from 'node:crypto';

const REDUCTION = 0xe1n << 120n;
const ONE = 1n << 127n;

/** Product in GF(2^128) with the bit order of GCM (NIST SP 800-38D, 6.3). */
const multiply = (x: bigint, y: bigint): bigint => {
  let product = 0n;
  let shifted = y;
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((x >> bit) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ REDUCTION : shifted >> 1n;
  }
  return product;
};

const power = (base: bigint, exponent: bigint): bigint => {
  let result = ONE;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = multiply(result, square);
    square = multiply(square, square);
  }
  return result;
};

const numberOf = (block: Buffer): bigint => BigInt(`0x${block.toString('hex')}`);
const blockOf = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(32, '0'), 'hex');
const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16)]);

const ghash = (h: bigint, aad: Buffer, ciphertext: Buffer): bigint => {
  const lengths = Buffer.alloc(16);
  lengths.writeUInt32BE(aad.length * 8, 4);
  lengths.writeUInt32BE(ciphertext.length * 8, 12);
  const input = Buffer.concat([padded(aad), padded(ciphertext), lengths]);
  let hash = 0n;
  for (let at = 0; at < input.length; at += 16)
    hash = multiply(hash ^ numberOf(input.subarray(at, at + 16)), h);
  return hash;
};

const encryptBlock = (key: Buffer, block: Buffer): bigint =>
  numberOf(createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block));

/**
 * One ciphertext and one tag that AES-256-GCM accepts under both keys with this IV and additional data, found by solving
 * for the last block of four ("invisible salamanders"; Dodis, Grubbs, Ristenpart and Woodage, 2018).
 */
export const twoKeyCiphertext = (
  keys: readonly [Buffer, Buffer],
  iv: Buffer,
  aad: Buffer,
): { readonly ciphertext: Buffer; readonly tag: Buffer } => {
  const ciphertext = Buffer.concat([randomBytes(48), Buffer.alloc(16)]);
  const counter = Buffer.concat([iv, Buffer.from([0, 0, 0, 1])]);
  const [one, other] = keys.map((key) => {
    const h = encryptBlock(key, Buffer.alloc(16));
    // The free block is multiplied by h twice: once for itself and once for the block of lengths.
    return { factor: power(h, 2n), rest: ghash(h, aad, ciphertext) ^ encryptBlock(key, counter) };
  });
  if (one === undefined || other === undefined) throw new Error('two keys are needed');
  const inverse = power(one.factor ^ other.factor, (1n << 128n) - 2n);
  const free = multiply(one.rest ^ other.rest, inverse);
  blockOf(free).copy(ciphertext, 48);
  return { ciphertext, tag: blockOf(one.rest ^ multiply(free, one.factor)) };
};
