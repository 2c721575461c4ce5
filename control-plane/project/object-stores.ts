import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { folderStore } from '../../data-plane/objects/folder-store.js';
import { parseS3Place, type S3Place } from '../../data-plane/objects/s3/place.js';
import { s3Store } from '../../data-plane/objects/s3/store.js';
import type { ObjectStores } from '../../stacks/protocol/provider/dependencies.js';
import type { Project } from './project.js';

/** Backups in the project's own folder. */
const FOLDER = 'folder';
const CONNECT_MS = 5_000;
/** For a whole answer's head, and so for sending one part of a large object. */
const ANSWER_MS = 120_000;
/** Without a byte in either direction. */
const IDLE_MS = 60_000;
const ATTEMPTS = 4;

/**
 * The object stores of a project: S3 where RINGFENCE_OBJECTS names a bucket, else folders. Region, credentials and
 * endpoint of S3 come from AWS's own variables and files.
 *
 * @throws RingfenceError config_invalid
 */
export const objectStores = (project: Project, env: NodeJS.ProcessEnv): ObjectStores => {
  const setting = env.RINGFENCE_OBJECTS || undefined;
  const configured = setting === undefined ? undefined : parseS3Place(setting);
  let client: Promise<S3Client> | undefined;
  const openClient = (): Promise<S3Client> => {
    client ??= connect(env);
    return client;
  };
  const inBucket = (place: S3Place, cell: string) =>
    s3Store(
      { ...place, prefix: [place.prefix, cell].filter((part) => part !== '').join('/') },
      { client: openClient },
    );
  const stores = new Map<string, ReturnType<typeof folderStore>>();
  const open = (place: string, cell: string) => {
    if (place === FOLDER) return folderStore(join(project.home, 'objects', cell));
    const isConfigured = configured !== undefined && place === nameOf(configured);
    return inBucket(isConfigured ? configured : parseS3Place(place), cell);
  };
  const at: ObjectStores['at'] = (place, cell) => {
    const name = `${place} ${cell}`;
    const store = stores.get(name) ?? open(place, cell);
    stores.set(name, store);
    return store;
  };
  return {
    place: configured === undefined ? FOLDER : nameOf(configured),
    lockDays: configured?.lockDays,
    at,
    all: (place) => at(place, ''),
  };
};

/** Without the options, which may change while backups lie there. */
const nameOf = ({ bucket, prefix }: S3Place): string => `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;

const connect = async (env: NodeJS.ProcessEnv): Promise<S3Client> => {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
  return new Client({
    maxAttempts: ATTEMPTS,
    // Stand-ins and other makers' stores have no name for each bucket.
    forcePathStyle: (env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL) !== undefined,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      socketTimeout: IDLE_MS,
    },
  });
};
