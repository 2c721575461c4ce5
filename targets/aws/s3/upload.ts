import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Upload } from '@aws-sdk/lib-storage';
import { isAbsent, translateS3Error } from './errors.js';

/** Two of these are in memory at a time. S3 takes 10,000 parts, so an object has at most 160 GB. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_AT_ONCE = 2;

type Params = ConstructorParameters<typeof Upload>[0]['params'];

/**
 * Puts the content of the source, in parts where it is large. A failure leaves nothing, not even parts. Where the store
 * cannot be reached any more, `abortStaleUploads` removes the parts later.
 *
 * @returns the number of bytes.
 * @throws the source's error as it is; a RingfenceError otherwise.
 */
export const upload = async (
  client: S3Client,
  params: Omit<Params, 'Body'>,
  source: AsyncIterable<Uint8Array>,
  partBytes = PART_BYTES,
): Promise<number> => {
  const { Upload: Upload_ } = await import('@aws-sdk/lib-storage');
  let bytes = 0;
  let failed: { readonly error: unknown } | undefined;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const part of source) {
        bytes += part.length;
        yield part;
      }
    } catch (error) {
      failed = { error };
      throw error;
    }
  };
  const body = Readable.from(counted(), { objectMode: false });
  const putting = new Upload_({
    client,
    params: { ...params, Body: body },
    partSize: partBytes,
    queueSize: PARTS_AT_ONCE,
  });
  try {
    await putting.done();
    return bytes;
  } catch (error) {
    // The library aborts when a part fails, and not when the completion does.
    if (putting.uploadId !== undefined) await abort(client, params, putting.uploadId).catch(() => undefined);
    throw failed === undefined ? translateS3Error(error) : failed.error;
  } finally {
    body.destroy();
  }
};

const abort = async (
  client: S3Client,
  { Bucket, Key }: Pick<Params, 'Bucket' | 'Key'>,
  UploadId: string,
): Promise<void> => {
  const { AbortMultipartUploadCommand } = await import('@aws-sdk/client-s3');
  try {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
};

/** Removes the parts of uploads below a prefix that were begun before a time: their processes were killed. */
export const abortStaleUploads = async (
  client: S3Client,
  bucket: string,
  prefix: string,
  before: Date,
): Promise<void> => {
  const { ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3');
  const { Uploads: uploads = [] } = await client.send(
    new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }),
  );
  for (const { Key: key, UploadId: id, Initiated: begun } of uploads) {
    if (key === undefined || id === undefined || begun === undefined || begun >= before) continue;
    await abort(client, { Bucket: bucket, Key: key }, id);
  }
};
