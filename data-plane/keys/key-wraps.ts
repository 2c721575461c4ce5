import { RingfenceError } from '../../core/errors.js';
import { customerKeyOf } from './customer-held/envelope.js';
import { tenantKeyContext } from './encryption-context.js';
import type { KeyRoot } from './key-root.js';

/** One version of a tenant's key under one root. */
export interface KeyWrap {
  readonly tenantId: string;
  readonly version: number;
  readonly rootKeyId: string;
  readonly wrapped: Buffer;
}

/** Keeps tenant keys under the roots of all cells that a tenant has something in. */
export interface KeyWraps {
  /** Every wrap of the versions that are in use, ascending; of one version, the one that applications open comes first. */
  list(tenantId: string): Promise<readonly KeyWrap[]>;

  /** Keeps a wrap, unless the version has one under that root, or was destroyed meanwhile. */
  put(wrap: KeyWrap): Promise<void>;

  /** Keeps other bytes for a wrap that is there; nothing for one that is not. */
  replace(wrap: KeyWrap): Promise<void>;

  /** Applications open the wraps under this root from now on. Versions that have none under it stay as they are. */
  lead(tenantId: string, rootKeyId: string): Promise<void>;

  /** Removes the wraps under a root that does not lead. Idempotent. */
  drop(tenantId: string, rootKeyId: string): Promise<void>;
}

/**
 * Wraps every version of a tenant's key that is in use under each of the roots. Idempotent.
 * @param rootKeyIds the first is that of the tenant's home, whose wraps applications open.
 * @throws RingfenceError what `KeyRoot.unwrap` throws where no wrap of a version opens, and `KeyRoot.wrap`.
 */
export const wrapUnder = async (
  root: KeyRoot,
  wraps: KeyWraps,
  tenantId: string,
  rootKeyIds: readonly [string, ...string[]],
): Promise<void> => {
  const known = await wraps.list(tenantId);
  for (const version of new Set(known.map((wrap) => wrap.version))) {
    const ofVersion = known.filter((wrap) => wrap.version === version);
    const lacking = [...new Set(rootKeyIds)].filter(
      (rootKeyId) => !ofVersion.some((wrap) => wrap.rootKeyId === rootKeyId),
    );
    if (lacking.length === 0) continue;
    const context = tenantKeyContext(tenantId, version);
    const secret = await unwrapAny(root, ofVersion);
    try {
      for (const rootKeyId of lacking)
        await wraps.put({
          tenantId,
          version,
          rootKeyId,
          wrapped: await root.wrap(rootKeyId, secret, context),
        });
    } finally {
      secret.fill(0);
    }
  }
  await wraps.lead(tenantId, rootKeyIds[0]);
};

/**
 * Wraps anew what is not wrapped for the key that the customer holds now, or for none. Idempotent.
 * @param root wraps for that key.
 * @throws RingfenceError what `KeyRoot.unwrap` and `wrap` throw; `customer_key_closed` for the former key or the new one.
 */
export const rewrapFor = async (
  root: KeyRoot,
  wraps: KeyWraps,
  tenantId: string,
  customerKeyId: string | null,
): Promise<void> => {
  for (const wrap of await wraps.list(tenantId)) {
    if ((customerKeyOf(wrap.wrapped) ?? null) === customerKeyId) continue;
    const context = tenantKeyContext(tenantId, wrap.version);
    const secret = await root.unwrap(wrap.rootKeyId, wrap.wrapped, context);
    try {
      await wraps.replace({ ...wrap, wrapped: await root.wrap(wrap.rootKeyId, secret, context) });
    } finally {
      secret.fill(0);
    }
  }
};

/** A wrap whose root is gone does not matter while another one opens. */
const unwrapAny = async (root: KeyRoot, wraps: readonly KeyWrap[]): Promise<Buffer> => {
  let first: unknown = new RingfenceError('key_not_found', 'there is no wrap of this version');
  for (const [at, { tenantId, version, rootKeyId, wrapped }] of wraps.entries()) {
    try {
      return await root.unwrap(rootKeyId, wrapped, tenantKeyContext(tenantId, version));
    } catch (error) {
      if (at === 0) first = error;
    }
  }
  throw first;
};
