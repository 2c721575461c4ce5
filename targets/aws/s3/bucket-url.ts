// As S3 names buckets; https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^(?:[a-zA-Z0-9_-][a-zA-Z0-9_.-]*(?:\/[a-zA-Z0-9_-][a-zA-Z0-9_.-]*)*)?$/;

/** What an address of the form `s3://<bucket>/<prefix>?<options>` says. */
export interface BucketUrl {
  readonly bucket: string;
  /** Without slashes at its ends; '' for the whole bucket. */
  readonly prefix: string;
  readonly options: Readonly<Record<string, string>>;
  /** What S3 would not take. */
  readonly problems: readonly string[];
}

/** Undefined for what has another form. */
export const readBucketUrl = (text: string): BucketUrl | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 's3:' || url.username !== '' || url.port !== '' || url.hash !== '') return undefined;
  const prefix = url.pathname.replace(/^\/|\/$/g, '');
  return {
    bucket: url.hostname,
    prefix,
    options: Object.fromEntries(url.searchParams),
    problems: [
      ...(BUCKET.test(url.hostname) ? [] : [`${url.hostname} is not the name of a bucket`]),
      ...(PREFIX.test(prefix) && !prefix.includes('..') && prefix.length <= 256
        ? []
        : [`the prefix ${prefix} has characters other than letters, digits, "_", "-", "." and "/"`]),
    ],
  };
};
