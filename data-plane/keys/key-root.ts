import type { Whereabouts } from '../../core/whereabouts.js';
import type { EncryptionContext } from './encryption-context.js';

/** Length of a tenant key, and of every key derived from it. */
export const KEY_BYTES = 32;

/**
 * Holds the root keys of cells and wraps tenant keys under them. Root keys never leave it.
 *
 * Obligations of every implementation; `test/data-plane/keys/key-root.conformance.ts` checks them:
 * - A context with anything but opaque ids is refused with envelope_refused before it is sent anywhere.
 * - A wrapped key opens under the root and the context it was wrapped with, and under nothing else.
 * - No operation but `ensureRoot` with `mayCreate` makes a key.
 * - Failures are RingfenceErrors. Only kms_unavailable is worth a retry; every other code is final.
 */
export interface KeyRoot {
  /** Short name for messages and `doctor`: `local` or `aws-kms`. */
  readonly name: string;

  /** Says whether a root key id belongs to this kind of root. Asks nobody. */
  knows(rootKeyId: string): boolean;

  /**
   * The id of the cell's root key. Idempotent: any number of calls, at once or after a crash, give one id. `mayCreate` is
   * true only while the cell is being created. Where the cell exists already, a missing root means that wrapped keys can no
   * longer be opened, and a new root would hide the loss.
   *
   * @throws keyring_missing or key_not_found when there is no root and `mayCreate` is false; keyring_invalid when it is
   * damaged; key_access_denied when it may not be used.
   */
  ensureRoot(cell: string, options: { readonly mayCreate: boolean }): Promise<string>;

  /** Wraps a key of 32 bytes. Each call gives other bytes. */
  wrap(rootKeyId: string, key: Buffer, context: EncryptionContext): Promise<Buffer>;

  /**
   * Opens a wrapped key; the caller owns the 32 bytes and wipes them.
   *
   * @throws envelope_refused when the bytes were altered or belong to another root or context;
   *   keyring_missing, keyring_invalid, key_not_found or key_access_denied when the root cannot be used.
   */
  unwrap(rootKeyId: string, wrapped: Buffer, context: EncryptionContext): Promise<Buffer>;

  /**
   * Gives up a root for ever, and with it all it wrapped. From the call on nothing opens. Idempotent.
   *
   * @returns when the last copy of the key ceases to exist.
   */
  scheduleRootDeletion(rootKeyId: string): Promise<Date>;

  /** Where a root key and every copy of it are, by the word of its holder. @throws as `unwrap` does for a root that cannot be used. */
  whereabouts(rootKeyId: string): Promise<readonly Whereabouts[]>;
}
