import { RingfenceError } from '../../core/errors.js';
import { ERASURE_PROMISE_DAYS } from '../erasure/promise.js';

/** An object, as `list` and `stat` see it. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/**
 * Keeps the objects of a cell, one bucket or folder each.
 *
 * Obligations of every implementation; `test/data-plane/objects/object-store.conformance.ts` checks them:
 * - An object is there whole or not at all, also while it is replaced: a reader sees the old one or the new one.
 * - When a source fails in `put`, nothing changes and nothing is left, and the source's error is thrown as it is.
 * - Keys that `assertObjectKey` refuses are refused by every operation before anything is touched.
 * - Memory does not grow with the size of an object.
 * - What it keeps after `delete` is nothing, earlier versions included.
 * - Failures are RingfenceErrors: disk_full and permission_denied are final, object_store_unavailable is worth a retry.
 */
export interface ObjectStore {
  /** Short name for messages and `doctor`: `folder` or `s3`. */
  readonly name: string;

  /** Looks whether it answers and is set up as it must be, and changes nothing. @throws what is wrong */
  check(): Promise<void>;

  /**
   * Stores what the source gives, and replaces what is there. Returns the number of bytes.
   *
   * @param options.retainDays for so long nobody can delete the object.
   * @throws config_invalid for days that `assertRetainDays` refuses, and where the store cannot lock objects.
   */
  put(
    key: string,
    source: AsyncIterable<Uint8Array>,
    options?: { readonly retainDays?: number },
  ): Promise<number>;

  /**
   * The object from `startByte` (default 0) to its end. Leaving the iteration early releases what it holds.
   *
   * @throws backup_not_found, before the first byte.
   */
  get(key: string, startByte?: number): Promise<AsyncIterable<Buffer>>;

  /** Undefined when there is no such object. */
  stat(key: string): Promise<StoredObject | undefined>;

  /** Objects whose keys start with `prefix` ('' for all), ascending by key. */
  list(prefix: string): AsyncIterable<StoredObject>;

  /** Idempotent. @throws object_locked, saying until when, for an object that is retained. */
  delete(key: string): Promise<void>;
}

const KEY = /^[a-z0-9_-][a-z0-9_.-]*(?:\/[a-z0-9_-][a-z0-9_.-]*)*$/;
const KEY_MAX_CHARACTERS = 512;

/**
 * A key is 1 to 512 of `a-z 0-9 _ . -` in parts between slashes; a part is not empty, does not start with a dot and
 * holds no `..`. So it is the same in a folder and in S3, and points nowhere else.
 *
 * @throws RingfenceError config_invalid
 */
export const assertObjectKey = (key: string): void => {
  if (key.length <= KEY_MAX_CHARACTERS && KEY.test(key) && !key.includes('..')) return;
  throw new RingfenceError('config_invalid', 'the key of an object is malformed', {
    fix: 'use lower-case letters, digits, "_", "-" and "." in parts between "/"',
  });
};

/**
 * An object is retained for 1 to ERASURE_PROMISE_DAYS days.
 *
 * @throws RingfenceError config_invalid
 */
export const assertRetainDays = (days: number): void => {
  if (Number.isInteger(days) && days >= 1 && days <= ERASURE_PROMISE_DAYS) return;
  throw new RingfenceError('config_invalid', `objects cannot be locked for ${days} days`, {
    fix: `lock them for 1 to ${ERASURE_PROMISE_DAYS} days, because erasure is promised within ${ERASURE_PROMISE_DAYS}`,
  });
};
