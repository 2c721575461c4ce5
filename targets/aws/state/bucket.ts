import type { S3Client } from '@aws-sdk/client-s3';
import { connectS3 } from '../s3/connect.js';
import { isAbsent } from '../s3/errors.js';
import { deleteVersions } from '../s3/versions.js';
import { translateStateError } from './errors.js';
import { keysOfVersions } from './list-versions.js';
import type { StatePlace } from './place.js';

const PATIENCE = { attempts: 4, connectMs: 5_000, answerMs: 30_000, idleMs: 30_000 };

/** Objects below the prefix of a place, by their paths without it. Every failure is a RingfenceError. */
export interface StateBucket {
  /** Names in a folder that begin so. */
  names(folder: string, start: string): Promise<string[]>;
  /** Undefined where there is none. */
  read(path: string): Promise<string | undefined>;
  put(path: string, text: string): Promise<void>;
  /** @returns false where there is one already, which stays. */
  putOnce(path: string, text: string): Promise<boolean>;
  /** A bucket with versions keeps what it was. */
  remove(path: string): Promise<void>;
  /** Paths that begin so, of objects that are there and of those that only versions are left of. */
  everBelow(start: string): Promise<string[]>;
  /** Leaves no version. @throws RingfenceError object_locked */
  erase(path: string): Promise<void>;
}

const sdk = () => import('@aws-sdk/client-s3');

/** @param options.followRegionRedirects asks a bucket wherever it is. */
export const connectState = (
  { region }: StatePlace,
  env: NodeJS.ProcessEnv,
  options: { readonly followRegionRedirects?: boolean } = {},
): Promise<S3Client> => connectS3(env, PATIENCE, { ...options, region });

export const stateBucket = (place: StatePlace, env: NodeJS.ProcessEnv): StateBucket => {
  const { bucket: Bucket } = place;
  const root = place.prefix === '' ? '' : `${place.prefix}/`;
  let client: Promise<S3Client> | undefined;
  const asking = async <T>(ask: (client: S3Client) => Promise<T>): Promise<T> => {
    client ??= connectState(place, env);
    try {
      return await ask(await client);
    } catch (error) {
      throw translateStateError(error, place);
    }
  };

  return {
    names: (folder, start) =>
      asking(async (client) => {
        const { paginateListObjectsV2 } = await sdk();
        const names: string[] = [];
        const Prefix = `${root}${folder}/`;
        for await (const page of paginateListObjectsV2(
          { client },
          { Bucket, Prefix: Prefix + start, Delimiter: '/' },
        ))
          for (const { Key } of page.Contents ?? []) if (Key) names.push(Key.slice(Prefix.length));
        return names;
      }),

    read: (path) =>
      asking(async (client) => {
        const { GetObjectCommand } = await sdk();
        try {
          const { Body: body } = await client.send(new GetObjectCommand({ Bucket, Key: root + path }));
          return await body?.transformToString();
        } catch (error) {
          if (isAbsent(error)) return undefined;
          throw error;
        }
      }),

    put: (path, text) =>
      asking(async (client) => {
        const { PutObjectCommand } = await sdk();
        await client.send(new PutObjectCommand({ Bucket, Key: root + path, Body: text }));
      }),

    putOnce: (path, text) =>
      asking(async (client) => {
        const { PutObjectCommand } = await sdk();
        const put = new PutObjectCommand({ Bucket, Key: root + path, Body: text, IfNoneMatch: '*' });
        try {
          await client.send(put);
          return true;
        } catch (error) {
          // ConditionalRequestConflict: another process puts it at the same time.
          if (
            error instanceof Error &&
            /^(?:PreconditionFailed|ConditionalRequestConflict)$/.test(error.name)
          )
            return false;
          throw error;
        }
      }),

    remove: (path) =>
      asking(async (client) => {
        const { DeleteObjectCommand } = await sdk();
        await client.send(new DeleteObjectCommand({ Bucket, Key: root + path }));
      }),

    everBelow: (start) =>
      asking(async (client) => {
        const found = new Set<string>();
        for await (const key of keysOfVersions(client, Bucket, root + start))
          found.add(key.slice(root.length));
        return [...found];
      }),

    erase: (path) => asking((client) => deleteVersions(client, Bucket, root + path)),
  };
};
