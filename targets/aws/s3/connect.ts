import type { S3Client } from '@aws-sdk/client-s3';
import { clientLimits } from '../../../core/aws-client-limits.js';

/** Stand-ins and other makers' stores have no name for each bucket: they are asked by path. */
export const isAskedByPath = (env: NodeJS.ProcessEnv): boolean =>
  (env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL) !== undefined;

/**
 * A client of S3. Credentials and endpoint come from AWS's own variables and files, and the region where none is given.
 * @param options.followRegionRedirects asks a bucket wherever it is.
 */
export const connectS3 = async (
  env: NodeJS.ProcessEnv,
  patience: Parameters<typeof clientLimits>[0],
  options: { readonly region?: string; readonly followRegionRedirects?: boolean } = {},
): Promise<S3Client> => {
  const { S3Client: Client } = await import('@aws-sdk/client-s3');
  return new Client({ ...options, ...clientLimits(patience), forcePathStyle: isAskedByPath(env) });
};
