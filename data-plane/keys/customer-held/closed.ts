import { RingfenceError } from '../../../core/errors.js';
import { isRefusedCredentials } from '../aws-kms-errors.js';

/** The time for which a key that was found closed is not asked for again: a busy tenant asks AWS KMS once in it. */
const REMEMBER_MS = 5_000;
const REMEMBERED_MAX = 10_000;

/** What the holder of a key answers when we may not use it. */
const CLOSED = new Set(['key_access_denied', 'key_not_found', 'keyring_missing', 'keyring_invalid']);

/** @returns `customer_key_closed` where the customer's own key was refused to us; any other failure as it is. */
export const asClosed = (customerKeyId: string, tenantId: string | undefined, error: unknown): unknown => {
  const isClosed =
    error instanceof RingfenceError && CLOSED.has(error.code) && !isRefusedCredentials(error.cause);
  if (!isClosed) return error;
  return new RingfenceError(
    'customer_key_closed',
    `the key ${customerKeyId}, which the customer holds, is closed to us: nothing of tenant ${tenantId} opens (${error.message})`,
    {
      fix: 'nothing is lost; its holder enables the key, cancels its deletion, or gives the grant or the policy back (docs/aws.md), and it opens within a minute',
      cause: error,
    },
  );
};

/** Closed keys by name, for a few seconds. */
export interface ClosedKeys {
  find(name: string): unknown;
  note(name: string, error: unknown): void;
}

export const closedKeys = (now: () => Date): ClosedKeys => {
  const known = new Map<string, { readonly error: unknown; readonly untilMs: number }>();
  return {
    find: (name) => {
      const found = known.get(name);
      if (found && found.untilMs > now().getTime()) return found.error;
      known.delete(name);
      return undefined;
    },
    note: (name, error) => {
      if (!(error instanceof RingfenceError) || error.code !== 'customer_key_closed') return;
      if (known.size >= REMEMBERED_MAX) known.clear();
      known.set(name, { error, untilMs: now().getTime() + REMEMBER_MS });
    },
  };
};
