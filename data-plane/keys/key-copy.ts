import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import type { ObjectStore } from '../objects/object-store.js';
import { readObject, writeObject } from '../objects/whole-object.js';
import type { WrappedKeyRecord } from './wrapped-key-store.js';

const COPY_MAX_BYTES = 16 * 1024;
const NAME = /^([0-9a-f-]{36})\/keys\/([1-9][0-9]{0,9})\.json$/;

const schema = z.strictObject({
  format: z.literal('ringfence-wrapped-key'),
  version: z.literal(1),
  tenantId: z.guid(),
  keyVersion: z.int().min(1),
  rootKeyId: z.string().min(1),
  wrapped: z.base64(),
  createdAt: z.coerce.date(),
});

/** A copy of a wrapped key that is in use: it always has its bytes. */
export type KeyCopy = WrappedKeyRecord & { readonly wrapped: Buffer };

/** The place of a wrapped tenant key's copy: below the tenant's archives, so that it is deleted with them. */
export const keyCopyKey = (tenantId: string, version: number): string => `${tenantId}/keys/${version}.json`;

/** Says whether an object is such a copy. */
export const isKeyCopy = (objectKey: string): boolean => NAME.test(objectKey);

/**
 * Puts a copy of a wrapped key beside the tenant's archives (docs/formats.md, copy of a wrapped key). With the root key it is
 * all that they need, so that they open when the control database is gone. It is never locked: an erasure deletes it.
 */
export const putKeyCopy = async (store: ObjectStore, record: KeyCopy): Promise<void> => {
  const { tenantId, version, rootKeyId, wrapped, createdAt } = record;
  const copy = {
    format: 'ringfence-wrapped-key',
    version: 1,
    tenantId,
    keyVersion: version,
    rootKeyId,
    wrapped: wrapped.toString('base64'),
    createdAt,
  };
  await writeObject(store, keyCopyKey(tenantId, version), Buffer.from(`${JSON.stringify(copy, null, 2)}\n`));
};

/** Every copy below `tenantId`, or of every tenant. @throws RingfenceError `backup_refused`, naming the object, for a damaged one. */
export async function* listKeyCopies(store: ObjectStore, tenantId?: string): AsyncGenerator<KeyCopy> {
  for await (const { key } of store.list(tenantId === undefined ? '' : `${tenantId}/keys/`))
    if (isKeyCopy(key)) yield await readKeyCopy(store, key);
}

const readKeyCopy = async (store: ObjectStore, objectKey: string): Promise<KeyCopy> => {
  try {
    const bytes = await readObject(store, objectKey, COPY_MAX_BYTES);
    const copy = schema.parse(JSON.parse(bytes.toString('utf8')));
    if (keyCopyKey(copy.tenantId, copy.keyVersion) !== objectKey)
      throw new RingfenceError('backup_refused', 'it names another key');
    return {
      tenantId: copy.tenantId,
      version: copy.keyVersion,
      rootKeyId: copy.rootKeyId,
      wrapped: Buffer.from(copy.wrapped, 'base64'),
      createdAt: copy.createdAt,
      destroyedAt: null,
    };
  } catch (cause) {
    if (cause instanceof RingfenceError && cause.code !== 'backup_refused') throw cause;
    throw new RingfenceError('backup_refused', `the copy of a wrapped key ${objectKey} is damaged`, {
      fix: 'delete that object; where the control database is there, `ringfence backups run` puts it anew',
      cause,
    });
  }
};
