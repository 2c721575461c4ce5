import { regionOfArn } from '../../core/arn.js';
import { clientLimits } from '../../core/aws-client-limits.js';
import { RingfenceError } from '../../core/errors.js';
import { awsKms } from './aws-kms.js';
import type { KeyRoot } from './key-root.js';

const PATIENCE = { attempts: 3, connectMs: 3_000, answerMs: 10_000 };

/** Root keys in AWS KMS, whatever region each of them is in. */
export interface AwsKmsRegions {
  /** Opens what any of them wrapped: an ARN names its region. It looks for no cell's root. */
  readonly anywhere: KeyRoot;
  /** The same, with the roots of cells in one region. */
  in(region: string): KeyRoot;
}

/** Credentials and endpoints come from AWS's own variables and files. Nothing is loaded or asked before a key is used. */
export const awsKmsRegions = (): AwsKmsRegions => {
  const opened = new Map<string, Promise<KeyRoot>>();
  const rootIn = (region: string): Promise<KeyRoot> => {
    const root = opened.get(region) ?? openIn(region);
    opened.set(region, root);
    return root;
  };
  const rootOf = async (arn: string): Promise<KeyRoot> => {
    const region = regionOfArn(arn);
    if (region !== undefined) return rootIn(region);
    throw new RingfenceError('key_not_found', `${JSON.stringify(arn)} is not the ARN of a key in AWS KMS`);
  };
  const anywhere: KeyRoot = {
    name: 'aws-kms',
    knows: (rootKeyId) => rootKeyId.startsWith('arn:'),
    ensureRoot: async (cell) => {
      throw new RingfenceError('key_not_found', `the region of the root key of cell ${cell} is not known`, {
        fix: `bring the cell up: ringfence cells up ${cell}`,
      });
    },
    wrap: async (rootKeyId, key, context) => (await rootOf(rootKeyId)).wrap(rootKeyId, key, context),
    unwrap: async (rootKeyId, wrapped, context) =>
      (await rootOf(rootKeyId)).unwrap(rootKeyId, wrapped, context),
    scheduleRootDeletion: async (rootKeyId) => (await rootOf(rootKeyId)).scheduleRootDeletion(rootKeyId),
    whereabouts: async (rootKeyId) => (await rootOf(rootKeyId)).whereabouts(rootKeyId),
  };
  return {
    anywhere,
    in: (region) => ({
      ...anywhere,
      ensureRoot: async (cell, options) => (await rootIn(region)).ensureRoot(cell, options),
    }),
  };
};

const openIn = async (region: string): Promise<KeyRoot> => {
  const { KMSClient } = await import('@aws-sdk/client-kms');
  return awsKms(new KMSClient({ region, ...clientLimits(PATIENCE) }));
};
