import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ObjectStore } from '../../../data-plane/objects/object-store.js';
import { removedOrLocked } from '../../../data-plane/objects/removed-or-locked.js';
import { s3Objects } from '../../../targets/aws/s3/objects.js';
import { parseS3Place, type S3Place } from '../../../targets/aws/s3/place.js';
import { s3Store } from '../../../targets/aws/s3/store.js';
import { objectStoreConformance, sourceOf } from '../../data-plane/objects/object-store.conformance.js';
import { findMinistack, startMinistack } from '../../support/ministack.js';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const MIB = 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;
const program = await findMinistack();

const clientOf = (endpoint: string, options: { requestTimeout?: number } = {}): S3Client =>
  new S3Client({
    endpoint,
    region: 'eu-central-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: { ...options, throwOnRequestTimeout: true },
  });

if (program === undefined) {
  describe.skip('S3 (skipped: ministack cannot be installed here)', () => {
    it('keeps the obligations of an ObjectStore', () => undefined);
  });
} else {
  const aws = await startMinistack(program);
  const client = clientOf(aws.endpoint);
  afterAll(async () => {
    client.destroy();
    await aws.stop();
  });
  const makeBucket = async (options: { versioned?: boolean; locks?: boolean } = {}): Promise<string> => {
    const Bucket = `b-${randomUUID()}`;
    await client.send(
      new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: options.locks === true }),
    );
    if (options.versioned) {
      const VersioningConfiguration = { Status: 'Enabled' as const };
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }
    return Bucket;
  };
  const open = (place: Partial<S3Place> & { bucket: string }, now = () => new Date()): ObjectStore =>
    s3Store({ prefix: 'backups/cell', ...place }, { client: async () => client, now, partBytes: 5 * MIB });
  const remains = async (Bucket: string): Promise<number> => {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    return Versions.length + DeleteMarkers.length + Uploads.length;
  };
  const refused = (code: string, message: RegExp) =>
    expect.objectContaining({ code, message: expect.stringMatching(message), fix: expect.any(String) });

  objectStoreConformance('S3', async () => open({ bucket: await makeBucket() }));
  objectStoreConformance('S3 with versioning', async () =>
    open({ bucket: await makeBucket({ versioned: true }) }),
  );
  objectStoreConformance('S3 with object lock', async () =>
    open({ bucket: await makeBucket({ locks: true }), lockDays: 7 }),
  );

  describe('S3', () => {
    it('leaves no parts of a large object whose source failed', async () => {
      const bucket = await makeBucket();
      const failure = new Error('the source failed');
      const parts = Array.from({ length: 13 }, () => Buffer.alloc(MIB));
      await expect(open({ bucket }).put('k', sourceOf(...parts, failure))).rejects.toBe(failure);
      expect(await remains(bucket)).toBe(0);
    });

    it('holds a few parts of a large object in memory, and not the object', async () => {
      const part = Buffer.alloc(MIB, 'x');
      let produced = 0;
      let mostBytes = 0;
      const source = async function* (): AsyncGenerator<Uint8Array> {
        for (; produced < 96; produced++) {
          mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers);
          yield Buffer.from(part);
        }
      };
      const before = process.memoryUsage().arrayBuffers;
      expect(await open({ bucket: await makeBucket() }).put('k', source())).toBe(96 * MIB);
      expect(mostBytes - before).toBeLessThan(64 * MIB);
    });

    it('removes uploads that killed runs left, and not those of other cells or of today', async () => {
      const bucket = await makeBucket();
      const begin = (Key: string) => client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
      await begin('backups/cell/left');
      await begin('backups/other/left');
      await open({ bucket }).put('k', sourceOf('x'));
      expect(await remains(bucket)).toBe(3);
      await open({ bucket }, () => new Date(Date.now() + 2 * DAY_MS)).put('k', sourceOf('x'));
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      expect(Uploads?.map(({ Key }) => Key)).toEqual(['backups/other/left']);
    });

    it('keeps nothing of a deleted object in a bucket with versioning, and no other object goes with it', async () => {
      const bucket = await makeBucket({ versioned: true });
      const store = open({ bucket });
      for (const text of ['1', '2', '3']) await store.put('k', sourceOf(text));
      await store.put('k2', sourceOf('x'));
      await store.delete('k');
      expect(await remains(bucket)).toBe(1);
      expect(await store.stat('k2')).toMatchObject({ bytes: 1 });
    });

    it('cannot delete what is locked, says until when, and stays as it was', async () => {
      const bucket = await makeBucket({ locks: true });
      const store = open({ bucket, lockDays: 7 });
      await store.put('k', sourceOf('x'), { retainDays: 7 });
      const until = new Date(Date.now() + 7 * DAY_MS).toISOString().slice(0, 10);
      await expect(store.delete('k')).rejects.toEqual(
        refused('object_locked', new RegExp(`COMPLIANCE.* until ${until}`)),
      );
      expect(await removedOrLocked(store, 'k')).toBe(false);
      expect(await store.stat('k')).toMatchObject({ bytes: 1 });
    });

    it('refuses locks that outlast the erasure promise, also those of the bucket', async () => {
      const bucket = await makeBucket({ locks: true });
      await expect(open({ bucket }).put('k', sourceOf('x'), { retainDays: 29 })).rejects.toEqual(
        refused('config_invalid', /29 days/),
      );
      const lockFor = (Days: number) =>
        client.send(
          new PutObjectLockConfigurationCommand({
            Bucket: bucket,
            ObjectLockConfiguration: {
              ObjectLockEnabled: 'Enabled',
              Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days } },
            },
          }),
        );
      await lockFor(29);
      await expect(open({ bucket }).put('k', sourceOf('x'))).rejects.toEqual(
        refused('config_invalid', /locks objects for 29 days/),
      );
      await expect(open({ bucket }).check()).rejects.toMatchObject({ code: 'config_invalid' });
      expect(await remains(bucket)).toBe(0);
      await lockFor(28);
      await open({ bucket }).put('k', sourceOf('x'));
    });

    it('refuses lockDays where the bucket has no object lock', async () => {
      const store = open({ bucket: await makeBucket(), lockDays: 7 });
      await expect(store.check()).rejects.toEqual(refused('config_invalid', /no object lock/));
    });

    it('is asked where a bucket is and where it is copied to, and says so in other regions too', async () => {
      for (const [name, value] of Object.entries({
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_REGION: 'eu-central-1',
        AWS_ENDPOINT_URL_S3: aws.endpoint,
      }))
        vi.stubEnv(name, value);
      const { whereabouts } = s3Objects({ AWS_ENDPOINT_URL_S3: aws.endpoint });
      const ask = async (bucket: string) =>
        (await whereabouts(`s3://${bucket}/prefix`)).map((found) =>
          found.answer === 'region' ? found.region : found.answer,
        );
      const [home, far, copied] = [
        await makeBucket(),
        `far-${randomUUID()}`,
        await makeBucket({ versioned: true }),
      ];
      const settings = {
        endpoint: aws.endpoint,
        forcePathStyle: true,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      };
      const american = new S3Client({ ...settings, region: 'us-east-1' });
      await american.send(new CreateBucketCommand({ Bucket: far }));
      const VersioningConfiguration = { Status: 'Enabled' as const };
      await american.send(new PutBucketVersioningCommand({ Bucket: far, VersioningConfiguration }));
      american.destroy();
      await client.send(
        new PutBucketReplicationCommand({
          Bucket: copied,
          ReplicationConfiguration: {
            Role: 'arn:aws:iam::123456789012:role/replication',
            Rules: [
              {
                Status: 'Enabled',
                Priority: 1,
                Filter: { Prefix: '' },
                DeleteMarkerReplication: { Status: 'Disabled' },
                Destination: { Bucket: `arn:aws:s3:::${far}` },
              },
            ],
          },
        }),
      );
      expect(await ask(home)).toEqual(['eu-central-1', 'none']);
      expect(await ask(far)).toEqual(['us-east-1', 'none']);
      expect(await ask(copied)).toEqual(['eu-central-1', 'us-east-1']);
      expect(await ask('there-is-none')).toEqual(['unknown', 'unknown']);
      vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://127.0.0.1:9');
      expect(
        (await s3Objects({ AWS_ENDPOINT_URL_S3: 'x' }).whereabouts(`s3://${home}`)).map(
          ({ answer }) => answer,
        ),
      ).toEqual(['unknown', 'unknown']);
      vi.unstubAllEnvs();
    });

    it('names a bucket that is not there, and one that does not answer', async () => {
      const gone = open({ bucket: 'there-is-none' });
      const absent = refused('object_store_unavailable', /no such bucket/);
      await expect(gone.put('k', sourceOf('x'))).rejects.toEqual(absent);
      await expect(gone.get('k')).rejects.toEqual(absent);
      await expect(gone.delete('k')).rejects.toEqual(absent);
      await expect(gone.check()).rejects.toEqual(absent);
      const unreachable = clientOf('http://127.0.0.1:9');
      const away = s3Store({ bucket: 'b', prefix: '' }, { client: async () => unreachable });
      await expect(away.get('k')).rejects.toEqual(refused('object_store_unavailable', /does not answer/));
    });
  });
}

