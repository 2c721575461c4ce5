import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { RingfenceError } from '../../../core/errors.js';
import { IV_BYTES, openGcm, sealGcm, TAG_BYTES } from '../aes-gcm.js';
import type { EncryptionContext } from '../encryption-context.js';
import { KEY_BYTES } from '../key-root.js';
import { lengthPrefixed } from '../length-prefixed.js';

const MAGIC = Buffer.from('ringfence/held/1');
const LABEL = 'ringfence/customer-held-key/v1';
const SEALED_BYTES = IV_BYTES + KEY_BYTES + TAG_BYTES;

/** A tenant key that opens only with the root of a cell and a key that the customer holds (docs/formats.md). */
export interface CustomerHeldEnvelope {
  readonly customerKeyId: string;
  /** One half of the key that seals the tenant key, wrapped by the root of the cell. */
  readonly rootHalf: Buffer;
  /** The other half, wrapped by the customer's key. */
  readonly customerHalf: Buffer;
  /** HMAC of the rest under the half of the root, 32 bytes: nobody is asked for a key that somebody else wrote in. */
  readonly check: Buffer;
  /** IV, sealed tenant key, tag. */
  readonly sealed: Buffer;
}

/** What an envelope is bound to. */
interface Bound {
  readonly rootKeyId: string;
  readonly customerKeyId: string;
  readonly context: EncryptionContext;
}

/** Both halves in clear, 32 bytes each. */
interface Halves {
  readonly root: Buffer;
  readonly customer: Buffer;
}

export const isCustomerHeld = (wrapped: Buffer): boolean => wrapped.subarray(0, MAGIC.length).equals(MAGIC);

/** The key of the customer that a wrapped tenant key needs; undefined for one that the cell's root opens alone. */
export const customerKeyOf = (wrapped: Buffer): string | undefined =>
  isCustomerHeld(wrapped) ? readEnvelope(wrapped).customerKeyId : undefined;

export const writeEnvelope = (envelope: CustomerHeldEnvelope): Buffer =>
  Buffer.concat([
    MAGIC,
    lengthPrefixed([
      envelope.customerKeyId,
      envelope.rootHalf,
      envelope.customerHalf,
      envelope.check,
      envelope.sealed,
    ]),
  ]);

/** @throws RingfenceError envelope_refused for bytes of another form. */
export const readEnvelope = (wrapped: Buffer): CustomerHeldEnvelope => {
  const parts: Buffer[] = [];
  let at = MAGIC.length;
  while (at + 2 <= wrapped.length && parts.length < 5) {
    const end = at + 2 + wrapped.readUInt16BE(at);
    parts.push(wrapped.subarray(at + 2, end));
    at = end;
  }
  const [customerKeyId, rootHalf, customerHalf, check, sealed] = parts;
  const isWhole = isCustomerHeld(wrapped) && at === wrapped.length && sealed?.length === SEALED_BYTES;
  if (!isWhole || !customerKeyId || !rootHalf || !customerHalf || !check)
    throw refused('the wrapped key has an unknown format');
  return { customerKeyId: customerKeyId.toString('utf8'), rootHalf, customerHalf, check, sealed };
};

/** @param rootHalf in clear. */
export const checkOf = (rootHalf: Buffer, bound: Bound, customerHalf: Buffer): Buffer =>
  createHmac('sha256', rootHalf)
    .update(lengthPrefixed([aadOf(bound), customerHalf]))
    .digest();

/** @throws RingfenceError envelope_refused for an envelope whose names, or other half, are not those that it was made with. */
export const requireChecked = (
  rootHalf: Buffer,
  bound: Bound,
  { customerHalf, check }: Pick<CustomerHeldEnvelope, 'customerHalf' | 'check'>,
): void => {
  const expected = checkOf(rootHalf, bound, customerHalf);
  if (check.length === expected.length && timingSafeEqual(check, expected)) return;
  throw altered();
};

/** @param iv 12 random bytes; the halves are random too, so no key is ever used twice. */
export const sealUnderHalves = (halves: Halves, bound: Bound, key: Buffer, iv: Buffer): Buffer => {
  const sealing = joined(halves);
  const { encrypted, tag } = sealGcm(sealing, iv, aadOf(bound), key);
  sealing.fill(0);
  return Buffer.concat([iv, encrypted, tag]);
};

/** @throws RingfenceError envelope_refused when altered, or of another root, customer key or context. */
export const openUnderHalves = (halves: Halves, bound: Bound, sealed: Buffer): Buffer => {
  const sealing = joined(halves);
  const tagAt = IV_BYTES + KEY_BYTES;
  const [iv, encrypted, tag] = [
    sealed.subarray(0, IV_BYTES),
    sealed.subarray(IV_BYTES, tagAt),
    sealed.subarray(tagAt),
  ];
  const key = openGcm(sealing, iv, aadOf(bound), encrypted, tag);
  sealing.fill(0);
  if (key) return key;
  throw altered();
};

const joined = ({ root, customer }: Halves): Buffer => {
  const secret = Buffer.concat([root, customer]);
  const key = Buffer.from(hkdfSync('sha256', secret, '', LABEL, KEY_BYTES));
  secret.fill(0);
  return key;
};

const aadOf = ({ rootKeyId, customerKeyId, context }: Bound): Buffer => {
  const names = Object.keys(context).sort();
  return lengthPrefixed([
    LABEL,
    rootKeyId,
    customerKeyId,
    ...names.flatMap((name) => [name, context[name] ?? '']),
  ]);
};

const altered = (): RingfenceError =>
  refused('the wrapped key was altered or belongs to another root key, customer key, tenant or version');

const refused = (message: string): RingfenceError =>
  new RingfenceError('envelope_refused', message, {
    fix: 'restore the tenant key from a backup of the control database',
  });
