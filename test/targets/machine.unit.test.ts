import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { thisMachine } from '../../targets/machine.js';

describe('Where this machine is', () => {
  let document = '';
  const server = createServer((request, response) => {
    if (request.method === 'PUT') return void response.end('a token');
    const isKnown = request.headers['x-aws-ec2-metadata-token'] === 'a token';
    response.writeHead(isKnown ? 200 : 401).end(document);
  });
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    env = { RINGFENCE_MACHINE: 'ec2', AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` };
  });
  afterAll(() => void server.close());

  it('is what EC2 writes into the identity document of an instance', async () => {
    document = JSON.stringify({ region: 'eu-west-3', instanceId: 'i-1', availabilityZone: 'eu-west-3b' });
    expect(await thisMachine(env)).toMatchObject({ answer: 'region', region: 'eu-west-3' });
  });

  it('is unknown where nobody was named, nobody answers, or the answer is none', async () => {
    const unknown = { answer: 'unknown', evidence: expect.any(String) };
    expect(await thisMachine({ ...env, RINGFENCE_MACHINE: '' })).toMatchObject(unknown);
    for (const answer of ['<html>', '{"region": ""}', '']) {
      document = answer;
      expect(await thisMachine(env)).toMatchObject(unknown);
    }
    expect(
      await thisMachine({ ...env, AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9' }),
    ).toMatchObject(unknown);
  });

  it('is asked of no provider that Ringfence does not know', async () => {
    await expect(thisMachine({ RINGFENCE_MACHINE: 'moon' })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('moon'),
    });
  });
});
