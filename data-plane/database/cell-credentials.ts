import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../tenants/errors.js';
import type { ContextKey } from '../access/context-token.js';
import { createSecretFile } from '../files/secret-file.js';

const CredentialsSchema = z.strictObject({
  appPassword: z.string().min(24),
  contextKeyId: z.number().int().min(1).max(255),
  contextSecret: z.string().length(44),
});

/** What an application needs to work in a cell: the password of ringfence_app and the key of context tokens. */
export interface CellCredentials {
  readonly appPassword: string;
  readonly contextKey: ContextKey;
}

/** Reads `<dir>/credentials.json` (0600), made at the first call. */
export const cellCredentials = (
  dir: string,
  random: (bytes: number) => Buffer = randomBytes,
): CellCredentials => {
  const fresh = {
    appPassword: random(24).toString('base64url'),
    contextKeyId: 1,
    contextSecret: random(32).toString('base64'),
  };
  const path = join(dir, 'credentials.json');
  try {
    const found = CredentialsSchema.parse(
      JSON.parse(createSecretFile(path, `${JSON.stringify(fresh, null, 2)}\n`)),
    );
    const secret = Buffer.from(found.contextSecret, 'base64');
    return { appPassword: found.appPassword, contextKey: { keyId: found.contextKeyId, secret } };
  } catch (cause) {
    if (cause instanceof RingfenceError) throw cause;
    throw new RingfenceError('config_invalid', `${path} is damaged`, {
      fix: 'restore it from its copy',
      cause,
    });
  }
};
