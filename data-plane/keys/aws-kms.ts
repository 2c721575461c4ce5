import type { KeyMetadata, KMSClient } from '@aws-sdk/client-kms';
import { byArn } from '../../core/arn.js';
import { RingfenceError } from '../../core/errors.js';
import type { Whereabouts } from '../../core/whereabouts.js';
import { isAlreadyThere, isNotThere, translateKmsError } from './aws-kms-errors.js';
import { assertOpaqueContext } from './encryption-context.js';
import { KEY_BYTES, type KeyRoot } from './key-root.js';

/** Settings of `awsKms`. Region, credentials, retries and timeouts are the client's. */
export interface AwsKmsOptions {
  /** The alias of a cell's root key is this and the cell's name. Default `alias/ringfence-`. */
  readonly aliasPrefix?: string;
  /** Days between giving up a root and its end, 7 to 30 (a limit of AWS). Default 7. */
  readonly deletionWaitDays?: number;
}

const sdk = () => import('@aws-sdk/client-kms');

/** Root keys in AWS KMS, found by alias. Root key ids are ARNs. Tenant keys never reach AWS but to be wrapped. */
export const awsKms = (client: KMSClient, options: AwsKmsOptions = {}): KeyRoot => {
  const aliasOf = (cell: string): string => `${options.aliasPrefix ?? 'alias/ringfence-'}${cell}`;

  const describe = async (keyId: string): Promise<KeyMetadata | undefined> => {
    const { DescribeKeyCommand } = await sdk();
    try {
      return (await client.send(new DescribeKeyCommand({ KeyId: keyId }))).KeyMetadata;
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
  };

  const create = async (cell: string): Promise<void> => {
    const { CreateAliasCommand, CreateKeyCommand, ScheduleKeyDeletionCommand } = await sdk();
    const { KeyMetadata: made } = await client.send(
      new CreateKeyCommand({
        Description: `Ringfence root key of cell ${cell}`,
        Tags: [{ TagKey: 'ringfence:cell', TagValue: cell }],
      }),
    );
    try {
      await client.send(new CreateAliasCommand({ AliasName: aliasOf(cell), TargetKeyId: made?.KeyId }));
    } catch (error) {
      // A key without the alias is never used: it goes, whether another run won or the alias is not allowed.
      await client.send(new ScheduleKeyDeletionCommand({ KeyId: made?.KeyId, PendingWindowInDays: 7 }));
      if (!isAlreadyThere(error)) throw error;
    }
  };

  return {
    name: 'aws-kms',
    // ARNs of other partitions begin so too (arn:aws-cn:, arn:aws-eusc:).
    knows: (rootKeyId) => rootKeyId.startsWith('arn:'),

    ensureRoot: (cell, { mayCreate }) =>
      translated(async () => {
        if (mayCreate && (await describe(aliasOf(cell))) === undefined) await create(cell);
        const found = await describe(aliasOf(cell));
        if (found?.Arn === undefined) throw rootMissing(cell, aliasOf(cell));
        if (found.Enabled) return found.Arn;
        throw new RingfenceError('key_access_denied', `the root key of cell ${cell} is ${found.KeyState}`, {
          fix: 'cancel the deletion if one is pending (aws kms cancel-key-deletion), then aws kms enable-key',
        });
      }),

    wrap: (rootKeyId, key, context) =>
      translated(async () => {
        assertOpaqueContext(context);
        assertKeyLength(key);
        const { EncryptCommand } = await sdk();
        const command = new EncryptCommand({ KeyId: rootKeyId, Plaintext: key, EncryptionContext: context });
        return Buffer.from((await client.send(command)).CiphertextBlob ?? []);
      }),

    unwrap: (rootKeyId, wrapped, context) =>
      translated(async () => {
        assertOpaqueContext(context);
        const { DecryptCommand } = await sdk();
        const input = { KeyId: rootKeyId, CiphertextBlob: wrapped, EncryptionContext: context };
        const { Plaintext: opened, KeyId: openedBy } = await client.send(new DecryptCommand(input));
        const key = Buffer.from(opened ?? []);
        opened?.fill(0);
        assertKeyLength(key);
        if (openedBy === rootKeyId) return key;
        throw new RingfenceError('envelope_refused', 'AWS KMS opened the wrapped key with another root key');
      }),

    scheduleRootDeletion: (rootKeyId) =>
      translated(async () => {
        const pending = await describe(rootKeyId);
        if (pending?.DeletionDate !== undefined) return pending.DeletionDate;
        const { ScheduleKeyDeletionCommand } = await sdk();
        const input = { KeyId: rootKeyId, PendingWindowInDays: options.deletionWaitDays ?? 7 };
        const { DeletionDate: ends } = await client.send(new ScheduleKeyDeletionCommand(input));
        if (ends !== undefined) return ends;
        throw new RingfenceError('kms_unavailable', 'AWS KMS did not say when the root key ends');
      }),

    whereabouts: (rootKeyId) =>
      translated(async () => {
        const key = await describe(rootKeyId);
        if (key) return placesOf(rootKeyId, key);
        throw new RingfenceError('key_not_found', `AWS KMS does not know the root key ${rootKeyId}`, {
          fix: 'check the account and the region of the credentials',
        });
      }),
  };
};

const CALL = 'kms:DescribeKey';

/** A key of many regions has its material in each of them; that of an external store is not in AWS. */
const placesOf = (rootKeyId: string, key: KeyMetadata): Whereabouts[] => {
  const { PrimaryKey: primary, ReplicaKeys: replicas = [] } = key.MultiRegionConfiguration ?? {};
  const others = [primary, ...replicas].filter((other) => other !== undefined && other.Arn !== key.Arn);
  return [
    byArn(`root key ${rootKeyId}`, key.Arn ?? '', CALL),
    ...others.map((other) => byArn(`copy of root key ${rootKeyId}`, other?.Arn ?? '', CALL)),
    ...(key.Origin === 'EXTERNAL_KEY_STORE'
      ? [
          {
            what: `material of root key ${rootKeyId}`,
            answer: 'unknown' as const,
            evidence: `${CALL}: it is in an external key store, which is not asked`,
          },
        ]
      : []),
  ];
};

const translated = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw translateKmsError(error);
  }
};

const assertKeyLength = (key: Buffer): void => {
  if (key.length === KEY_BYTES) return;
  throw new RingfenceError('envelope_refused', `a wrapped key holds ${KEY_BYTES} bytes, not ${key.length}`);
};

const rootMissing = (cell: string, alias: string): RingfenceError =>
  new RingfenceError('key_not_found', `cell ${cell} has no root key in AWS KMS (${alias})`, {
    fix: 'check the account and the region of the credentials; a deleted key cannot be made again',
  });
