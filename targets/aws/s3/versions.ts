import type { ListObjectVersionsCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { RingfenceError } from '../../../core/errors.js';
import { isAbsent, isRefused } from './errors.js';

interface Version {
  readonly id: string;
  readonly modifiedAt: number;
}

/**
 * Removes every version of an object and every delete marker, oldest first: when one of them is locked, `get` still gives
 * the same content.
 *
 * @throws RingfenceError object_locked, saying until when
 */
export const deleteVersions = async (client: S3Client, bucket: string, key: string): Promise<void> => {
  const { DeleteObjectCommand } = await import('@aws-sdk/client-s3');
  const versions = await versionsOf(client, bucket, key);
  for (const { id } of versions.sort((a, b) => a.modifiedAt - b.modifiedAt)) {
    try {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: id }));
    } catch (error) {
      if (isRefused(error)) await throwIfLocked(client, bucket, key, id, error);
      throw error;
    }
  }
};

/** A bucket that never had versioning gives the one version `null`. Longer keys with this prefix follow after it. */
const versionsOf = async (client: S3Client, bucket: string, key: string): Promise<Version[]> => {
  const { ListObjectVersionsCommand } = await import('@aws-sdk/client-s3');
  const versions: Version[] = [];
  for (let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}; next !== undefined; ) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...next }),
    );
    const entries = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    for (const { Key, VersionId: id, LastModified: modified } of entries) {
      if (Key === key && id !== undefined) versions.push({ id, modifiedAt: modified?.getTime() ?? 0 });
    }
    const { NextKeyMarker: keyMarker, NextVersionIdMarker: idMarker } = page;
    next =
      page.IsTruncated && keyMarker === key
        ? { KeyMarker: keyMarker, ...(idMarker === undefined ? {} : { VersionIdMarker: idMarker }) }
        : undefined;
  }
  return versions;
};

const throwIfLocked = async (
  client: S3Client,
  bucket: string,
  key: string,
  versionId: string,
  cause: unknown,
): Promise<void> => {
  const { HeadObjectCommand } = await import('@aws-sdk/client-s3');
  const head = await client
    .send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }))
    .catch((error: unknown) => {
      if (isAbsent(error) || isRefused(error)) return undefined;
      throw error;
    });
  if (head?.ObjectLockLegalHoldStatus === 'ON') {
    throw new RingfenceError(
      'object_locked',
      `the object ${key} is under a legal hold and cannot be deleted`,
      {
        fix: 'end the legal hold in S3 when its reason has ended, and try again',
        cause,
      },
    );
  }
  const until = head?.ObjectLockRetainUntilDate;
  if (until === undefined) return;
  const locked = `the object ${key} is locked (${head?.ObjectLockMode}) and cannot be deleted until ${until.toISOString()}`;
  throw new RingfenceError('object_locked', locked, { fix: 'try again then', cause });
};
