import type { S3Client } from '@aws-sdk/client-s3';
import type { ObjectPlaces } from '../../target.js';
import { atEndpoint } from '../endpoint.js';
import { connectS3 } from './connect.js';
import { parseS3Place, type S3Place } from './place.js';
import { s3Store } from './store.js';
import { bucketWhereabouts } from './whereabouts.js';

const PATIENCE = {
  attempts: 4,
  connectMs: 5_000,
  /** For a whole answer's head, and so for sending one part of a large object. */
  answerMs: 120_000,
  idleMs: 60_000,
};

const SCHEME = 's3://';

/** Buckets of S3. Region, credentials and endpoint come from AWS's own variables and files. */
export const s3Objects = (env: NodeJS.ProcessEnv): ObjectPlaces => {
  const setting = env.RINGFENCE_OBJECTS ?? '';
  const configured = setting.startsWith(SCHEME) ? parseS3Place(setting) : undefined;
  let client: Promise<S3Client> | undefined;
  /** Asks a bucket wherever it is, as nothing else here does. */
  let wanderer: Promise<S3Client> | undefined;
  const openClient = (): Promise<S3Client> => {
    client ??= connectS3(env, PATIENCE);
    return client;
  };
  return {
    form: `${SCHEME}<bucket>/<prefix>`,
    chosen: configured && { place: nameOf(configured), lockDays: configured.lockDays },
    holds: (place) => place.startsWith(SCHEME),
    at(name, cell) {
      const isConfigured = configured !== undefined && name === nameOf(configured);
      const place = isConfigured ? configured : parseS3Place(name);
      const prefix = [place.prefix, cell].filter((part) => part !== '').join('/');
      return s3Store({ ...place, prefix }, { client: openClient });
    },
    async whereabouts(name) {
      wanderer ??= connectS3(env, PATIENCE, { followRegionRedirects: true });
      return bucketWhereabouts(await wanderer, parseS3Place(name).bucket, atEndpoint(env, 'S3'));
    },
  };
};

/** Leaves out the options, which may change while backups lie there. */
const nameOf = ({ bucket, prefix }: S3Place): string =>
  `${SCHEME}${bucket}${prefix === '' ? '' : `/${prefix}`}`;
