import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliProject, openCliProject } from '../support/cli.js';

let project: CliProject;
let server: Server;
let env: Record<string, string>;
const objects = new Map<string, Buffer>();
/** What the store does to what it keeps. */
let spoil = (bytes: Buffer): Buffer => bytes;

/** A store of another maker, as far as doctor asks it: it knows no checksums of S3. */
const answer = async (request: IncomingMessage): Promise<[status: number, body: string | Buffer]> => {
  const url = new URL(request.url ?? '', 'http://store');
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const key = url.pathname.split('/').slice(2).join('/');
  if (request.method === 'PUT') {
    const hasChecksum = Object.keys(request.headers).some((name) =>
      /^x-amz-(?:trailer|checksum-|sdk-checksum)/.test(name),
    );
    if (hasChecksum)
      return [
        501,
        '<Error><Code>NotImplemented</Code><Message>A header is not implemented</Message></Error>',
      ];
    objects.set(key, Buffer.concat(parts));
    return [200, ''];
  }
  if (request.method === 'DELETE') {
    objects.delete(key);
    return [204, ''];
  }
  if (url.searchParams.has('object-lock'))
    return [404, '<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>'];
  if (url.searchParams.has('uploads'))
    return [200, '<ListMultipartUploadsResult></ListMultipartUploadsResult>'];
  if (url.searchParams.has('versions')) {
    const prefix = url.searchParams.get('prefix') ?? '';
    const versions = [...objects.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => `<Version><Key>${name}</Key><VersionId>null</VersionId></Version>`);
    return [200, `<ListVersionsResult>${versions.join('')}</ListVersionsResult>`];
  }
  if (key === '') return [200, '<ListBucketResult></ListBucketResult>'];
  const found = objects.get(key);
  return found ? [200, spoil(found)] : [404, '<Error><Code>NoSuchKey</Code></Error>'];
};

beforeAll(async () => {
  project = openCliProject();
  server = createServer((request, response) => {
    answer(request).then(([status, body]) => response.writeHead(status).end(body));
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  env = {
    RINGFENCE_OBJECTS: 's3://copias',
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  expect(await project.purge()).toEqual([]);
});

const doctor = async (more: Record<string, string> = {}) => {
  const { stdout } = await project.run(['doctor', '--json'], { env: { ...env, ...more } });
  const { checks } = JSON.parse(stdout) as { checks: { name: string }[] };
  return checks.find(({ name }) => name === 'objects');
};

test('doctor tries what a backup does, and names the setting that a store without checksums needs', async () => {
  expect(await doctor()).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('501 NotImplemented'),
    fix: expect.stringContaining('AWS_REQUEST_CHECKSUM_CALCULATION=when_required'),
  });
  expect(objects.size).toBe(0);
  expect(await doctor({ AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required' })).toMatchObject({
    status: 'ok',
    detail: expect.stringContaining('put, read and removed'),
  });
  expect(objects.size).toBe(0);
});

test('doctor notices a store that gives back other bytes', async () => {
  spoil = (bytes) => Buffer.from(bytes.map((byte) => byte ^ 1));
  const found = await doctor({ AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required' });
  expect(found).toMatchObject({ status: 'fail', detail: expect.stringContaining('other bytes') });
  expect(objects.size).toBe(0);
});
