/** A request to AWS, as far as it tells what is asked for. */
export interface AwsRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Calls of S3 by method, and by a word of the query where there is one. */
const OF_BUCKET: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  HEAD: { '': 'HeadBucket' },
  GET: {
    'list-type': 'ListObjectsV2',
    versions: 'ListObjectVersions',
    uploads: 'ListMultipartUploads',
    'object-lock': 'GetObjectLockConfiguration',
    location: 'GetBucketLocation',
    replication: 'GetBucketReplication',
    versioning: 'GetBucketVersioning',
  },
  PUT: {
    versioning: 'PutBucketVersioning',
    'object-lock': 'PutObjectLockConfiguration',
    '': 'CreateBucket',
  },
};
const OF_OBJECT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GET: { '': 'GetObject' },
  HEAD: { '': 'HeadObject' },
  PUT: { partNumber: 'UploadPart', '': 'PutObject' },
  POST: { uploads: 'CreateMultipartUpload', uploadId: 'CompleteMultipartUpload' },
  DELETE: { uploadId: 'AbortMultipartUpload', '': 'DeleteObject' },
};

/**
 * Which call of AWS's API a request is, as `<service>:<operation>`, by the scope of its signature.
 * @throws Error for one of S3 that is not known here.
 */
export const callOf = ({ method, path, headers, body }: AwsRequest): string => {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([a-z0-9-]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  const target = headers['x-amz-target'];
  if (target !== undefined) return `${service}:${target.split('.').at(-1)}`;
  if (service !== 's3') return `${service}:${new URLSearchParams(body).get('Action') ?? path}`;
  const { pathname, searchParams } = new URL(path, 'http://s3');
  const [, , key = ''] = pathname.split('/');
  const known = (key === '' ? OF_BUCKET : OF_OBJECT)[method] ?? {};
  const word = Object.keys(known).find((named) => named !== '' && searchParams.has(named)) ?? '';
  const operation = known[word];
  if (operation === undefined) throw new Error(`${method} ${path} of S3 has no name`);
  return `s3:${operation}`;
};