describe('What S3 answers', () => {
  let answer: { status: number; code?: string } = { status: 500 };
  let slowMs = 0;
  let asked: IncomingHttpHeaders = {};
  const server = createServer((request, response) => {
    asked = request.headers;
    request.resume();
    setTimeout(() => {
      response.writeHead(answer.status, { 'content-type': 'application/xml' });
      response.end(answer.code && `<Error><Code>${answer.code}</Code><Message>no</Message></Error>`);
    }, slowMs);
  });
  let client: S3Client;
  let store: ObjectStore;
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    client = clientOf(`http://127.0.0.1:${port}`, { requestTimeout: 400 });
    store = s3Store({ bucket: 'bucket', prefix: '' }, { client: async () => client });
  });
  afterAll(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });

  it.each([
    [403, 'AccessDenied', 'permission_denied', /refuses access/],
    [403, 'InvalidAccessKeyId', 'permission_denied', /credentials/],
    [403, 'ExpiredToken', 'permission_denied', /credentials/],
    [400, 'KMS.DisabledException', 'permission_denied', /KMS key/],
    [404, 'NoSuchBucket', 'object_store_unavailable', /no such bucket/],
    [404, 'NoSuchKey', 'backup_not_found', /no object k/],
    [503, 'SlowDown', 'object_store_unavailable', /fewer requests/],
    [507, 'XMinioStorageFull', 'disk_full', /no space/],
    [500, 'InternalError', 'object_store_unavailable', /InternalError \(HTTP 500\)/],
    [501, 'NotImplemented', 'object_store_unavailable', /501 NotImplemented.*checksum/],
    [400, 'InvalidDigest', 'object_store_unavailable', /InvalidDigest \(HTTP 400\)/],
  ] as const)('%i %s is %s', async (status, code, expected, message) => {
    answer = { status, code };
    await expect(store.get('k')).rejects.toMatchObject({
      code: expected,
      message: expect.stringMatching(message),
    });
  });

  it('is asked to encrypt with the KMS key that is named', async () => {
    answer = { status: 200 };
    const sealed = s3Store(
      { bucket: 'bucket', prefix: '', kmsKeyId: 'alias/backups' },
      { client: async () => client },
    );
    await sealed.put('k', sourceOf('x'));
    expect(asked).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'alias/backups',
    });
  });

  it('is permission_denied when HEAD is refused without a word', async () => {
    answer = { status: 403 };
    await expect(store.stat('k')).rejects.toMatchObject({ code: 'permission_denied' });
  });

  it('is object_store_unavailable when it takes too long', async () => {
    answer = { status: 200 };
    slowMs = 1_500;
    await expect(store.get('k')).rejects.toMatchObject({ code: 'object_store_unavailable' });
    slowMs = 0;
  });
});

describe('RINGFENCE_OBJECTS', () => {
  it('is a bucket with or without a prefix and options', () => {
    expect(parseS3Place('s3://clinic-backups')).toEqual({ bucket: 'clinic-backups', prefix: '' });
    expect(parseS3Place('s3://clinic-backups/ringfence/eu/?lockDays=28&kmsKeyId=alias/backups')).toEqual({
      bucket: 'clinic-backups',
      prefix: 'ringfence/eu',
      lockDays: 28,
      kmsKeyId: 'alias/backups',
    });
  });

  it.each([
    ['/var/backups', /not of the form/],
    ['https://bucket/x', /not of the form/],
    ['s3://Not_a_bucket/x', /not the name of a bucket|not of the form/],
    ['s3://bucket/a%20b', /prefix/],
    ['s3://bucket/x?lockDays=29', /lockDays is at most 28: what is locked longer cannot be erased/],
    ['s3://bucket/x?lockDays=0', /lockDays is a whole number/],
    ['s3://bucket/x?lock=7', /lock/],
  ])('refuses %s', (text, message) => {
    expect(() => parseS3Place(text)).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(message) }),
    );
  });
});
