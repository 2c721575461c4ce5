import { randomBytes } from 'node:crypto';
import { RingfenceError } from '../../../core/errors.js';
import { IV_BYTES } from '../aes-gcm.js';
import { assertOpaqueContext, type EncryptionContext } from '../encryption-context.js';
import { KEY_BYTES, type KeyRoot } from '../key-root.js';
import type { RandomSource } from '../random.js';
import { asClosed, closedKeys } from './closed.js';
import {
  checkOf,
  isCustomerHeld,
  openUnderHalves,
  readEnvelope,
  requireChecked,
  sealUnderHalves,
  writeEnvelope,
} from './envelope.js';

export interface CustomerHeldOptions {
  /** The roots of the cells. */
  readonly root: KeyRoot;
  /** What wraps under keys of customers, by their ids. */
  readonly customer: KeyRoot;
  /** The key that the customer of a tenant holds; left out by whoever wraps nothing. */
  readonly keyOf?: (tenantId: string) => Promise<string | null>;
  readonly random?: RandomSource;
  readonly now?: () => Date;
}

/**
 * The roots of cells, and with them the keys that customers hold: what is wrapped for a tenant with such a key opens with both only.
 * `unwrap` throws `customer_key_closed` besides, when the customer's key is refused to us.
 */
export const customerHeldRoot = (options: CustomerHeldOptions): KeyRoot => {
  const { root, customer, keyOf, random = randomBytes, now = () => new Date() } = options;
  const closed = closedKeys(now);

  const atCustomer = async <T>(
    customerKeyId: string,
    context: EncryptionContext,
    work: () => Promise<T>,
  ): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw asClosed(customerKeyId, context.tenant, error);
    }
  };

  const wrapHeld = async (
    rootKeyId: string,
    customerKeyId: string,
    key: Buffer,
    context: EncryptionContext,
  ): Promise<Buffer> => {
    if (key.length !== KEY_BYTES)
      throw new RingfenceError('envelope_refused', `a key to wrap has ${KEY_BYTES} bytes, not ${key.length}`);
    const halves = { root: random(KEY_BYTES), customer: random(KEY_BYTES) };
    try {
      const rootHalf = await root.wrap(rootKeyId, halves.root, context);
      const customerHalf = await atCustomer(customerKeyId, context, () =>
        customer.wrap(customerKeyId, halves.customer, context),
      );
      const bound = { rootKeyId, customerKeyId, context };
      const sealed = sealUnderHalves(halves, bound, key, random(IV_BYTES));
      const check = checkOf(halves.root, bound, customerHalf);
      return writeEnvelope({ customerKeyId, rootHalf, customerHalf, check, sealed });
    } finally {
      halves.root.fill(0);
      halves.customer.fill(0);
    }
  };

  const unwrapHeld = async (
    rootKeyId: string,
    wrapped: Buffer,
    context: EncryptionContext,
  ): Promise<Buffer> => {
    const envelope = readEnvelope(wrapped);
    const { customerKeyId } = envelope;
    const bound = { rootKeyId, customerKeyId, context };
    const name = `${customerKeyId} ${context.tenant}`;
    const known = closed.find(name);
    if (known !== undefined) throw known;
    // The root first: what is wrong with our own key or credentials is not the customer's doing.
    const ours = await root.unwrap(rootKeyId, envelope.rootHalf, context);
    try {
      requireChecked(ours, bound, envelope);
      const theirs = await atCustomer(customerKeyId, context, () =>
        customer.unwrap(customerKeyId, envelope.customerHalf, context),
      );
      try {
        return openUnderHalves({ root: ours, customer: theirs }, bound, envelope.sealed);
      } finally {
        theirs.fill(0);
      }
    } catch (error) {
      closed.note(name, error);
      throw error;
    } finally {
      ours.fill(0);
    }
  };

  return {
    ...root,
    wrap: async (rootKeyId, key, context) => {
      assertOpaqueContext(context);
      const customerKeyId = context.tenant === undefined ? null : ((await keyOf?.(context.tenant)) ?? null);
      if (customerKeyId === null) return root.wrap(rootKeyId, key, context);
      return wrapHeld(rootKeyId, customerKeyId, key, context);
    },
    unwrap: async (rootKeyId, wrapped, context) => {
      assertOpaqueContext(context);
      if (!isCustomerHeld(wrapped)) return root.unwrap(rootKeyId, wrapped, context);
      return unwrapHeld(rootKeyId, wrapped, context);
    },
  };
};
