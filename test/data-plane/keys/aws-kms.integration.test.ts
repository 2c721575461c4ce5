import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
  ListKeysCommand,
  ReplicateKeyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, describe, expect, it } from 'vitest';
import { awsKms } from '../../../data-plane/keys/aws-kms.js';
import { findMinistack, startMinistack } from '../../support/ministack.js';
import { keyRootConformance } from './key-root.conformance.js';
import { TENANT_A } from './samples.js';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const program = await findMinistack();
const context = { tenant: TENANT_A, version: '1' };

const clientOf = (endpoint: string): KMSClient =>
  new KMSClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });

if (program === undefined) {
  describe.skip('AWS KMS (skipped: ministack cannot be installed here)', () => {
    it('keeps the obligations of a KeyRoot', () => undefined);
  });
} else {
  const aws = await startMinistack(program);
  const client = clientOf(aws.endpoint);
  afterAll(async () => {
    client.destroy();
    await aws.stop();
  });
  // ministack's cipher is an XOR: it checks context and key state, and neither root nor tag.
  keyRootConformance('AWS KMS', async () => awsKms(client), { authenticates: false });

  describe('AWS KMS', () => {
    it('asks for keys in the region of the client', async () => {
      expect(await awsKms(client).ensureRoot('kms-region', { mayCreate: true })).toMatch(
        /^arn:aws:kms:eu-central-1:/,
      );
    });

    it('is in the region of its ARN, and a key of many regions in each of them', async () => {
      const { KeyMetadata: made } = await client.send(new CreateKeyCommand({ MultiRegion: true }));
      const arn = made?.Arn ?? '';
      await client.send(new ReplicateKeyCommand({ KeyId: arn, ReplicaRegion: 'us-east-1' }));
      expect(await awsKms(client).whereabouts(arn)).toEqual([
        {
          what: `root key ${arn}`,
          answer: 'region',
          region: 'eu-central-1',
          evidence: `kms:DescribeKey: ${arn}`,
        },
        {
          what: `copy of root key ${arn}`,
          answer: 'region',
          region: 'us-east-1',
          evidence: `kms:DescribeKey: ${arn.replace('eu-central-1', 'us-east-1')}`,
        },
      ]);
    });

    it('opens and wraps nothing with a disabled key, and names the fix', async () => {
      const root = awsKms(client);
      const id = await root.ensureRoot('kms-disabled', { mayCreate: true });
      const wrapped = await root.wrap(id, Buffer.alloc(32, 1), context);
      await client.send(new DisableKeyCommand({ KeyId: id }));
      const denied = { code: 'key_access_denied', fix: expect.stringContaining('enable-key') };
      await expect(root.unwrap(id, wrapped, context)).rejects.toMatchObject(denied);
      await expect(root.wrap(id, Buffer.alloc(32, 1), context)).rejects.toMatchObject(denied);
      await expect(root.ensureRoot('kms-disabled', { mayCreate: true })).rejects.toMatchObject(denied);
    });

    it('leaves no key behind when another run won the alias', async () => {
      const usable = async (): Promise<number> => {
        const { Keys: all = [] } = await client.send(new ListKeysCommand({}));
        const described = await Promise.all(
          all.map(({ KeyId }) => client.send(new DescribeKeyCommand({ KeyId }))),
        );
        return described.filter(({ KeyMetadata }) => KeyMetadata?.KeyState === 'Enabled').length;
      };
      const before = await usable();
      const runs = [1, 2, 3, 4].map(() => awsKms(client).ensureRoot('kms-race', { mayCreate: true }));
      expect(new Set(await Promise.all(runs)).size).toBe(1);
      expect(await usable()).toBe(before + 1);
    });

    it('refuses a wrapped value that is not a tenant key', async () => {
      const root = awsKms(client);
      const id = await root.ensureRoot('kms-foreign', { mayCreate: true });
      const input = { KeyId: id, Plaintext: Buffer.alloc(5), EncryptionContext: context };
      const { CiphertextBlob: blob } = await client.send(new EncryptCommand(input));
      await expect(root.unwrap(id, Buffer.from(blob ?? []), context)).rejects.toMatchObject({
        code: 'envelope_refused',
      });
    });

    it('is kms_unavailable when nothing answers', async () => {
      const root = awsKms(clientOf('http://127.0.0.1:9'));
      const id = 'arn:aws:kms:eu-central-1:000000000000:key/none';
      await expect(root.unwrap(id, Buffer.alloc(32), context)).rejects.toMatchObject({
        code: 'kms_unavailable',
      });
      await expect(root.ensureRoot('kms-down', { mayCreate: true })).rejects.toMatchObject({
        code: 'kms_unavailable',
      });
    });
  });
}
