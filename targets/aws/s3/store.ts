import type { S3Client } from '@aws-sdk/client-s3';
import { RingfenceError } from '../../../core/errors.js';
import {
  assertObjectKey,
  assertRetainDays,
  type ObjectStore,
} from '../../../data-plane/objects/object-store.js';
import { isAbsent, isPastEnd, translateS3Error } from './errors.js';
import { assertLockSettings } from './lock.js';
import type { S3Place } from './place.js';
import { abortStaleUploads, upload } from './upload.js';
import { deleteVersions } from './versions.js';

/** An upload that was begun longer ago was left by a crash. */
const UPLOAD_MAX_AGE_MS = 24 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The store's dependencies. The client has region, credentials, retries and timeouts. */
export interface S3StoreOptions {
  /** Called when first needed, and by every operation. */
  readonly client: () => Promise<S3Client>;
  readonly now?: () => Date;
  /** Size of the parts of large objects, 5 MiB or more. Default 16 MiB. */
  readonly partBytes?: number;
}

const sdk = () => import('@aws-sdk/client-s3');

/**
 * Objects in a bucket of S3, below a prefix. `delete` removes all versions of an object, so that a bucket with
 * versioning keeps nothing of it.
 */
export const s3Store = (place: S3Place, options: S3StoreOptions): ObjectStore => {
  const { bucket } = place;
  const now = options.now ?? (() => new Date());
  const root = place.prefix === '' ? '' : `${place.prefix}/`;
  const nameOf = (key: string): string => {
    assertObjectKey(key);
    return root + key;
  };
  let settled: Promise<void> | undefined;
  /** Once a store: what the bucket locks, and what crashed runs left. */
  const settle = (client: S3Client): Promise<void> => {
    settled ??= (async () => {
      await assertLockSettings(client, place);
      const before = new Date(now().getTime() - UPLOAD_MAX_AGE_MS);
      await abortStaleUploads(client, bucket, root, before);
    })();
    settled.catch(() => {
      settled = undefined;
    });
    return settled;
  };

  return {
    name: 's3',

    async check() {
      await guarded(async () => {
        const { ListObjectsV2Command } = await sdk();
        const client = await options.client();
        await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: root, MaxKeys: 1 }));
        await assertLockSettings(client, place);
      });
    },

    async put(key, source, { retainDays } = {}) {
      const name = nameOf(key);
      if (retainDays !== undefined) assertRetainDays(retainDays);
      const client = await guarded(async () => {
        const opened = await options.client();
        await settle(opened);
        return opened;
      });
      const params = {
        Bucket: bucket,
        Key: name,
        ...(place.kmsKeyId === undefined
          ? {}
          : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: place.kmsKeyId }),
        ...(retainDays === undefined
          ? {}
          : {
              ObjectLockMode: 'COMPLIANCE' as const,
              ObjectLockRetainUntilDate: new Date(now().getTime() + retainDays * DAY_MS),
            }),
      };
      return upload(client, params, source, options.partBytes);
    },

    async get(key, startByte = 0) {
      const name = nameOf(key);
      try {
        const { GetObjectCommand } = await sdk();
        const client = await options.client();
        const range = startByte > 0 ? { Range: `bytes=${startByte}-` } : {};
        const { Body: body } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: name, ...range }),
        );
        return readFrom(body as AsyncIterable<Uint8Array>);
      } catch (error) {
        if (isPastEnd(error)) return readFrom([]);
        if (!isAbsent(error)) throw translateS3Error(error);
        throw new RingfenceError('backup_not_found', `there is no object ${key}`, { cause: error });
      }
    },

    async stat(key) {
      const name = nameOf(key);
      try {
        const { HeadObjectCommand } = await sdk();
        const client = await options.client();
        const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: name }));
        return { key, bytes: head.ContentLength ?? 0, modifiedAt: head.LastModified ?? new Date(0) };
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw translateS3Error(error);
      }
    },

    async *list(prefix) {
      try {
        const { paginateListObjectsV2 } = await sdk();
        const client = await options.client();
        for await (const page of paginateListObjectsV2(
          { client },
          { Bucket: bucket, Prefix: root + prefix },
        )) {
          for (const { Key, Size: bytes, LastModified: modifiedAt } of page.Contents ?? []) {
            if (Key === undefined || bytes === undefined || modifiedAt === undefined) continue;
            yield { key: Key.slice(root.length), bytes, modifiedAt };
          }
        }
      } catch (error) {
        throw translateS3Error(error);
      }
    },

    delete: async (key) => {
      const name = nameOf(key);
      await guarded(async () => deleteVersions(await options.client(), bucket, name));
    },
  };
};

async function* readFrom(body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  try {
    for await (const part of body) yield Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  } catch (error) {
    throw translateS3Error(error);
  }
}

const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw translateS3Error(error);
  }
};
