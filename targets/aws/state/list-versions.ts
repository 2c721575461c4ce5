import type { ListObjectVersionsCommandOutput, S3Client } from '@aws-sdk/client-s3';

/** Keys that begin so, once for each version and delete marker. The SDK has no paginator for it. */
export async function* keysOfVersions(
  client: S3Client,
  bucket: string,
  start: string,
): AsyncGenerator<string> {
  const { ListObjectVersionsCommand } = await import('@aws-sdk/client-s3');
  for (let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}; next !== undefined; ) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: start, ...next }),
    );
    for (const { Key } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])])
      if (Key !== undefined) yield Key;
    const { NextKeyMarker: keyMarker, NextVersionIdMarker: idMarker } = page;
    next =
      page.IsTruncated && keyMarker !== undefined
        ? { KeyMarker: keyMarker, ...(idMarker === undefined ? {} : { VersionIdMarker: idMarker }) }
        : undefined;
  }
}
