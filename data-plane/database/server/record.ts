import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RingfenceError } from '../../../tenants/errors.js';
import { createSecretFile, readSecretFile, replaceSecretFile } from '../../files/secret-file.js';

/** What is known of a local server: `<dir>/server.json`, mode 0600, because it holds the superuser's password. */
const ServerRecordSchema = z.strictObject({
  dataDir: z.string(),
  port: z.number().int().min(1).max(65_535).nullable(),
  /** A port that the user asked for is never exchanged for another. */
  portPinned: z.boolean(),
  superuser: z.string(),
  password: z.string().min(24),
});
export type ServerRecord = z.infer<typeof ServerRecordSchema>;

const SUPERUSER = 'ringfence_admin';

const recordPath = (dir: string): string => join(dir, 'server.json');

/** Whether a server was begun in `dir`, be its record damaged. */
export const hasRecord = (dir: string): boolean => existsSync(recordPath(dir));

export const readRecord = (dir: string): ServerRecord | undefined => {
  const text = readSecretFile(recordPath(dir));
  return text === undefined ? undefined : parse(dir, text);
};

/** Creates the record once; of two processes at the same time, both get the winner's. */
export const createRecord = (
  dir: string,
  fields: { dataDir: string; port: number | undefined },
  random: (bytes: number) => Buffer = randomBytes,
): ServerRecord => {
  const record: ServerRecord = {
    dataDir: fields.dataDir,
    port: fields.port ?? null,
    portPinned: fields.port !== undefined,
    superuser: SUPERUSER,
    password: random(24).toString('base64url'),
  };
  return parse(dir, createSecretFile(recordPath(dir), serialise(record)));
};

export const updateRecord = (dir: string, record: ServerRecord): void =>
  replaceSecretFile(recordPath(dir), serialise(record));

const serialise = (record: ServerRecord): string => `${JSON.stringify(record, null, 2)}\n`;

const parse = (dir: string, text: string): ServerRecord => {
  try {
    return ServerRecordSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RingfenceError('config_invalid', `${recordPath(dir)} is damaged`, {
      fix: 'restore the file from its copy: without it nobody knows the password of this server',
      cause,
    });
  }
};
