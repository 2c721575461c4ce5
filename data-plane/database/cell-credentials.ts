import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { createSecretFile, replaceSecretFile } from '../../core/files/secret-file.js';
import type { ContextKey } from '../access/context-token.js';

const CredentialsSchema = z.strictObject({
  appPassword: z.string().min(24),
  keeperPassword: z.string().min(24),
  contextKeyId: z.number().int().min(1).max(255),
  contextSecret: z.string().length(44),
});

/** The credentials of an application in a cell: the passwords of its logins and the key of context tokens. */
export interface CellCredentials {
  /** Of ringfence_app. */
  readonly appPassword: string;
  /** The password of ringfence_keeper, which puts ringfence_app back when a statement has changed it. */
  readonly keeperPassword: string;
  readonly contextKey: ContextKey;
}

/** Reads `<dir>/credentials.json` (0600), made at the first call. */
export const cellCredentials = (dir: string, random: Random = randomBytes): CellCredentials =>
  parse(dir, createSecretFile(fileOf(dir), textOf(makeCredentials(random))));

/** Replaces `<dir>/credentials.json` at once. */
export const replaceCellCredentials = (dir: string, credentials: CellCredentials): void =>
  replaceSecretFile(fileOf(dir), textOf(credentials));

type Random = (bytes: number) => Buffer;

export const makePassword = (random: Random = randomBytes): string => random(24).toString('base64url');

export const makeContextKey = (keyId: number, random: Random = randomBytes): ContextKey => ({
  keyId,
  secret: random(32),
});

const makeCredentials = (random: Random): CellCredentials => ({
  appPassword: makePassword(random),
  keeperPassword: makePassword(random),
  contextKey: makeContextKey(1, random),
});

const fileOf = (dir: string): string => join(dir, 'credentials.json');

const textOf = ({ appPassword, keeperPassword, contextKey }: CellCredentials): string => {
  const { keyId: contextKeyId, secret } = contextKey;
  const fields = { appPassword, keeperPassword, contextKeyId, contextSecret: secret.toString('base64') };
  return `${JSON.stringify(fields, null, 2)}\n`;
};

const parse = (dir: string, text: string): CellCredentials => {
  try {
    const found = CredentialsSchema.parse(JSON.parse(text));
    const { appPassword, keeperPassword, contextKeyId: keyId, contextSecret } = found;
    return {
      appPassword,
      keeperPassword,
      contextKey: { keyId, secret: Buffer.from(contextSecret, 'base64') },
    };
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${fileOf(dir)} is damaged`, {
      fix: 'restore it from its copy',
      cause,
    });
  }
};
